import { padRows, padTo4, unpadRows } from '../../gpu/buffers.ts';
import { embedRows, type InputRow } from '../reference/encoder.ts';
import * as reference from '../reference/numerics.ts';
import { headConstants, QUERIES_PER_BLOCK } from './kernels/attention/attention.ts';
import { NO_POSITION, valueConstants } from './kernels/embedding/embedding.ts';
import { type Epilogue, epilogueConstants } from './kernels/gemm/gemm.ts';
import type { Dispatch } from './plan.ts';
import { transposeForGemm } from './weights.ts';

type Input = Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** One dispatch on random numbers beside its answer in float64. */
export interface KernelCase {
  readonly label: string;
  readonly dispatch: Dispatch;
  readonly inputs: Readonly<Record<string, Input>>;
  readonly outputFloats: number;
  /** Where the device's answer is compared, without padding. */
  extract(output: Float32Array<ArrayBuffer>): Float32Array;
  readonly expected: Float64Array;
}

/** Random numbers in (−1, 1), the same for the same seed: murmur3's finaliser over a counter. */
export function randomFloats(seed: number, count: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => {
    let x = (seed + Math.imul(i, 0x9e3779b9)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

/** A dispatch whose buffers are called as its bindings. */
export const dispatchOf = (
  part: Pick<Dispatch, 'kernel' | 'constants' | 'uniforms'>,
  bindings: readonly string[],
): Dispatch => ({
  ...part,
  label: `check ${part.kernel}`,
  buffers: Object.fromEntries(bindings.map((name) => [name, name])),
  flops: 1,
});

export interface GemmShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly epilogue: Epilogue;
  /** Rows before this one stay as they are. */
  readonly rowStart?: number;
}

export function gemmCase(shape: GemmShape, seed: number): KernelCase {
  const { rows, inner, columns, epilogue, rowStart = 0 } = shape;
  const x = randomFloats(seed, rows * inner);
  const scale = 2 / Math.sqrt(inner);
  const weight = randomFloats(seed + 1, columns * inner).map((v) => v * scale);
  const bias = randomFloats(seed + 2, columns);
  const residual = randomFloats(seed + 3, rows * columns);
  const expected = reference.linear(Float64Array.from(x), rows, weight, bias, inner, columns);
  for (let i = 0; i < expected.length; i++) {
    if (epilogue === 'gelu') expected[i] = reference.gelu(expected[i]);
    if (epilogue === 'relu') expected[i] = reference.relu(expected[i]);
    if (epilogue === 'residual') expected[i] += residual[i];
  }
  expected.fill(0, 0, rowStart * columns);
  return {
    label: `gemm ${rows}×${inner}×${columns} ${epilogue}`,
    dispatch: dispatchOf(
      {
        kernel: 'gemm',
        constants: epilogueConstants(epilogue),
        uniforms: {
          row_start: rowStart,
          row_end: rows,
          inner4: padTo4(inner) / 4,
          columns4: padTo4(columns) / 4,
        },
      },
      ['x', 'weight', 'bias', 'residual', 'y'],
    ),
    inputs: {
      x: padRows(x, rows, inner),
      weight: transposeForGemm(weight, columns, inner),
      bias: padRows(bias, 1, columns),
      residual: padRows(residual, rows, columns),
    },
    outputFloats: rows * padTo4(columns),
    extract: (y) => unpadRows(y, rows, columns),
    expected,
  };
}

export function layerNormCase(rows: number, columns: number, seed: number): KernelCase {
  // A mean far from zero: a one-pass variance would lose its digits here.
  const x = randomFloats(seed, rows * columns).map((v) => 3 + v);
  const weight = randomFloats(seed + 1, columns);
  const bias = randomFloats(seed + 2, columns);
  return {
    label: `layer-norm ${rows}×${columns}`,
    dispatch: dispatchOf(
      {
        kernel: 'layer-norm',
        constants: {},
        uniforms: { rows, columns, stride4: padTo4(columns) / 4, eps: 1e-5 },
      },
      ['x', 'weight', 'bias', 'y'],
    ),
    inputs: {
      x: padRows(x, rows, columns),
      weight: padRows(weight, 1, columns),
      bias: padRows(bias, 1, columns),
    },
    outputFloats: rows * padTo4(columns),
    extract: (y) => unpadRows(y, rows, columns),
    expected: reference.layerNorm(Float64Array.from(x), rows, columns, weight, bias, 1e-5),
  };
}

export interface AttentionShape {
  readonly heads: number;
  readonly headSize: number;
  /** Of each packed cell: its queries, of which the first `keys` are also its keys. */
  readonly cells: readonly { readonly queries: number; readonly keys: number }[];
}

export function attentionCase({ heads, headSize, cells }: AttentionShape, seed: number): KernelCase {
  const width = heads * headSize;
  const rows = cells.reduce((sum, { queries }) => sum + queries, 0);
  // Scores of some size, so that the softmax is not nearly uniform.
  const qkv = randomFloats(seed, rows * 3 * width).map((v) => 2 * v);
  const expected = new Float64Array(rows * width);
  const blocks: number[] = [];
  let first = 0;
  for (const { queries, keys } of cells) {
    const own = Float64Array.from(qkv.subarray(first * 3 * width, (first + queries) * 3 * width));
    expected.set(reference.attention(own, queries, keys, heads, headSize), first * width);
    for (let query = 0; query < queries; query += QUERIES_PER_BLOCK)
      blocks.push(first + query, Math.min(QUERIES_PER_BLOCK, queries - query), first, keys);
    first += queries;
  }
  return {
    label: `attention ${heads}×${headSize}, ${cells.map(({ queries, keys }) => `${queries}/${keys}`).join(' ')}`,
    dispatch: dispatchOf(
      {
        kernel: 'attention',
        constants: headConstants(headSize),
        uniforms: {
          block_start: 0,
          block_end: blocks.length / 4,
          heads,
          qkv_stride4: padTo4(3 * width) / 4,
          y_stride4: padTo4(width) / 4,
          scale: 1 / Math.sqrt(headSize),
        },
      },
      ['qkv', 'blocks', 'y'],
    ),
    inputs: { qkv: padRows(qkv, rows, 3 * width), blocks: Uint32Array.from(blocks) },
    outputFloats: rows * padTo4(width),
    extract: (y) => unpadRows(y, rows, width),
    expected,
  };
}

export interface EmbeddingShape {
  readonly dModel: number;
  readonly rows: number;
  readonly valueInput: 'none' | 'binned' | 'rank';
}

/** Ids of a chunk [7, 20) of a table of 30; rows with ids outside it stay zero. */
export function embeddingCase({ dModel: d, rows, valueInput }: EmbeddingShape, seed: number): KernelCase {
  const [start, end, bins] = [7, 20, 9];
  const table = randomFloats(seed, 30 * d);
  const positions = randomFloats(seed + 1, rows * d);
  const value = randomFloats(seed + 2, (bins + 1) * d);
  const valueBias = randomFloats(seed + 3, d);
  const draws = randomFloats(seed + 4, 2 * rows);
  const tokens: InputRow[] = Array.from({ length: rows }, (_, row) => {
    const annotation = row % 5 === 0;
    const raw = draws[2 * row + 1];
    const drawn = valueInput === 'binned' ? Math.floor(((raw + 1) / 2) * (bins + 1)) % (bins + 1) : raw;
    return {
      id: Math.floor(((draws[2 * row] + 1) / 2) * 30) % 30,
      position: annotation ? null : rows - 1 - row,
      value: annotation || valueInput === 'none' ? null : drawn,
    };
  });
  const input = new Uint32Array(4 * rows);
  const bits = new Float32Array(input.buffer);
  for (const [row, token] of tokens.entries()) {
    input.set([token.id, token.position ?? NO_POSITION, 0, Number(token.value !== null)], 4 * row);
    bits[4 * row + 2] = token.value ?? 0;
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
  for (const [row, { id }] of tokens.entries())
    if (id < start || id >= end) expected.fill(0, row * d, (row + 1) * d);
  return {
    label: `embedding ${rows}×${d} ${valueInput}`,
    dispatch: dispatchOf(
      {
        kernel: 'embedding',
        constants: valueConstants(valueInput),
        uniforms: { rows, stride4: padTo4(d) / 4, id_start: start, id_end: end },
      },
      ['table', 'input', 'positions', 'value_table', 'value_bias', 'x'],
    ),
    inputs: {
      table: padRows(table.subarray(start * d, end * d), end - start, d),
      input,
      positions: padRows(positions, rows, d),
      value_table: padRows(value, bins + 1, d),
      value_bias: padRows(valueBias, 1, d),
    },
    outputFloats: rows * padTo4(d),
    extract: (x) => unpadRows(x, rows, d),
    expected,
  };
}

export function meanRowsCase(
  ranges: readonly (readonly [first: number, rows: number])[],
  columns: number,
  seed: number,
): KernelCase {
  const rows = Math.max(...ranges.map(([first, count]) => first + count), 1);
  const x = randomFloats(seed, rows * columns);
  const expected = new Float64Array(ranges.length * columns);
  for (const [i, [first, count]] of ranges.entries())
    for (let row = first; row < first + count; row++)
      for (let c = 0; c < columns; c++) expected[i * columns + c] += x[row * columns + c] / count;
  return {
    label: `mean-rows ${ranges.length}×${columns}`,
    dispatch: dispatchOf(
      {
        kernel: 'mean-rows',
        constants: {},
        uniforms: { ranges: ranges.length, stride4: padTo4(columns) / 4 },
      },
      ['x', 'ranges', 'y'],
    ),
    inputs: { x: padRows(x, rows, columns), ranges: Uint32Array.from(ranges.flat()) },
    outputFloats: ranges.length * padTo4(columns),
    extract: (y) => unpadRows(y, ranges.length, columns),
    expected,
  };
}
