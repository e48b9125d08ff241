import { padTo4 } from '../../gpu/buffers.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Precision } from '../engine.ts';
import type { Constants, KernelName } from './kernel.ts';
import { attentionConstants } from './kernels/attention/attention.ts';
import { valueConstants } from './kernels/embedding/embedding.ts';
import { type Epilogue, gemmConstants, gemmUniforms } from './kernels/gemm/gemm.ts';
import type { SliceLayout } from './slice-layout.ts';

/**
 * One dispatch as plain data: a test can read it, the executor encodes it. `buffers` gives for each
 * binding name of the kernel the name of a weight, of a buffer the host fills, or of an activation.
 */
export interface Dispatch {
  readonly label: string;
  readonly kernel: KernelName;
  readonly constants: Constants;
  /** How the kernel's matrices are stored. */
  readonly storage: Precision;
  readonly buffers: Readonly<Record<string, string>>;
  readonly uniforms: Readonly<Record<string, number>>;
  /** Multiplications and additions: what the length of a command buffer is measured in. */
  readonly flops: number;
}

/** The forward pass of a slice. */
export interface SlicePlan {
  readonly dispatches: readonly Dispatch[];
  /** Bytes of each activation, by the name it has in the dispatches; `arena.ts` finds room for them. */
  readonly activations: ReadonlyMap<string, number>;
  /** The activation that holds the last states [rows, d], as stored. */
  readonly states: string;
}

/** Bytes of one stored number. */
export const STORED_BYTES: Readonly<Record<Precision, number>> = { f32: 4, f16: 2 };

/** Rows [start, end) of an embedding table that fit one binding. */
export interface TableChunk {
  readonly buffer: string;
  readonly start: number;
  readonly end: number;
}

/** Classes of all annotation heads together: they are one matrix on the device. */
export function totalClasses(config: ModelConfig): number {
  return Object.values(config.annotations).reduce((sum, classes) => sum + classes.length, 0);
}

/**
 * The forward pass of one slice as dispatches in order. The result stands in `pooled`
 * [cells + cells · annotations, d] and `logits` [cells · annotations, all classes], float32 both.
 * Dispatches that cost more than `budget` flops are split by rows, so that no command buffer need be
 * longer than one of them.
 */
export function planSlice(
  config: ModelConfig,
  layout: SliceLayout,
  chunks: readonly TableChunk[],
  budget: number,
  storage: Precision = 'f32',
): SlicePlan {
  const { dModel: d, dHid, preNorm } = config;
  const { rows } = layout;
  const dispatches: Dispatch[] = [];
  const activations = new Map<string, number>();
  const activation = (name: string, columns: number) => {
    activations.set(name, STORED_BYTES[storage] * rows * padTo4(columns));
    return name;
  };
  const linear = (name: string, x: string, sizes: Sizes, epilogue: Epilogue, residual?: string) => {
    const y = activation(`${name}.y`, sizes[1]);
    dispatches.push(...linearDispatches(name, { x, y, residual }, rows, sizes, epilogue, storage, budget));
    return y;
  };
  const norm = (name: string, x: string) => {
    const y = activation(`${name}.y`, d);
    dispatches.push(normDispatch(config, name, x, y, rows, storage));
    return y;
  };

  let states = activation('embedded', d);
  dispatches.push(...embedDispatches(config, layout, chunks, states, storage));
  for (let i = 0; i < config.nLayers; i++) {
    const layer = `layers.${i}`;
    const attended = preNorm ? norm(`${layer}.norm1`, states) : states;
    const qkv = linear(`${layer}.in_proj`, attended, [d, 3 * d], 'bias');
    const mixed = activation(`${layer}.attention.y`, d);
    dispatches.push(...attentionDispatches(config, layer, { qkv, y: mixed }, layout, storage, budget));
    const summed = linear(`${layer}.out_proj`, mixed, [d, d], 'residual', states);
    const between = preNorm ? summed : norm(`${layer}.norm1`, summed);
    const fed = preNorm ? norm(`${layer}.norm2`, between) : between;
    const hidden = linear(`${layer}.linear1`, fed, [d, dHid], config.layerActivation);
    const out = linear(`${layer}.linear2`, hidden, [dHid, d], 'residual', between);
    states = preNorm ? out : norm(`${layer}.norm2`, out);
  }
  dispatches.push(...resultDispatches(config, layout, states, storage));
  return { dispatches: dispatches.filter((dispatch) => dispatch.flops > 0), activations, states };
}

/** Columns in and out of a linear layer. */
type Sizes = readonly [number, number];

function embedDispatches(
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

function linearDispatches(
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

function normDispatch(
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

function attentionDispatches(
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

function resultDispatches(
  config: ModelConfig,
  layout: SliceLayout,
  states: string,
  storage: Precision,
): Dispatch[] {
  const { dModel: d } = config;
  const ranges = layout.ranges.length / 2;
  const stride4 = padTo4(d) / 4;
  const pooled: Dispatch = {
    label: 'pooling',
    kernel: 'mean-rows',
    constants: {},
    storage,
    buffers: { x: states, ranges: 'ranges', y: 'pooled' },
    uniforms: { ranges, stride4 },
    flops: (layout.rows + ranges) * d,
  };
  const classes = totalClasses(config);
  if (classes === 0) return [pooled];
  const buffers = { x: 'pooled', y: 'logits' };
  const heads = linearDispatches('heads', buffers, ranges, [d, classes], 'bias', 'f32', Infinity);
  return [pooled, ...heads];
}

/** Consecutive dispatches whose flops stay within the budget: one command buffer each. */
export function groupDispatches(dispatches: readonly Dispatch[], budget: number): Dispatch[][] {
  const groups: Dispatch[][] = [];
  let flops = Number.POSITIVE_INFINITY;
  for (const dispatch of dispatches) {
    if (flops + dispatch.flops > budget) {
      groups.push([]);
      flops = 0;
    }
    groups[groups.length - 1].push(dispatch);
    flops += dispatch.flops;
  }
  return groups;
}

/** Flops of a cell of `rows` queries and `keys` keys through all layers. */
export function cellFlops(config: ModelConfig, rows: number, keys: number): number {
  const { dModel: d, dHid, nLayers } = config;
  return nLayers * (rows * (8 * d * d + 4 * d * dHid + 16 * d) + 4 * rows * keys * d);
}
