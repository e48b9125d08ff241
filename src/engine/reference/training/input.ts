import type { ModelConfig } from '../../../model/config.ts';
import type { TrainBatch } from '../../trainer.ts';
import { type Parameters, valuesOf } from './parameters.ts';

/** One row of the encoder's input while training. Annotation tokens have neither position nor value. */
export interface TrainRow {
  readonly id: number;
  readonly position: number | null;
  readonly value: number | null;
  /** Index into `targets` of a hidden token. */
  readonly target: number | null;
}

/** Rows of each cell of a batch: annotation tokens, then its genes. */
export function batchRows(batch: TrainBatch, annotationIds: readonly number[]): TrainRow[][] {
  const { cuSeqlens, geneIds, values, masked } = batch;
  const targets = new Map(Array.from(masked, (token, i) => [token, i]));
  return Array.from({ length: cuSeqlens.length - 1 }, (_, cell) => {
    const rows: TrainRow[] = annotationIds.map((id) => ({ id, position: null, value: null, target: null }));
    for (let token = cuSeqlens[cell]; token < cuSeqlens[cell + 1]; token++)
      rows.push({
        id: geneIds[token],
        position: token - cuSeqlens[cell],
        value: values?.[token] ?? null,
        target: targets.get(token) ?? null,
      });
    return rows;
  });
}

/**
 * What a row is the sum of: rows of tables and multiples of vectors, each with its factor. The input is
 * Σ factor · tensor[offset …], and backward adds factor · cotangent to the same places.
 */
function termsOf(
  { id, position, value, target }: TrainRow,
  { dModel: d, valueInput }: ModelConfig,
): readonly { readonly tensor: string; readonly offset: number; readonly factor: number }[] {
  const terms = [{ tensor: 'embeddings.weight', offset: id * d, factor: 1 }];
  if (position === null) return terms;
  terms.push({ tensor: 'position_embeddings.weight', offset: position * d, factor: 1 });
  if (valueInput === 'none' || value === null) return terms;
  if (valueInput === 'binned')
    terms.push({ tensor: 'value_embeddings.weight', offset: value * d, factor: 1 });
  else if (target !== null) terms.push({ tensor: 'value_mask', offset: 0, factor: 1 });
  else
    terms.push(
      { tensor: 'value_projection.weight', offset: 0, factor: value },
      { tensor: 'value_projection.bias', offset: 0, factor: 1 },
    );
  return terms;
}

/** The encoder's input [rows, d]. */
export function inputForward(
  rows: readonly TrainRow[],
  config: ModelConfig,
  parameters: Parameters,
): Float64Array<ArrayBuffer> {
  const d = config.dModel;
  const x = new Float64Array(rows.length * d);
  for (const [r, row] of rows.entries())
    for (const { tensor, offset, factor } of termsOf(row, config)) {
      const values = valuesOf(parameters, tensor);
      for (let i = 0; i < d; i++) x[r * d + i] += factor * values[offset + i];
    }
  return x;
}

/** Adds the cotangent [rows, d] of the input to the tables that `gradients` has. */
export function inputBackward(
  rows: readonly TrainRow[],
  config: ModelConfig,
  cotangent: Float64Array,
  gradients: Parameters,
): void {
  const d = config.dModel;
  for (const [r, row] of rows.entries())
    for (const { tensor, offset, factor } of termsOf(row, config)) {
      const gradient = gradients.get(tensor);
      if (gradient === undefined) continue;
      for (let i = 0; i < d; i++) gradient[offset + i] += factor * cotangent[r * d + i];
    }
}
