import { Random } from '../../../src/analysis/random.ts';
import type { SoftmaxData } from '../../../src/engine/softmax-loss.ts';

/** Random cells with labels that depend on them, some weights 0; the same for the same seed. */
export function randomSoftmaxData(
  cells: number,
  dimension: number,
  outputs: number,
  seed: number,
): SoftmaxData {
  const random = new Random(seed);
  const signed = () => 2 * random.uniform() - 1;
  const classes = Math.max(2, outputs);
  const features = Float32Array.from({ length: cells * dimension }, () => 3 * signed());
  return {
    cells,
    dimension,
    outputs,
    features: (first, last) => features.slice(first * dimension, last * dimension),
    labels: Int32Array.from({ length: cells }, (_, i) =>
      features[i * dimension] > 1 ? classes - 1 : random.below(classes),
    ),
    weights: Float64Array.from({ length: cells }, () => random.below(4) / 2),
  };
}

/** Parameters [m, d + 1] in (−scale, scale). */
export function randomParameters(
  { outputs, dimension }: SoftmaxData,
  scale: number,
  seed: number,
): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: outputs * (dimension + 1) }, () => scale * (2 * random.uniform() - 1));
}

/** Loss and gradient by their formulas, cell by cell and class by class. */
export function naiveLoss(
  data: SoftmaxData,
  parameters: Float64Array,
): { loss: number; gradient: Float64Array } {
  const { cells, dimension: d, outputs } = data;
  const gradient = new Float64Array(parameters.length);
  let loss = 0;
  for (let i = 0; i < cells; i++) {
    const x = [...data.features(i, i + 1), 1];
    const outputsOf = Array.from({ length: outputs }, (_, c) =>
      x.reduce((sum, value, j) => sum + value * parameters[c * (d + 1) + j], 0),
    );
    const logits = outputs === 1 ? [0, ...outputsOf] : outputsOf;
    const most = Math.max(...logits);
    const logSum = most + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - most), 0));
    loss += data.weights[i] * (logSum - logits[data.labels[i]]);
    for (const [c, z] of logits.entries()) {
      const row = c - (logits.length - outputs);
      if (row < 0) continue;
      const residual = data.weights[i] * (Math.exp(z - logSum) - Number(c === data.labels[i]));
      for (const [j, value] of x.entries()) gradient[row * (d + 1) + j] += residual * value;
    }
  }
  return { loss, gradient };
}

/** Largest difference of loss and gradient, relative to the weight of all cells; Infinity on a NaN. */
export async function lossError(
  loss: { evaluate(p: Float64Array, g: Float64Array, pause: () => Promise<void>): Promise<number> },
  data: SoftmaxData,
  parameters: Float64Array,
): Promise<number> {
  const expected = naiveLoss(data, parameters);
  const gradient = new Float64Array(parameters.length).fill(Number.NaN);
  const value = await loss.evaluate(parameters, gradient, async () => {});
  const weight = Math.max(
    1,
    data.weights.reduce((sum, w) => sum + w, 0),
  );
  let worst = Math.abs(value - expected.loss);
  for (const [i, g] of gradient.entries()) {
    const error = Math.abs(g - expected.gradient[i]);
    if (!(error <= Number.MAX_VALUE)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, error);
  }
  return worst <= Number.MAX_VALUE ? worst / weight : Number.POSITIVE_INFINITY;
}

/** Cells, dimension, outputs that no tile or chunk divides. */
export const AWKWARD_SHAPES = [
  [1, 1, 1],
  [5, 3, 1],
  [67, 35, 1],
  [67, 35, 3],
  [130, 64, 10],
  [700, 5, 13],
] as const;
