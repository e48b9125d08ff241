import { padRows, padTo4, unpadRows } from '../../../gpu/buffers.ts';
import type { Precision } from '../../engine.ts';
import { embedRows, type InputRow } from '../../reference/encoder.ts';
import * as reference from '../../reference/numerics.ts';
import { STORED_BYTES } from '../dispatch.ts';
import { NO_POSITION, VALUE_FLAG, valueConstants } from '../kernels/embedding/embedding.ts';

import { dispatchOf, fromStored, type KernelCase, randomFloats, rounded, toStored } from './kernel-case.ts';

export function layerNormCase(
  rows: number,
  columns: number,
  seed: number,
  storage: Precision = 'f32',
): KernelCase {
  // A mean far from zero: a one-pass variance would lose its digits here.
  const drawn = randomFloats(seed, rows * columns).map((v) => 3 + v);
  const x = rounded(drawn, storage);
  const weight = randomFloats(seed + 1, columns);
  const bias = randomFloats(seed + 2, columns);
  return {
    label: `layer-norm ${rows}×${columns} ${storage}`,
    dispatch: dispatchOf(
      {
        kernel: 'layer-norm',
        constants: {},
        storage,
        uniforms: { rows, columns, stride4: padTo4(columns) / 4, eps: 1e-5 },
      },
      ['x', 'weight', 'bias', 'y'],
    ),
    inputs: {
      x: toStored(padRows(x, rows, columns), storage),
      weight: padRows(weight, 1, columns),
      bias: padRows(bias, 1, columns),
    },
    outputs: { y: STORED_BYTES[storage] * rows * padTo4(columns) },
    answer: 'y',
    extract: (y) => unpadRows(fromStored(y, storage), rows, columns),
    expected: reference.layerNorm(Float64Array.from(x), rows, columns, weight, bias, 1e-5),
  };
}

export interface EmbeddingShape {
  readonly dModel: number;
  readonly rows: number;
  readonly valueInput: 'none' | 'binned' | 'rank';
}

/**
 * Ids of a chunk [7, 20) of a table of 30; rows with ids outside it stay zero. Of values of X rank every
 * third is hidden, and row 1 of the value table is in its place.
 */
export function embeddingCase(
  { dModel: d, rows, valueInput }: EmbeddingShape,
  seed: number,
  storage: Precision = 'f32',
): KernelCase {
  const [start, end, bins] = [7, 20, 9];
  const table = rounded(randomFloats(seed, 30 * d), storage);
  const positions = rounded(randomFloats(seed + 1, rows * d), storage);
  const value = rounded(randomFloats(seed + 2, (bins + 1) * d), storage);
  const valueBias = rounded(randomFloats(seed + 3, d), storage);
  const draws = randomFloats(seed + 4, 2 * rows);
  const isHidden = (row: number) => valueInput === 'rank' && row % 3 === 1;
  const tokens: InputRow[] = Array.from({ length: rows }, (_, row) => {
    const annotation = row % 5 === 0;
    const raw = draws[2 * row + 1];
    const drawn = valueInput === 'binned' ? Math.floor(((raw + 1) / 2) * (bins + 1)) % (bins + 1) : raw;
    return {
      id: Math.floor(((draws[2 * row] + 1) / 2) * 30) % 30,
      position: annotation ? null : rows - 1 - row,
      value: annotation || valueInput === 'none' || isHidden(row) ? null : drawn,
    };
  });
  const input = new Uint32Array(4 * rows);
  const bits = new Float32Array(input.buffer);
  for (const [row, token] of tokens.entries()) {
    const hidden = isHidden(row);
    const flag = hidden ? VALUE_FLAG.masked : token.value === null ? VALUE_FLAG.none : VALUE_FLAG.present;
    input.set([token.id, token.position ?? NO_POSITION, 0, flag], 4 * row);
    bits[4 * row + 2] = hidden ? draws[2 * row] : (token.value ?? 0);
  }
  const weights = {
    embeddings: table,
    positions,
    value: valueInput === 'none' ? null : value,
    valueBias: valueInput === 'rank' ? valueBias : null,
    layers: [],
    heads: [],
  };
  const expected = embedRows(tokens, { dModel: d }, weights);
  for (const [row, { id }] of tokens.entries()) {
    if (isHidden(row)) for (let i = 0; i < d; i++) expected[row * d + i] += value[d + i];
    if (id < start || id >= end) expected.fill(0, row * d, (row + 1) * d);
  }
  return {
    label: `embedding ${rows}×${d} ${valueInput} ${storage}`,
    dispatch: dispatchOf(
      {
        kernel: 'embedding',
        constants: valueConstants(valueInput),
        storage,
        uniforms: { rows, stride4: padTo4(d) / 4, id_start: start, id_end: end },
      },
      ['table', 'input', 'positions', 'value_table', 'value_bias', 'x'],
    ),
    inputs: {
      table: toStored(padRows(table.subarray(start * d, end * d), end - start, d), storage),
      input,
      positions: toStored(padRows(positions, rows, d), storage),
      value_table: toStored(padRows(value, bins + 1, d), storage),
      value_bias: toStored(padRows(valueBias, 1, d), storage),
    },
    outputs: { x: STORED_BYTES[storage] * rows * padTo4(d) },
    answer: 'x',
    extract: (x) => unpadRows(fromStored(x, storage), rows, d),
    expected,
  };
}

export function meanRowsCase(
  ranges: readonly (readonly [first: number, rows: number])[],
  columns: number,
  seed: number,
  storage: Precision = 'f32',
): KernelCase {
  const rows = Math.max(...ranges.map(([first, count]) => first + count), 1);
  const x = rounded(randomFloats(seed, rows * columns), storage);
  const expected = new Float64Array(ranges.length * columns);
  for (const [i, [first, count]] of ranges.entries())
    for (let row = first; row < first + count; row++)
      for (let c = 0; c < columns; c++) expected[i * columns + c] += x[row * columns + c] / count;
  return {
    label: `mean-rows ${ranges.length}×${columns} ${storage}`,
    dispatch: dispatchOf(
      {
        kernel: 'mean-rows',
        constants: {},
        storage,
        uniforms: { ranges: ranges.length, stride4: padTo4(columns) / 4 },
      },
      ['x', 'ranges', 'y'],
    ),
    inputs: { x: toStored(padRows(x, rows, columns), storage), ranges: Uint32Array.from(ranges.flat()) },
    outputs: { y: 4 * ranges.length * padTo4(columns) },
    answer: 'y',
    extract: (y) => unpadRows(new Float32Array(y), ranges.length, columns),
    expected,
  };
}
