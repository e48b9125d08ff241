import { dropoutMask, isKept } from '../../dropout.ts';
import { gelu, geluDerivative, relu } from '../../reference/numerics.ts';
import { activationConstants } from '../kernels/activation/activation.ts';
import { floatCase, type KernelCase, randomFloats } from './kernel-case.ts';

type Activation = 'gelu' | 'relu';

/** Into both tails of the normal distribution. */
const intoTheTails = (seed: number, count: number) => randomFloats(seed, count).map((v) => 6 * v);

export function activationCase(kind: Activation, count4: number, seed: number): KernelCase {
  const x = intoTheTails(seed, 4 * count4);
  return floatCase({
    label: `${kind} ${count4}`,
    kernel: 'activation',
    constants: activationConstants(kind),
    uniforms: { count4 },
    inputs: { x },
    start: { y: randomFloats(seed + 1, 4 * count4) },
    answer: 'y',
    expected: Float64Array.from(x, kind === 'gelu' ? gelu : relu),
  });
}

export function activationBackwardCase(kind: Activation, count4: number, seed: number): KernelCase {
  const x = intoTheTails(seed, 4 * count4);
  // ReLU has slope 0 at 0.
  x[0] = 0;
  const cotangent = randomFloats(seed + 1, 4 * count4);
  const slope = kind === 'gelu' ? geluDerivative : (v: number) => Number(v > 0);
  return floatCase({
    label: `${kind} ${count4}`,
    kernel: 'activation-backward',
    constants: activationConstants(kind),
    uniforms: { count4 },
    inputs: { x, cotangent },
    start: { dx: randomFloats(seed + 2, 4 * count4) },
    answer: 'dx',
    expected: Float64Array.from(x, (v, i) => slope(v) * cotangent[i]),
  });
}

export function dropoutCase(probability: number, residual: 0 | 1, count4: number, seed: number): KernelCase {
  const x = randomFloats(seed, 4 * count4);
  const added = randomFloats(seed + 1, 4 * count4);
  const mask = dropoutMask({ probability, seed }, 0, 0, 'attention');
  return floatCase({
    label: `${probability} of ${count4}${residual ? ' + residual' : ''}`,
    kernel: 'dropout',
    constants: { RESIDUAL: residual },
    uniforms: { count4, ...mask },
    inputs: { x, residual: added },
    start: { y: randomFloats(seed + 2, 4 * count4) },
    answer: 'y',
    expected: Float64Array.from(x, (v, i) => {
      const kept = isKept(mask, i) ? v * mask.scale : 0;
      return kept + residual * added[i];
    }),
  });
}

export function addCase(count4: number, seed: number): KernelCase {
  const a = randomFloats(seed, 4 * count4);
  const b = randomFloats(seed + 1, 4 * count4);
  return floatCase({
    label: `${count4}`,
    kernel: 'add',
    uniforms: { count4 },
    inputs: { a, b },
    start: { y: randomFloats(seed + 2, 4 * count4) },
    answer: 'y',
    expected: Float64Array.from(a, (v, i) => v + b[i]),
  });
}

/** The last vec4 stays: no more is filled than was asked for. */
export function fillCase(count4: number, value: number, seed: number): KernelCase {
  const y = randomFloats(seed, 4 * count4 + 4);
  return floatCase({
    label: `${count4} with ${value}`,
    kernel: 'fill',
    uniforms: { count4, value },
    inputs: {},
    start: { y },
    answer: 'y',
    expected: Float64Array.from(y, (v, i) => (i < 4 * count4 ? value : v)),
  });
}
