import { padTo4 } from '../../gpu/buffers.ts';
import { MAX_BINDING_BYTES } from '../../gpu/device.ts';
import type { ModelConfig } from '../../model/config.ts';
import { type TableChunk, totalClasses } from './plan.ts';

/** Embedding rows split so that no binding exceeds the limit. */
export function tableChunks(config: ModelConfig, bindingBytes = MAX_BINDING_BYTES): TableChunk[] {
  const rowBytes = 4 * padTo4(config.dModel);
  const rowsPerChunk = Math.floor(bindingBytes / rowBytes);
  const chunks: TableChunk[] = [];
  for (let start = 0; start < config.nToken; start += rowsPerChunk)
    chunks.push({
      buffer: `embeddings.${chunks.length}`,
      start,
      end: Math.min(config.nToken, start + rowsPerChunk),
    });
  return chunks;
}

/** Bytes of all weights of the forward pass on the device, float32. */
export function weightBytes(config: ModelConfig): number {
  const { dModel, dHid, nLayers, nToken, maxPositionEmbeddings, bins, valueInput } = config;
  const d = padTo4(dModel);
  const hidden = padTo4(dHid);
  const layer = d * padTo4(3 * dModel) + d * d + 2 * d * hidden + padTo4(3 * dModel) + hidden + 6 * d;
  const values = valueInput === 'binned' ? (bins + 1) * d : valueInput === 'rank' ? 2 * d : 0;
  const heads = (d + 1) * padTo4(totalClasses(config));
  return 4 * ((nToken + maxPositionEmbeddings) * d + nLayers * layer + values + heads);
}

/** Values a row of the arena's widest buffer has: query, key and value, or the hidden layer. */
export function wideColumns(config: ModelConfig): number {
  return Math.max(padTo4(3 * config.dModel), padTo4(config.dHid));
}

/** Rows whose widest activation still fits one binding. */
export function maxRows(config: ModelConfig): number {
  return Math.floor(MAX_BINDING_BYTES / 4 / wideColumns(config));
}

/** Bytes on the device for a slice of `tokens` rows: weights and the arena of activations. */
export function estimateDeviceBytes(config: ModelConfig, tokens: number): number {
  const row = 3 * padTo4(config.dModel) + wideColumns(config) + 4;
  return weightBytes(config) + 4 * tokens * row;
}
