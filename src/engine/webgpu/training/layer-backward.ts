import { padTo4 } from '../../../gpu/buffers.ts';
import { activationConstants } from '../kernels/activation/activation.ts';
import { attentionBackwardConstants } from '../kernels/attention-backward/attention-backward.ts';
import { attentionDispatches } from '../layer-dispatches.ts';
import type { PlanBuilder } from './builder.ts';
import { drop, type LayerStates, type LayerWork } from './layer.ts';
import { backwardLinear } from './linear.ts';
import { backwardNorm } from './norm.ts';
import type { LinearPart } from './parameters.ts';

/** Gradients of a layer's weights from the cotangent of its output; the cotangent of its input. */
export function backwardLayer(
  plan: PlanBuilder,
  work: LayerWork,
  states: LayerStates,
  cotangent: string,
): string {
  const { config, index, layout, normsLearn } = work;
  const { dModel: d, preNorm } = config;
  const { rows } = layout;
  const name = `layers.${index}`;
  const scope = `${name}.back`;
  const norm = (which: 'norm1' | 'norm2', x: string, from: string) =>
    backwardNorm(plan, { name: `${name}.${which}`, scope, config, rows, learns: normsLearn }, x, from);
  const linear = (part: LinearPart, from: string, residual?: string) =>
    backwardLinear(plan, scope, work.linears[part], states.inputs[part], from, rows, residual);

  // Post-norm: y = norm2(between + feed(between)), between = norm1(x + attend(x)).
  // Pre-norm: y = summed + feed(norm2(summed)), summed = x + attend(norm1(x)).
  const intoFed = preNorm ? cotangent : norm('norm2', states.fed, cotangent);
  const intoFeed = drop(plan, work, 'feed-forward', {
    ...{ x: intoFed, to: `${scope}.feed-forward.dropped`, columns: d },
  });
  const intoLinear1 = backwardActivation(plan, work, states, linear('linear2', intoFeed), scope);
  const intoSummed = preNorm
    ? sum(plan, rows, d, norm('norm2', states.summed, linear('linear1', intoLinear1)), intoFed)
    : norm('norm1', states.summed, linear('linear1', intoLinear1, intoFed));
  const intoAttention = drop(plan, work, 'attention', {
    ...{ x: intoSummed, to: `${scope}.attention.dropped`, columns: d },
  });
  const intoQkv = backwardAttention(plan, work, states, linear('out_proj', intoAttention), scope);
  return preNorm
    ? sum(plan, rows, d, norm('norm1', states.x, linear('in_proj', intoQkv)), intoSummed)
    : linear('in_proj', intoQkv, intoSummed);
}

function backwardActivation(
  plan: PlanBuilder,
  work: LayerWork,
  { inner }: LayerStates,
  cotangent: string,
  scope: string,
): string {
  const { config, index, layout } = work;
  const { dHid, layerActivation } = config;
  const kept = drop(plan, work, 'activation', {
    ...{ x: cotangent, to: `${scope}.activation.dropped`, columns: dHid },
  });
  const dx = plan.matrix(`${scope}.activation.dx`, layout.rows, dHid);
  const count4 = (layout.rows * padTo4(dHid)) / 4;
  plan.add({
    label: `layers.${index}.activation back`,
    kernel: 'activation-backward',
    constants: activationConstants(layerActivation),
    buffers: { x: inner, cotangent: kept, dx },
    uniforms: { count4 },
    flops: 24 * 4 * count4,
  });
  return dx;
}

function backwardAttention(
  plan: PlanBuilder,
  { config, index, layout }: LayerWork,
  { qkv, mixed, lse }: LayerStates,
  cotangent: string,
  scope: string,
): string {
  const { dModel: d, nHeads } = config;
  const { rows } = layout;
  const constants = attentionBackwardConstants(d / nHeads);
  const dots = plan.buffer(`${scope}.dots`, 4 * rows * nHeads);
  plan.add({
    label: `layers.${index}.attention dots`,
    kernel: 'attention-dots',
    constants,
    buffers: { y: mixed, cotangent, dots },
    uniforms: { rows, heads: nHeads, y_stride4: padTo4(d) / 4 },
    flops: 2 * rows * d,
  });
  const dqkv = plan.matrix(`${scope}.dqkv`, rows, 3 * d);
  const buffers = { qkv, cotangent, lse, dots, dqkv };
  for (const kernel of ['attention-backward-queries', 'attention-backward-keys'] as const) {
    const work = { label: `layers.${index}.${kernel}`, kernel, constants, buffers };
    plan.push(...attentionDispatches(config, work, layout, 'f32', plan.budget));
  }
  return dqkv;
}

function sum(plan: PlanBuilder, rows: number, columns: number, a: string, b: string): string {
  const y = plan.matrix(`${a}.sum`, rows, columns);
  const count4 = (rows * padTo4(columns)) / 4;
  const buffers = { a, b, y };
  plan.add({ label: y, kernel: 'add', buffers, uniforms: { count4 }, flops: 4 * count4 });
  return y;
}
