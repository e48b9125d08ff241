import type { Precision } from '../engine.ts';
import type { KernelName } from './kernel.ts';

/** A test switch: changes the WGSL of one kernel, to show that the self-test notices. */
export interface BrokenKernel {
  readonly kernel: KernelName;
  /** Only this variant; all of them by default. */
  readonly variant?: string;
  /** Only with matrices stored like this; either by default. */
  readonly storage?: Precision;
  /** What becomes what in the WGSL; by default something small that every variant has. */
  readonly edit?: readonly [right: string, wrong: string];
}

/** For each kernel a text that all its variants have, and a slightly wrong one. */
const BREAKS: Readonly<Record<KernelName, readonly [string, string]>> = {
  embedding: ['to_stored(sum)', 'to_stored(1.01 * sum)'],
  gemm: ['= activated(', '= 1.01 * activated('],
  'layer-norm': ['1.0 / sqrt(', '1.01 / sqrt('],
  attention: ['* u.scale', '* 0.9 * u.scale'],
  'attention-dots': ['dots[at] = ', 'dots[at] = 1.01 * '],
  'attention-backward-queries': ['d_weight - sums.y', 'd_weight - 0.9 * sums.y'],
  'attention-backward-keys': ['d_weight - sums.y', 'd_weight - 0.9 * sums.y'],
  'mean-rows': ['max(range.y, 1u)', 'max(range.y + 1u, 1u)'],
  'softmax-residual': ['/ sum', '/ (1.01 * sum)'],
  'gemm-transposed': ['let b = r[', 'let b = 1.01 * r['],
  'layer-norm-backward': ['centred * centred', '1.01 * centred * centred'],
  'layer-norm-parameters': ['bias += g;', 'bias += 1.01 * g;'],
  'sum-rows': [' sum;', ' 1.01 * sum;'],
  activation: ['y[flat] = ', 'y[flat] = 1.01 * '],
  'activation-backward': ['dx[flat] = ', 'dx[flat] = 1.01 * '],
  dropout: ['* u.scale', '* 1.01 * u.scale'],
  add: ['+ b[flat]', '+ 1.01 * b[flat]'],
  'gather-rows': ['= x[', '= 1.01 * x['],
  'segment-sum': ['bitcast<f32>(item.y) *', '1.01 * bitcast<f32>(item.y) *'],
  fill: ['vec4f(u.value)', 'vec4f(1.01 * u.value)'],
  'softmax-statistics': ['bitcast<u32>(total.sum)', 'bitcast<u32>(1.01 * total.sum)'],
  'softmax-gradient': ['/ sum', '/ (1.01 * sum)'],
  'squared-error': ['2.0 * weight', '2.02 * weight'],
  'square-sum': ['u.first_out + piece] = ', 'u.first_out + piece] = 1.01 * '],
  'clip-factor': ['u.clip / norm', '1.01 * u.clip / norm'],
  adamw: ['u.complement1 *', '1.01 * u.complement1 *'],
};

/**
 * Makes a kernel compute something slightly else, as a wrong driver would.
 * @throws RangeError where the text to change is not there: a break that breaks nothing shows nothing
 */
export function breakShader({ kernel, edit }: BrokenKernel, code: string): string {
  const [right, wrong] = edit ?? BREAKS[kernel];
  if (!code.includes(right)) throw new RangeError(`${kernel} has no "${right}" to break`);
  return code.replaceAll(right, wrong);
}
