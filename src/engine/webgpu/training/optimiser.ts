import type { OptimiserSettings } from '../../trainer.ts';
import type { Dispatch } from '../dispatch.ts';
import { adamwUniforms } from '../kernels/adamw/adamw.ts';
import { firstMomentOf, gradientOf, type Parameter, secondMomentOf } from './parameters.ts';

/** vec4s whose squares one sum holds. */
const PIECE4 = 4096;

/** [sums] Σ of the squares of a piece of a gradient; [4]: norm, factor, 1 where the norm is finite, 0. */
export const NORM_BUFFERS = { sums: 'norm.sums', factor: 'norm.factor' } as const;

const piecesOf = ({ count }: Parameter) => Math.ceil(count / 4 / PIECE4);

/** Bytes of the norm's buffers. */
export function normBytes(learning: readonly Parameter[]): {
  readonly sums: number;
  readonly factor: number;
} {
  return { sums: 4 * learning.reduce((sum, parameter) => sum + piecesOf(parameter), 0), factor: 16 };
}

/** Gradients set to zero, before the first micro-batch of a step adds to them. */
export function planZero(learning: readonly Parameter[]): Dispatch[] {
  return learning.map(({ buffer, count }) => ({
    ...plain(`${gradientOf(buffer)} = 0`, 'fill', count),
    buffers: { y: gradientOf(buffer) },
    uniforms: { count4: count / 4, value: 0 },
  }));
}

/** The norm of all gradients together, and by how much it is clipped. */
export function planNorm(learning: readonly Parameter[], clip: number): Dispatch[] {
  let first = 0;
  const squares = learning.map((parameter): Dispatch => {
    first += piecesOf(parameter);
    return {
      ...plain(`${gradientOf(parameter.buffer)} squares`, 'square-sum', 2 * parameter.count),
      buffers: { x: gradientOf(parameter.buffer), y: NORM_BUFFERS.sums },
      uniforms: { count4: parameter.count / 4, slice4: PIECE4, first_out: first - piecesOf(parameter) },
    };
  });
  const factor: Dispatch = {
    ...plain('clip factor', 'clip-factor', first),
    buffers: { sums: NORM_BUFFERS.sums, y: NORM_BUFFERS.factor },
    uniforms: { count: first, clip },
  };
  return [...squares, factor];
}

/** Step `step` = 1, 2, … of AdamW on every weight that learns. */
export function planAdamW(
  learning: readonly Parameter[],
  settings: OptimiserSettings,
  step: number,
): Dispatch[] {
  return learning.map(({ buffer, count, decays }) => ({
    ...plain(`${buffer} step`, 'adamw', 16 * count),
    buffers: {
      gradient: gradientOf(buffer),
      factor: NORM_BUFFERS.factor,
      weight: buffer,
      first: firstMomentOf(buffer),
      second: secondMomentOf(buffer),
    },
    uniforms: adamwUniforms(count / 4, settings, decays ? settings.weightDecay : 0, step),
  }));
}

function plain(label: string, kernel: Dispatch['kernel'], flops: number) {
  return { label, kernel, constants: {}, storage: 'f32', flops } as const;
}
