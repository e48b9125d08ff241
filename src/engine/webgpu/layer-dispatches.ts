import { padTo4 } from '../../gpu/buffers.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Precision } from '../engine.ts';
import type { Dispatch, TableChunk } from './dispatch.ts';
import type { Constants } from './kernel.ts';
import { valueConstants } from './kernels/embedding/embedding.ts';
import { type Epilogue, type GemmForm, gemmConstants, gemmUniforms } from './kernels/gemm/gemm.ts';
import type { SliceLayout } from './slice-layout.ts';

/** Columns in and out of a linear layer. */
export type Sizes = readonly [number, number];

/** The embedded rows, one dispatch for each chunk of the table. */
export function embedDispatches(
  config: ModelConfig,
  { rows }: Pick<SliceLayout, 'rows'>,
  chunks: readonly TableChunk[],
  x: string,
  storage: Precision,
): Dispatch[] {
  return chunks.map(({ buffer, start, end }) => ({
    label: `embedding ${start}…${end}`,
    kernel: 'embedding',
    constants: valueConstants(config.valueInput),
    storage,
    buffers: {
      table: buffer,
      input: 'input',
      positions: 'positions',
      value_table: config.valueInput === 'none' ? 'positions' : 'value',
      value_bias: config.valueInput === 'rank' ? 'value.bias' : 'positions',
      x,
    },
    uniforms: { rows, stride4: padTo4(config.dModel) / 4, id_start: start, id_end: end },
    flops: 3 * rows * config.dModel,
  }));
}

/** y = x · weight + … with rows and columns of the answer; `buffers` as the kernel names them. */
export interface Product {
  readonly label: string;
  readonly form: GemmForm;
  readonly epilogue: Epilogue;
  readonly accumulate?: boolean;
  readonly buffers: Readonly<Record<'x' | 'weight' | 'bias' | 'residual' | 'y', string>>;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** A product in pieces of rows whose flops stay within the budget. */
export function productDispatches(product: Product, storage: Precision, budget: number): Dispatch[] {
  const { label, form, epilogue, accumulate = false, buffers, rows, inner, columns } = product;
  const flopsPerRow = 2 * inner * columns;
  // A multiple of 64 rows, so that the pieces keep whole tiles.
  const rowsPerPiece = Math.max(64, Math.floor(budget / flopsPerRow / 64) * 64);
  const pieces: Dispatch[] = [];
  for (let row = 0; row < rows; row += rowsPerPiece) {
    const end = Math.min(rows, row + rowsPerPiece);
    pieces.push({
      label,
      kernel: 'gemm',
      constants: gemmConstants(epilogue, form, Number(accumulate)),
      storage,
      buffers,
      uniforms: gemmUniforms({ rows, inner, columns, rowStart: row, rowEnd: end }),
      flops: (end - row) * flopsPerRow,
    });
  }
  return pieces;
}

/** A linear layer of the forward pass. */
export function linearDispatches(
  weight: string,
  { x, y, residual }: { x: string; y: string; residual?: string | undefined },
  rows: number,
  [inner, columns]: Sizes,
  epilogue: Epilogue,
  storage: Precision,
  budget: number,
): Dispatch[] {
  const bias = `${weight}.bias`;
  const buffers = { x, weight, bias, residual: residual ?? bias, y };
  return productDispatches(
    { label: weight, form: 'nn', epilogue, buffers, rows, inner, columns },
    storage,
    budget,
  );
}

/** A norm of the forward pass. */
export function normDispatch(
  config: ModelConfig,
  weight: string,
  x: string,
  y: string,
  rows: number,
  storage: Precision,
): Dispatch {
  return {
    label: weight,
    kernel: 'layer-norm',
    constants: {},
    storage,
    buffers: { x, weight, bias: `${weight}.bias`, y },
    uniforms: {
      rows,
      columns: config.dModel,
      stride4: padTo4(config.dModel) / 4,
      eps: config.layerNormEps,
    },
    flops: 8 * rows * config.dModel,
  };
}

/** The kernels that walk the blocks of attention, and what a pair of query and key costs them, by columns. */
const ATTENTION_FLOPS = {
  attention: 4,
  'attention-backward-queries': 6,
  'attention-backward-keys': 8,
} as const;

interface AttentionWork {
  readonly label: string;
  readonly kernel: keyof typeof ATTENTION_FLOPS;
  readonly constants: Constants;
  readonly buffers: Readonly<Record<string, string>>;
}

/** Attention or a side of its backward pass, in pieces of whole blocks. */
export function attentionDispatches(
  { dModel: d, nHeads }: ModelConfig,
  { label, kernel, constants, buffers }: AttentionWork,
  { blockPairs }: SliceLayout,
  storage: Precision,
  budget: number,
): Dispatch[] {
  const flopsOf = (block: number) => ATTENTION_FLOPS[kernel] * blockPairs[block] * d;
  const pieces: Dispatch[] = [];
  let start = 0;
  let flops = 0;
  for (let block = 0; block < blockPairs.length; block++) {
    flops += flopsOf(block);
    const next = block + 1 < blockPairs.length ? flopsOf(block + 1) : Number.POSITIVE_INFINITY;
    if (flops + next <= budget) continue;
    pieces.push({
      label,
      kernel,
      constants,
      storage,
      buffers: { ...buffers, blocks: 'blocks' },
      uniforms: {
        block_start: start,
        block_end: block + 1,
        heads: nHeads,
        qkv_stride4: padTo4(3 * d) / 4,
        y_stride4: padTo4(d) / 4,
        scale: 1 / Math.sqrt(d / nHeads),
      },
      flops,
    });
    start = block + 1;
    flops = 0;
  }
  return pieces;
}
