import { padTo4 } from '../../gpu/buffers.ts';
import { MAX_BINDING_BYTES } from '../../gpu/device.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Precision } from '../engine.ts';
import { STORED_BYTES, type TableChunk } from './dispatch.ts';
import { totalClasses } from './plan.ts';

/** Embedding rows split so that no binding exceeds the limit. */
export function tableChunks(
  config: ModelConfig,
  bindingBytes = MAX_BINDING_BYTES,
  storage: Precision = 'f32',
): TableChunk[] {
  const rowBytes = STORED_BYTES[storage] * padTo4(config.dModel);
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

/** Bytes of all weights of the forward pass on the device: matrices as stored, vectors and heads float32. */
export function weightBytes(config: ModelConfig, storage: Precision = 'f32'): number {
  const { dModel, dHid, nLayers, nToken, maxPositionEmbeddings, bins, valueInput } = config;
  const d = padTo4(dModel);
  const hidden = padTo4(dHid);
  const matrices = d * padTo4(3 * dModel) + d * d + 2 * d * hidden;
  const vectors = padTo4(3 * dModel) + hidden + 6 * d;
  const values = valueInput === 'binned' ? (bins + 1) * d : valueInput === 'rank' ? 2 * d : 0;
  const stored = (nToken + maxPositionEmbeddings) * d + nLayers * matrices + values;
  const heads = (d + 1) * padTo4(totalClasses(config));
  return STORED_BYTES[storage] * stored + 4 * (nLayers * vectors + heads);
}

/** Values a row of the arena's widest buffer has: query, key and value, or the hidden layer. */
function wideColumns(config: ModelConfig): number {
  return Math.max(padTo4(3 * config.dModel), padTo4(config.dHid));
}

/** Rows whose widest activation still fits one binding. */
export function maxRows(config: ModelConfig): number {
  return Math.floor(MAX_BINDING_BYTES / 4 / wideColumns(config));
}

/** Bytes on the device for a slice of `tokens` rows: weights, the arena of activations, token ids. */
export function estimateDeviceBytes(config: ModelConfig, tokens: number, storage: Precision = 'f32'): number {
  const row = STORED_BYTES[storage] * (3 * padTo4(config.dModel) + wideColumns(config)) + 16;
  return weightBytes(config, storage) + tokens * row;
}
