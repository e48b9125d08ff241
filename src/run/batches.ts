import type { Encoded } from '../engine/engine.ts';
import type { ModelConfig } from '../model/config.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import { concatenate } from './concatenate.ts';
import type { CellResults, Prediction } from './results.ts';

/** Cells [from, to) of a batch, in buffers of their own. */
export function sliceBatch(batch: TokenBatch, from: number, to: number): TokenBatch {
  const begin = batch.cuSeqlens[from];
  const end = batch.cuSeqlens[to];
  return {
    rows: batch.rows.slice(from, to),
    cuSeqlens: batch.cuSeqlens.slice(from, to + 1).map((offset) => offset - begin),
    geneIds: batch.geneIds.slice(begin, end),
    ...(batch.values ? { values: batch.values.slice(begin, end) } : {}),
    withheld: batch.withheld.slice(from, to),
  };
}

/** Answers for the cells of `first`, then those of `second`. */
export function concatenateEncoded(first: Encoded, second: Encoded): Encoded {
  return {
    embedding: concatenate([first.embedding, second.embedding]),
    logits: Object.fromEntries(
      Object.entries(first.logits).map(([name, logits]) => [
        name,
        concatenate([logits, second.logits[name]]),
      ]),
    ),
    ...(first.hiddenStates && second.hiddenStates
      ? { hiddenStates: concatenate([first.hiddenStates, second.hiddenStates]) }
      : {}),
    ...(first.annotationStates && second.annotationStates
      ? { annotationStates: concatenate([first.annotationStates, second.annotationStates]) }
      : {}),
  };
}

/**
 * [cells, d] mean of the gene tokens' states: what the training reference is measured on, whatever
 * the pooling asked for. A cell without tokens has zeros.
 */
export function geneMeans(batch: TokenBatch, states: Float32Array, d: number): Float32Array<ArrayBuffer> {
  const cells = batch.rows.length;
  const means = new Float32Array(cells * d);
  const sum = new Float64Array(d);
  for (let cell = 0; cell < cells; cell++) {
    const begin = batch.cuSeqlens[cell];
    const end = batch.cuSeqlens[cell + 1];
    if (end === begin) continue;
    sum.fill(0);
    for (let token = begin; token < end; token++) {
      for (let i = 0; i < d; i++) sum[i] += states[token * d + i];
    }
    for (let i = 0; i < d; i++) means[cell * d + i] = sum[i] / (end - begin);
  }
  return means;
}

/** [cells, annotations, d] as one [cells, d] for each annotation. */
export function statesByName(
  { annotations, dModel: d }: ModelConfig,
  states: Float32Array,
): Record<string, Float32Array<ArrayBuffer>> {
  const names = Object.keys(annotations);
  const cells = names.length === 0 ? 0 : states.length / (names.length * d);
  return Object.fromEntries(
    names.map((name, k) => {
      const own = new Float32Array(cells * d);
      for (let cell = 0; cell < cells; cell++) {
        const at = (cell * names.length + k) * d;
        own.set(states.subarray(at, at + d), cell * d);
      }
      return [name, own];
    }),
  );
}

/** Results of consecutive batches as one. */
export function concatenateResults(parts: readonly CellResults[]): CellResults {
  const predictions = Object.fromEntries(
    Object.entries(parts[0]?.predictions ?? {}).map(([name, { classes }]): [string, Prediction] => [
      name,
      { classes, probabilities: concatenate(parts.map((part) => part.predictions[name].probabilities)) },
    ]),
  );
  const states = parts[0]?.annotationStates;
  const cells = parts.reduce((sum, part) => sum + part.rows.length, 0);
  const rows = new Uint32Array(cells);
  const withheld = new Uint8Array(cells);
  const tokens = new Uint32Array(cells);
  let at = 0;
  for (const part of parts) {
    rows.set(part.rows, at);
    withheld.set(part.withheld, at);
    tokens.set(part.tokens, at);
    at += part.rows.length;
  }
  return {
    rows,
    dimension: parts[0]?.dimension ?? 0,
    embedding: concatenate(parts.map((part) => part.embedding)),
    predictions,
    withheld,
    tokens,
    ...(states
      ? {
          annotationStates: Object.fromEntries(
            Object.keys(states).map((name) => [
              name,
              concatenate(parts.map((part) => part.annotationStates?.[name] ?? new Float32Array(0))),
            ]),
          ),
        }
      : {}),
  };
}
