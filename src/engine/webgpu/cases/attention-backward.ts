import { padRows, padTo4, unpadRows } from '../../../gpu/buffers.ts';
import * as reference from '../../reference/numerics.ts';
import { attentionBackward } from '../../reference/training/attention.ts';
import { QUERIES_PER_BLOCK } from '../kernels/attention/forms.ts';
import { attentionBackwardConstants } from '../kernels/attention-backward/attention-backward.ts';
import { type AttentionShape, logSums } from './attention.ts';
import { dispatchOf, type KernelCase, randomFloats } from './kernel-case.ts';

type Shape = Pick<AttentionShape, 'heads' | 'headSize' | 'cells'>;

/** Packed cells with random qkv and cotangent, and what forward and backward pass make of each in float64. */
interface Problem {
  readonly rows: number;
  readonly width: number;
  /** [rows, 3 · width] */
  readonly qkv: Float32Array<ArrayBuffer>;
  /** [rows, width] */
  readonly cotangent: Float32Array<ArrayBuffer>;
  /** [rows, width] */
  readonly y: Float64Array;
  /** [rows, heads] */
  readonly lse: Float64Array;
  /** [rows, heads] */
  readonly dots: Float64Array;
  /** [rows, 3 · width] */
  readonly dqkv: Float64Array;
}

function problemOf({ heads, headSize, cells }: Shape, seed: number): Problem {
  const width = heads * headSize;
  const rows = cells.reduce((sum, { queries }) => sum + queries, 0);
  // Scores of some size, so that the softmax is not nearly uniform.
  const qkv = randomFloats(seed, rows * 3 * width).map((v) => 2 * v);
  const cotangent = randomFloats(seed + 1, rows * width);
  const y = new Float64Array(rows * width);
  const lse = new Float64Array(rows * heads);
  const dots = new Float64Array(rows * heads);
  const dqkv = new Float64Array(rows * 3 * width);
  let first = 0;
  for (const { queries, keys } of cells) {
    const own = Float64Array.from(qkv.subarray(first * 3 * width, (first + queries) * 3 * width));
    const ownCotangent = Float64Array.from(cotangent.subarray(first * width, (first + queries) * width));
    y.set(reference.attention(own, queries, keys, heads, headSize), first * width);
    lse.set(logSums(own, queries, keys, heads, headSize), first * heads);
    dqkv.set(attentionBackward(own, ownCotangent, queries, keys, heads, headSize), first * 3 * width);
    first += queries;
  }
  for (let i = 0; i < y.length; i++) dots[Math.floor(i / headSize)] += y[i] * cotangent[i];
  return { rows, width, qkv, cotangent, y, lse, dots, dqkv };
}

/** Blocks of own rows, each with all other rows of its cell: of queries, or of keys. */
function blocksOf(cells: Shape['cells'], side: 'queries' | 'keys'): Uint32Array<ArrayBuffer> {
  const blocks: number[] = [];
  let first = 0;
  for (const cell of cells) {
    const [own, others] = side === 'queries' ? [cell.queries, cell.keys] : [cell.keys, cell.queries];
    for (let row = 0; row < own; row += QUERIES_PER_BLOCK)
      blocks.push(first + row, Math.min(QUERIES_PER_BLOCK, own - row), first, others);
    first += cell.queries;
  }
  return Uint32Array.from(blocks);
}

const labelOf = (kernel: string, { heads, headSize, cells }: Shape) =>
  `${kernel} ${heads}×${headSize}, ${cells.map(({ queries, keys }) => `${queries}/${keys}`).join(' ')}`;

/** dots of random outputs, cells and all. */
export function attentionDotsCase(shape: Shape, seed: number): KernelCase {
  const { heads, headSize } = shape;
  const { rows, width, cotangent, y, dots } = problemOf(shape, seed);
  return {
    label: labelOf('attention-dots', shape),
    dispatch: dispatchOf(
      {
        kernel: 'attention-dots',
        constants: attentionBackwardConstants(headSize),
        storage: 'f32',
        uniforms: { rows, heads, y_stride4: padTo4(width) / 4 },
      },
      ['y', 'cotangent', 'dots'],
    ),
    inputs: {
      y: padRows(Float32Array.from(y), rows, width),
      cotangent: padRows(cotangent, rows, width),
    },
    outputs: { dots: 4 * rows * heads },
    answer: 'dots',
    extract: (answer) => new Float32Array(answer),
    expected: dots,
  };
}

/**
 * The third of dqkv, or the two, that one of the kernels writes; the rest of a row stays as it was, and what
 * pads a row is compared as well.
 */
export function attentionBackwardCase(side: 'queries' | 'keys', shape: Shape, seed: number): KernelCase {
  const { heads, headSize, cells } = shape;
  const { rows, width, qkv, cotangent, lse, dots, dqkv } = problemOf(shape, seed);
  const stride = padTo4(3 * width);
  const blocks = blocksOf(cells, side);
  const expected = new Float64Array(rows * stride);
  const [from, to] = side === 'queries' ? [0, width] : [width, 3 * width];
  for (let row = 0; row < rows; row++)
    expected.set(dqkv.subarray(row * 3 * width + from, row * 3 * width + to), row * stride + from);
  const kernel = `attention-backward-${side}` as const;
  return {
    label: labelOf(kernel, shape),
    dispatch: dispatchOf(
      {
        kernel,
        constants: attentionBackwardConstants(headSize),
        storage: 'f32',
        uniforms: {
          block_start: 0,
          block_end: blocks.length / 4,
          heads,
          qkv_stride4: stride / 4,
          y_stride4: padTo4(width) / 4,
          scale: 1 / Math.sqrt(headSize),
        },
      },
      ['qkv', 'cotangent', 'lse', 'dots', 'blocks', 'dqkv'],
    ),
    inputs: {
      qkv: padRows(qkv, rows, 3 * width),
      cotangent: padRows(cotangent, rows, width),
      lse: Float32Array.from(lse),
      dots: Float32Array.from(dots),
      blocks,
    },
    outputs: { dqkv: 4 * rows * stride },
    answer: 'dqkv',
    extract: (answer) => unpadRows(new Float32Array(answer), rows, stride),
    expected,
  };
}

/** What the backward pass of attention runs with heads of a size, on shapes no tile divides, against float64. */
export function attentionBackwardCases(headSize: number, seed: number): KernelCase[][] {
  const cells = [19, 70, 1, 40].map((length) => ({ queries: length, keys: length }));
  const shape = { heads: 2, headSize, cells };
  return [
    [attentionDotsCase(shape, seed)],
    [attentionBackwardCase('queries', shape, seed)],
    [attentionBackwardCase('keys', shape, seed)],
  ];
}
