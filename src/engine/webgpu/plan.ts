import { padTo4 } from '../../gpu/buffers.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Constants, KernelName } from './kernel.ts';
import { headConstants } from './kernels/attention/attention.ts';
import { valueConstants } from './kernels/embedding/embedding.ts';
import { type Epilogue, epilogueConstants } from './kernels/gemm/gemm.ts';
import type { SliceLayout } from './slice-layout.ts';

/**
 * One dispatch as plain data: a test can read it, the executor encodes it. `buffers` gives for each
 * binding name of the kernel the name of a weight or of a buffer of the arena.
 */
export interface Dispatch {
  readonly label: string;
  readonly kernel: KernelName;
  readonly constants: Constants;
  readonly buffers: Readonly<Record<string, string>>;
  readonly uniforms: Readonly<Record<string, number>>;
  /** Multiplications and additions: what the length of a command buffer is measured in. */
  readonly flops: number;
}

/** Names of the arena's buffers, all reused by every layer and every slice. */
export type ArenaBuffer =
  | 'states'
  | 'other'
  | 'narrow'
  | 'wide'
  | 'input'
  | 'blocks'
  | 'ranges'
  | 'pooled'
  | 'logits';

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
 * [cells + cells · annotations, d] and `logits` [cells · annotations, all classes], the last states
 * in the buffer returned as `states`. Dispatches that cost more than `budget` flops are split by
 * rows, so that no command buffer need be longer than one of them.
 */
export function planSlice(
  config: ModelConfig,
  layout: SliceLayout,
  chunks: readonly TableChunk[],
  budget: number,
): { readonly dispatches: Dispatch[]; readonly states: ArenaBuffer } {
  const { dModel: d, dHid, preNorm } = config;
  const dispatches: Dispatch[] = embedDispatches(config, layout, chunks);
  let states: ArenaBuffer = 'states';
  let other: ArenaBuffer = 'other';
  const swap = () => {
    [states, other] = [other, states];
  };
  const linear = (
    weight: string,
    x: ArenaBuffer,
    y: ArenaBuffer,
    sizes: [number, number],
    epilogue: Epilogue,
    residual?: ArenaBuffer,
  ) => dispatches.push(...linearDispatches(weight, x, y, layout.rows, sizes, epilogue, residual, budget));
  const norm = (weight: string, x: ArenaBuffer, y: ArenaBuffer) =>
    dispatches.push(normDispatch(config, weight, x, y, layout.rows));

  for (let i = 0; i < config.nLayers; i++) {
    const layer = `layers.${i}`;
    if (preNorm) norm(`${layer}.norm1`, states, 'narrow');
    linear(`${layer}.in_proj`, preNorm ? 'narrow' : states, 'wide', [d, 3 * d], 'none');
    dispatches.push(...attentionDispatches(config, layer, layout, budget));
    linear(`${layer}.out_proj`, 'narrow', other, [d, d], 'residual', states);
    swap();
    if (!preNorm) {
      norm(`${layer}.norm1`, states, other);
      swap();
    } else norm(`${layer}.norm2`, states, 'narrow');
    linear(`${layer}.linear1`, preNorm ? 'narrow' : states, 'wide', [d, dHid], config.layerActivation);
    linear(`${layer}.linear2`, 'wide', other, [dHid, d], 'residual', states);
    swap();
    if (!preNorm) {
      norm(`${layer}.norm2`, states, other);
      swap();
    }
  }
  dispatches.push(...resultDispatches(config, layout, states));
  return { dispatches: dispatches.filter((dispatch) => dispatch.flops > 0), states };
}

function embedDispatches(
  config: ModelConfig,
  { rows }: SliceLayout,
  chunks: readonly TableChunk[],
): Dispatch[] {
  return chunks.map(({ buffer, start, end }) => ({
    label: `embedding ${start}…${end}`,
    kernel: 'embedding',
    constants: valueConstants(config.valueInput),
    buffers: {
      table: buffer,
      input: 'input',
      positions: 'positions',
      value_table: config.valueInput === 'none' ? 'positions' : 'value',
      value_bias: config.valueInput === 'rank' ? 'value.bias' : 'positions',
      x: 'states',
    },
    uniforms: { rows, stride4: padTo4(config.dModel) / 4, id_start: start, id_end: end },
    flops: 3 * rows * config.dModel,
  }));
}

function linearDispatches(
  weight: string,
  x: string,
  y: string,
  rows: number,
  [columnsIn, columnsOut]: readonly [number, number],
  epilogue: Epilogue,
  residual: string | undefined,
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
      constants: epilogueConstants(epilogue),
      buffers: { x, weight, bias: `${weight}.bias`, residual: residual ?? `${weight}.bias`, y },
      uniforms: {
        row_start: row,
        row_end: end,
        inner4: padTo4(columnsIn) / 4,
        columns4: padTo4(columnsOut) / 4,
      },
      flops: (end - row) * flopsPerRow,
    });
  }
  return pieces;
}

function normDispatch(config: ModelConfig, weight: string, x: string, y: string, rows: number): Dispatch {
  return {
    label: weight,
    kernel: 'layer-norm',
    constants: {},
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
  { blockPairs }: SliceLayout,
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
      constants: headConstants(d / nHeads),
      buffers: { qkv: 'wide', blocks: 'blocks', y: 'narrow' },
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

function resultDispatches(config: ModelConfig, layout: SliceLayout, states: string): Dispatch[] {
  const { dModel: d } = config;
  const ranges = layout.ranges.length / 2;
  const stride4 = padTo4(d) / 4;
  const pooled: Dispatch = {
    label: 'pooling',
    kernel: 'mean-rows',
    constants: {},
    buffers: { x: states, ranges: 'ranges', y: 'pooled' },
    uniforms: { ranges, stride4 },
    flops: (layout.rows + ranges) * d,
  };
  const classes = totalClasses(config);
  if (classes === 0) return [pooled];
  const heads = linearDispatches(
    'heads',
    'pooled',
    'logits',
    ranges,
    [d, classes],
    'none',
    undefined,
    Infinity,
  );
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
