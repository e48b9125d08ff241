import { padRows, padTo4, unpadRows } from '../../../gpu/buffers.ts';
import type { Precision } from '../../engine.ts';
import * as reference from '../../reference/numerics.ts';
import { STORED_BYTES } from '../dispatch.ts';
import { attentionConstants } from '../kernels/attention/attention.ts';
import { QUERIES_PER_BLOCK } from '../kernels/attention/forms.ts';
import { dispatchOf, fromStored, type KernelCase, randomFloats, rounded, toStored } from './kernel-case.ts';

export interface AttentionShape {
  readonly heads: number;
  readonly headSize: number;
  /** Of each packed cell: its queries, of which the first `keys` are also its keys. */
  readonly cells: readonly { readonly queries: number; readonly keys: number }[];
  /** Compare log Σ exp of the scores, which a backward pass needs, instead of the outputs. */
  readonly sums?: boolean;
}

export function attentionCase(
  { heads, headSize, cells, sums = false }: AttentionShape,
  seed: number,
  storage: Precision = 'f32',
): KernelCase {
  const width = heads * headSize;
  const rows = cells.reduce((sum, { queries }) => sum + queries, 0);
  // Scores of some size, so that the softmax is not nearly uniform.
  const drawn = randomFloats(seed, rows * 3 * width).map((v) => 2 * v);
  const qkv = rounded(drawn, storage);
  const expected = new Float64Array(rows * (sums ? heads : width));
  const blocks: number[] = [];
  let first = 0;
  for (const { queries, keys } of cells) {
    const own = Float64Array.from(qkv.subarray(first * 3 * width, (first + queries) * 3 * width));
    if (sums) expected.set(logSums(own, queries, keys, heads, headSize), first * heads);
    else expected.set(reference.attention(own, queries, keys, heads, headSize), first * width);
    for (let query = 0; query < queries; query += QUERIES_PER_BLOCK)
      blocks.push(first + query, Math.min(QUERIES_PER_BLOCK, queries - query), first, keys);
    first += queries;
  }
  const of = cells.map(({ queries, keys }) => `${queries}/${keys}`).join(' ');
  return {
    label: `attention ${heads}×${headSize} ${storage}${sums ? ' sums' : ''}, ${of}`,
    dispatch: dispatchOf(
      {
        kernel: 'attention',
        constants: attentionConstants(headSize, sums),
        storage,
        uniforms: {
          block_start: 0,
          block_end: blocks.length / 4,
          heads,
          qkv_stride4: padTo4(3 * width) / 4,
          y_stride4: padTo4(width) / 4,
          scale: 1 / Math.sqrt(headSize),
        },
      },
      ['qkv', 'blocks', 'y', 'lse'],
    ),
    inputs: {
      qkv: toStored(padRows(qkv, rows, 3 * width), storage),
      blocks: Uint32Array.from(blocks),
    },
    outputs: {
      y: STORED_BYTES[storage] * rows * padTo4(width),
      ...(sums && { lse: 4 * rows * heads }),
    },
    answer: sums ? 'lse' : 'y',
    extract: (answer) =>
      sums ? new Float32Array(answer) : unpadRows(fromStored(answer, storage), rows, width),
    expected,
  };
}

/** [queries, heads] log Σ over the keys of exp(q · k / √headSize), of one cell's packed qkv. */
export function logSums(qkv: Float64Array, queries: number, keys: number, heads: number, headSize: number) {
  const width = heads * headSize;
  const out = new Float64Array(queries * heads);
  for (let query = 0; query < queries; query++)
    for (let head = 0; head < heads; head++) {
      let sum = 0;
      for (let key = 0; key < keys; key++) {
        let score = 0;
        for (let i = head * headSize; i < (head + 1) * headSize; i++)
          score += qkv[query * 3 * width + i] * qkv[key * 3 * width + width + i];
        sum += Math.exp(score / Math.sqrt(headSize));
      }
      out[query * heads + head] = Math.log(sum);
    }
  return out;
}
