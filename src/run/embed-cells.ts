import type { Engine } from '../engine/engine.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import type { FrozenFeatures } from '../train/compare.ts';
import type { JobOptions } from './services.ts';

/** Cells of one call: progress comes this often. */
const AT_ONCE = 128;

/**
 * Gene-mean embeddings of some cells, in a matrix of all of them; the others' rows are zeros. Of a cell that was
 * tokenized for a model which reads more genes, the engine gets the first, as many as its own model reads: ranks are
 * the same, and so are bins, which are taken over all genes of a cell.
 * @param cells ascending
 * @throws EngineLostError, the signal's reason
 */
export async function embedCells(
  engine: Engine,
  tokens: TokenBatch,
  cells: Uint32Array,
  stage: string,
  { signal, onProgress }: JobOptions,
): Promise<FrozenFeatures> {
  const { dModel: d, maxPositionEmbeddings } = engine.config;
  const features = new Float32Array((tokens.cuSeqlens.length - 1) * d);
  for (let from = 0; from < cells.length; from += AT_ONCE) {
    signal?.throwIfAborted();
    const chosen = cells.subarray(from, from + AT_ONCE);
    const { embedding } = await engine.encode(pickCells(tokens, chosen, maxPositionEmbeddings), {
      pooling: 'gene_mean',
      ...(signal ? { signal } : {}),
    });
    chosen.forEach((cell, c) => {
      features.set(embedding.subarray(c * d, (c + 1) * d), cell * d);
    });
    onProgress?.({ stage, done: from + chosen.length, total: cells.length, unit: 'cells' });
  }
  return { features, dimension: d };
}

/** Some cells of a batch, in buffers of their own, and of each the first genes. */
function pickCells(tokens: TokenBatch, cells: Uint32Array, most: number): TokenBatch {
  const cuSeqlens = new Uint32Array(cells.length + 1);
  cells.forEach((cell, c) => {
    cuSeqlens[c + 1] = cuSeqlens[c] + Math.min(most, tokens.cuSeqlens[cell + 1] - tokens.cuSeqlens[cell]);
  });
  const geneIds = new Uint32Array(cuSeqlens[cells.length]);
  const values = tokens.values && new Float32Array(geneIds.length);
  cells.forEach((cell, c) => {
    const from = tokens.cuSeqlens[cell];
    const to = from + cuSeqlens[c + 1] - cuSeqlens[c];
    geneIds.set(tokens.geneIds.subarray(from, to), cuSeqlens[c]);
    if (values && tokens.values) values.set(tokens.values.subarray(from, to), cuSeqlens[c]);
  });
  return {
    rows: Uint32Array.from(cells, (cell) => tokens.rows[cell]),
    cuSeqlens,
    geneIds,
    ...(values ? { values } : {}),
    withheld: Uint8Array.from(cells, (cell) => tokens.withheld[cell]),
  };
}
