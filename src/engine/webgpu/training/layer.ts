import { padTo4 } from '../../../gpu/buffers.ts';
import type { ModelConfig } from '../../../model/config.ts';
import { type DropoutPlace, dropoutMask, type StepDropout } from '../../dropout.ts';
import { activationConstants } from '../kernels/activation/activation.ts';
import { attentionConstants } from '../kernels/attention/attention.ts';
import { attentionDispatches, normDispatch } from '../layer-dispatches.ts';
import type { SliceLayout } from '../slice-layout.ts';
import type { PlanBuilder } from './builder.ts';
import { forwardLinear, type Linear, type LinearStates } from './linear.ts';
import type { LinearPart } from './parameters.ts';

/** A layer and the rows that go through it. */
export interface LayerWork {
  readonly config: ModelConfig;
  readonly index: number;
  readonly linears: Readonly<Record<LinearPart, Linear>>;
  readonly normsLearn: boolean;
  readonly layout: SliceLayout;
  /** Null: nothing is dropped. */
  readonly dropout: (StepDropout & { readonly microBatch: number }) | null;
}

/** Names of the activations of a layer's forward pass. */
export interface LayerStates {
  readonly x: string;
  readonly qkv: string;
  readonly lse: string;
  readonly mixed: string;
  /** Input and attention added up: input of norm1 (post-norm) or norm2 (pre-norm). */
  readonly summed: string;
  /** What the feed-forward block gives, the residual stream added: input of norm2 (post-norm). */
  readonly fed: string;
  /** linear1's output before the activation. */
  readonly inner: string;
  readonly inputs: Readonly<Record<LinearPart, LinearStates>>;
  readonly y: string;
}

/** One layer forward from `x`, every activation kept under names that begin with `scope`. */
export function forwardLayer(plan: PlanBuilder, work: LayerWork, scope: string, x: string): LayerStates {
  const { config, index, linears, layout } = work;
  const { dModel: d, dHid, nHeads, preNorm } = config;
  const { rows } = layout;
  const name = `layers.${index}`;
  const norm = (which: 'norm1' | 'norm2', from: string) => {
    const y = plan.matrix(`${scope}.${which}.y`, rows, d);
    plan.push(normDispatch(config, `${name}.${which}`, from, y, rows, 'f32'));
    return y;
  };
  const linear = (part: LinearPart, from: string, residual?: string) =>
    forwardLinear(plan, scope, linears[part], from, rows, residual);
  // A linear layer with the residual stream added, by way of dropout where there is one.
  const dropped = (part: LinearPart, place: DropoutPlace, from: string, residual: string) => {
    if (work.dropout === null) return linear(part, from, residual);
    const { y, states } = linear(part, from);
    return { y: drop(plan, work, place, { x: y, residual, to: `${y}.dropped`, columns: d }), states };
  };

  const attended = preNorm ? norm('norm1', x) : x;
  const inProj = linear('in_proj', attended);
  const mixed = plan.matrix(`${scope}.mixed`, rows, d);
  const lse = plan.buffer(`${scope}.lse`, 4 * rows * nHeads);
  const attention = {
    label: `${name}.attention`,
    kernel: 'attention',
    constants: attentionConstants(d / nHeads, true),
    buffers: { qkv: inProj.y, y: mixed, lse },
  } as const;
  plan.push(...attentionDispatches(config, attention, layout, 'f32', plan.budget));
  const outProj = dropped('out_proj', 'attention', mixed, x);
  const between = preNorm ? outProj.y : norm('norm1', outProj.y);
  const linear1 = linear('linear1', preNorm ? norm('norm2', between) : between);
  const activated = plan.matrix(`${scope}.activated`, rows, dHid);
  const count4 = (rows * padTo4(dHid)) / 4;
  plan.add({
    label: `${name}.activation`,
    kernel: 'activation',
    constants: activationConstants(config.layerActivation),
    buffers: { x: linear1.y, y: activated },
    uniforms: { count4 },
    flops: 16 * 4 * count4,
  });
  const hidden = drop(plan, work, 'activation', {
    ...{ x: activated, to: `${activated}.dropped`, columns: dHid },
  });
  const linear2 = dropped('linear2', 'feed-forward', hidden, between);
  return {
    x,
    qkv: inProj.y,
    lse,
    mixed,
    summed: outProj.y,
    fed: linear2.y,
    inner: linear1.y,
    inputs: {
      in_proj: inProj.states,
      out_proj: outProj.states,
      linear1: linear1.states,
      linear2: linear2.states,
    },
    y: preNorm ? linear2.y : norm('norm2', linear2.y),
  };
}

interface Dropped {
  readonly x: string;
  readonly residual?: string;
  readonly to: string;
  readonly columns: number;
}

/**
 * Dropout of x (+ residual) by the mask of a place in the layer, into `to`; x itself where nothing is dropped. Its
 * backward pass is the same on the cotangent.
 */
export function drop(
  plan: PlanBuilder,
  { index, layout: { rows }, dropout }: LayerWork,
  place: DropoutPlace,
  { x, residual, to, columns }: Dropped,
): string {
  if (dropout === null) return x;
  const y = plan.matrix(to, rows, columns);
  const count4 = (rows * padTo4(columns)) / 4;
  plan.add({
    label: `layers.${index}.dropout ${place}`,
    kernel: 'dropout',
    constants: { RESIDUAL: Number(residual !== undefined) },
    buffers: { x, residual: residual ?? x, y },
    uniforms: { count4, ...dropoutMask(dropout, dropout.microBatch, index, place) },
    flops: 8 * 4 * count4,
  });
  return y;
}
