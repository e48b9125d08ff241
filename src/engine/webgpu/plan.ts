import { padTo4 } from '../../gpu/buffers.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Precision } from '../engine.ts';
import { type Dispatch, STORED_BYTES, type TableChunk } from './dispatch.ts';
import { attentionConstants } from './kernels/attention/attention.ts';
import type { Epilogue } from './kernels/gemm/gemm.ts';
import {
  attentionDispatches,
  embedDispatches,
  linearDispatches,
  normDispatch,
  type Sizes,
} from './layer-dispatches.ts';
import type { SliceLayout } from './slice-layout.ts';

/** The forward pass of a slice. */
export interface SlicePlan {
  readonly dispatches: readonly Dispatch[];
  /** Bytes of each activation, by the name it has in the dispatches; `arena.ts` finds room for them. */
  readonly activations: ReadonlyMap<string, number>;
  /** The activation that holds the last states [rows, d], as stored. */
  readonly states: string;
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
    const attention = {
      label: `${layer}.attention`,
      kernel: 'attention',
      constants: attentionConstants(config.dModel / config.nHeads),
      buffers: { qkv, y: mixed },
    } as const;
    dispatches.push(...attentionDispatches(config, attention, layout, storage, budget));
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

/** Flops of a cell of `rows` queries and `keys` keys through all layers. */
export function cellFlops(config: ModelConfig, rows: number, keys: number): number {
  const { dModel: d, dHid, nLayers } = config;
  return nLayers * (rows * (8 * d * d + 4 * d * dHid + 16 * d) + 4 * rows * keys * d);
}
