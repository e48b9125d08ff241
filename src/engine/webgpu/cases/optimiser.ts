import { adamwUniforms } from '../kernels/adamw/adamw.ts';
import { floatCase, type KernelCase, randomFloats } from './kernel-case.ts';

/** Sums written behind `firstOut` others, which stay. */
export function squareSumCase(count4: number, slice4: number, firstOut: number, seed: number): KernelCase {
  const x = randomFloats(seed, 4 * count4);
  const y = randomFloats(seed + 1, firstOut + Math.ceil(count4 / slice4) + 1);
  const expected = Float64Array.from(y);
  expected.fill(0, firstOut, expected.length - 1);
  for (const [i, v] of x.entries()) expected[firstOut + Math.floor(i / (4 * slice4))] += v * v;
  return floatCase({
    label: `${count4} by ${slice4} behind ${firstOut}`,
    kernel: 'square-sum',
    uniforms: { count4, slice4, first_out: firstOut },
    inputs: { x },
    start: { y },
    answer: 'y',
    expected,
  });
}

/** The last sum is `last`: where it is not finite, nothing but the flag is compared. */
export function clipFactorCase(count: number, clip: number, last: number, seed: number): KernelCase {
  const sums = randomFloats(seed, count).map((v) => 1 + v);
  sums[count - 1] = last;
  const norm = Math.sqrt(sums.reduce((sum, v) => sum + v, 0));
  const finite = Number.isFinite(norm);
  return floatCase({
    label: `${count} to ${clip}, ${last}`,
    kernel: 'clip-factor',
    uniforms: { count, clip },
    inputs: { sums },
    start: { y: randomFloats(seed + 1, 4) },
    answer: 'y',
    extract: (bytes) => new Float32Array(bytes).map((v) => (Number.isFinite(v) ? v : -1)),
    expected: Float64Array.from(finite ? [norm, Math.min(1, clip / norm), 1, 0] : [-1, 0, 0, 0]),
  });
}

export interface AdamwShape {
  readonly count4: number;
  readonly step: number;
  readonly decay: number;
  readonly finite: boolean;
}

/** Steps so large that a mistake in any factor is seen; by PyTorch's sequence of operations. */
export function adamwCase(
  { count4, step, decay, finite }: AdamwShape,
  answer: 'weight' | 'first' | 'second',
  seed: number,
): KernelCase {
  const settings = { learningRate: 0.3, beta1: 0.9, beta2: 0.999, eps: 1e-2 };
  const { learningRate, beta1, beta2, eps } = settings;
  const clip = 0.7;
  const [gradient, weight, first] = [0, 1, 2].map((k) => randomFloats(seed + k, 4 * count4));
  // Gradients so large that they are seen in the second moment.
  for (let i = 0; i < gradient.length; i++) gradient[i] *= 40;
  const second = randomFloats(seed + 3, 4 * count4).map((v) => 1.1 + v);
  const after = Array.from(gradient, (raw, i) => {
    if (!finite) return { weight: weight[i], first: first[i], second: second[i] };
    const g = clip * raw;
    const m = beta1 * first[i] + (1 - beta1) * g;
    const v = beta2 * second[i] + (1 - beta2) * g * g;
    const denominator = Math.sqrt(v) / Math.sqrt(1 - beta2 ** step) + eps;
    const decayed = weight[i] * (1 - learningRate * decay);
    return {
      weight: decayed - ((learningRate / (1 - beta1 ** step)) * m) / denominator,
      first: m,
      second: v,
    };
  });
  return floatCase({
    label: `${answer} of ${count4}, step ${step}${finite ? '' : ', not finite'}`,
    kernel: 'adamw',
    uniforms: adamwUniforms(count4, settings, decay, step),
    inputs: { gradient, factor: Float32Array.of(8, clip, Number(finite), 0) },
    start: { weight, first, second },
    answer,
    expected: Float64Array.from(after, (state) => state[answer]),
  });
}
