import type { ModelConfig } from '../../model/config.ts';
import type { ModelPackage } from '../../model/package.ts';
import type { TokenBatch } from '../../model/token-batch.ts';
import type { Encoded, EncodeOptions, Engine } from '../engine.ts';
import { checkBatch } from './check-batch.ts';
import { type EncoderWeights, embedRows, encodeRows, type InputRow } from './encoder.ts';
import { loadEncoderWeights } from './load-weights.ts';
import { linear } from './numerics.ts';

/** Lets timers and messages through (an abort, for one) between two cells. */
const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/**
 * The encoder in plain float64 TypeScript: what every other engine is measured against. One cell at
 * a time; the weights stay float32 in memory.
 */
export async function createReferenceEngine(
  pkg: Pick<ModelPackage, 'config' | 'vocabulary' | 'weights'>,
): Promise<Engine> {
  const weights = await loadEncoderWeights(pkg.config, pkg.weights);
  const annotationIds = pkg.vocabulary.annotationIds(Object.keys(pkg.config.annotations));
  return {
    description: { kind: 'reference', device: 'float64', software: true },
    config: pkg.config,
    encode: async (batch, options) => {
      const padId = options.pooling === 'all_positions' ? pkg.vocabulary.specialId('<pad>') : 0;
      return encodeBatch(pkg.config, weights, annotationIds, padId, batch, options);
    },
    destroy() {},
  };
}

async function encodeBatch(
  config: ModelConfig,
  weights: EncoderWeights,
  annotationIds: readonly number[],
  padId: number,
  batch: TokenBatch,
  options: EncodeOptions,
): Promise<Encoded> {
  checkBatch(batch, config);
  const d = config.dModel;
  const cells = batch.cuSeqlens.length - 1;
  const embedding = new Float32Array(cells * d);
  const logits = Object.fromEntries(
    weights.heads.map(({ name, classes }) => [name, new Float32Array(cells * classes)]),
  );
  const hiddenStates = new Float32Array(options.states ? batch.geneIds.length * d : 0);
  const annotationsAsked = options.states === true || options.annotationStates === true;
  const annotationStates = new Float32Array(annotationsAsked ? cells * annotationIds.length * d : 0);

  for (let cell = 0; cell < cells; cell++) {
    options.signal?.throwIfAborted();
    const genes = batch.cuSeqlens[cell + 1] - batch.cuSeqlens[cell];
    const first = annotationIds.length;
    const padded = options.pooling === 'all_positions' && genes > 0;
    const rows = cellRows(batch, cell, annotationIds, padded ? config.maxPositionEmbeddings : 0, padId);
    const keys = first + genes;
    const states = encodeRows(embedRows(rows, config, weights), rows.length, keys, config, weights);

    const pooled = options.pooling === 'first_gene' ? Math.min(1, genes) : rows.length - first;
    for (let i = 0; i < d && pooled > 0; i++) {
      let sum = 0;
      for (let row = first; row < first + pooled; row++) sum += states[row * d + i];
      embedding[cell * d + i] = sum / pooled;
    }
    for (const [k, head] of weights.heads.entries()) {
      const state = states.subarray(k * d, (k + 1) * d);
      logits[head.name].set(linear(state, 1, head.weight, head.bias, d, head.classes), cell * head.classes);
    }
    if (options.states) hiddenStates.set(states.subarray(first * d, keys * d), batch.cuSeqlens[cell] * d);
    if (annotationsAsked) annotationStates.set(states.subarray(0, first * d), cell * first * d);
    options.onCells?.(cell + 1);
    await breathe();
  }
  options.signal?.throwIfAborted();
  return {
    embedding,
    logits,
    ...(options.states ? { hiddenStates } : {}),
    ...(annotationsAsked ? { annotationStates } : {}),
  };
}

/** Annotation tokens, then the cell's genes, then `<pad>` up to `positions` gene slots. */
function cellRows(
  batch: TokenBatch,
  cell: number,
  annotationIds: readonly number[],
  positions: number,
  padId: number,
): InputRow[] {
  const rows: InputRow[] = annotationIds.map((id) => ({ id, position: null, value: null }));
  const start = batch.cuSeqlens[cell];
  const genes = batch.cuSeqlens[cell + 1] - start;
  for (let i = 0; i < genes; i++)
    rows.push({ id: batch.geneIds[start + i], position: i, value: batch.values?.[start + i] ?? null });
  for (let i = genes; i < positions; i++) rows.push({ id: padId, position: i, value: 0 });
  return rows;
}
