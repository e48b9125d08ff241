import { padTo4 } from '../../gpu/buffers.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Precision } from '../engine.ts';
import type { Dispatch, TableChunk } from './dispatch.ts';
import { attentionConstants } from './kernels/attention/attention.ts';
import { valueConstants } from './kernels/embedding/embedding.ts';
import { type Epilogue, gemmConstants, gemmUniforms } from './kernels/gemm/gemm.ts';
import type { SliceLayout } from './slice-layout.ts';

/** Columns in and out of a linear layer. */
export type Sizes = readonly [number, number];

export function embedDispatches(
  config: ModelConfig,
  { rows }: SliceLayout,
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

export function linearDispatches(
  weight: string,
  { x, y, residual }: { x: string; y: string; residual?: string | undefined },
  rows: number,
  [columnsIn, columnsOut]: Sizes,
  epilogue: Epilogue,
  storage: Precision,
  budget: number,
): Dispatch[] {
  const flopsPerRow = 2 * columnsIn * columnsOut;
  // A multiple of 64 rows, so that the pieces keep whole tiles.
  const rowsPerPiece = Math.max(64, Math.floor(budget / flopsPerRow / 64) * 64);
  const pieces: Dispatch[] = [];
  for (let row = 0; row < rows; row += rowsPerPiece) {
    const end = Math.min(rows, row + rowsPerPiece);
    pieces.push({
      label: weight,
      kernel: 'gemm',
      constants: gemmConstants(epilogue),
      storage,
      buffers: { x, weight, bias: `${weight}.bias`, residual: residual ?? `${weight}.bias`, y },
      uniforms: gemmUniforms({ rows, inner: columnsIn, columns: columnsOut, rowStart: row, rowEnd: end }),
      flops: (end - row) * flopsPerRow,
    });
  }
  return pieces;
}

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

export function attentionDispatches(
  config: ModelConfig,
  layer: string,
  buffers: { readonly qkv: string; readonly y: string },
  { blockPairs }: SliceLayout,
  storage: Precision,
  budget: number,
): Dispatch[] {
  const { dModel: d, nHeads } = config;
  const pieces: Dispatch[] = [];
  let start = 0;
  let flops = 0;
  for (let block = 0; block < blockPairs.length; block++) {
    flops += 4 * blockPairs[block] * d;
    const next = block + 1 < blockPairs.length ? 4 * blockPairs[block + 1] * d : Number.POSITIVE_INFINITY;
    if (flops + next <= budget) continue;
    pieces.push({
      label: `${layer}.attention`,
      kernel: 'attention',
      constants: attentionConstants(d / nHeads),
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
