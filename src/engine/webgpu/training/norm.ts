import { padTo4 } from '../../../gpu/buffers.ts';
import type { ModelConfig } from '../../../model/config.ts';
import type { PlanBuilder } from './builder.ts';
import { gradientOf } from './parameters.ts';
import { unitItems } from './segments.ts';

/** Rows whose gradients of scale and shift are summed by one thread, one behind the other. */
const SLICE_ROWS = 64;

interface NormWork {
  readonly name: string;
  readonly scope: string;
  readonly config: ModelConfig;
  readonly rows: number;
  readonly learns: boolean;
}

/** Gradients of a norm's scale and shift where it learns; the cotangent of its input x. */
export function backwardNorm(
  plan: PlanBuilder,
  { name, scope, config, rows, learns }: NormWork,
  x: string,
  cotangent: string,
): string {
  const { dModel: columns, layerNormEps: eps } = config;
  const stride4 = padTo4(columns) / 4;
  const own = `${scope}.${name.slice(name.lastIndexOf('.') + 1)}`;
  const dx = plan.matrix(`${own}.dx`, rows, columns);
  const statistics = plan.buffer(`${own}.statistics`, 8 * rows);
  plan.add({
    label: `${name} back`,
    kernel: 'layer-norm-backward',
    buffers: { x, weight: name, cotangent, dx, statistics },
    uniforms: { rows, columns, stride4, eps },
    flops: 16 * rows * columns,
  });
  if (!learns) return dx;
  const slices = Math.ceil(rows / SLICE_ROWS);
  const y = plan.buffer(`${own}.slices`, 2 * 16 * slices * stride4);
  plan.add({
    label: `${name} parameters`,
    kernel: 'layer-norm-parameters',
    buffers: { x, cotangent, statistics, y },
    uniforms: { rows, columns, stride4, slice_rows: SLICE_ROWS },
    flops: 6 * rows * columns,
  });
  for (const half of ['weight', 'bias'] as const)
    plan.add({
      label: `${name} ${half}`,
      kernel: 'segment-sum',
      constants: { ACCUMULATE: 1 },
      buffers: {
        x: y,
        segments: NORM_SUMS.segments,
        items: NORM_SUMS[half],
        y: gradientOf(half === 'weight' ? name : `${name}.bias`),
      },
      uniforms: { segments: 1, stride4 },
      flops: 4 * slices * stride4,
    });
  return dx;
}

const NORM_SUMS = {
  segments: 'norm.segments',
  weight: 'norm.weight.items',
  bias: 'norm.bias.items',
} as const;

/** What the host writes for the norms: a slice has two rows, of the scale's sums and of the shift's. */
export function normInputs(rows: number): ReadonlyMap<string, Uint32Array<ArrayBuffer>> {
  const slices = Math.ceil(rows / SLICE_ROWS);
  return new Map([
    [NORM_SUMS.segments, Uint32Array.of(0, 0, slices, 0)],
    [NORM_SUMS.weight, unitItems(slices, 0, 2)],
    [NORM_SUMS.bias, unitItems(slices, 1, 2)],
  ]);
}
