import { Random } from './random.ts';

/**
 * Where UMAP begins: the first two principal components by power iteration, scaled to ±10, each with a
 * fixed sign and a little noise that parts equal cells. Keeps the large shape that a random start
 * loses.
 * @param data [n, dimension]
 * @returns [n, 2]
 */
export function principalStart(
  data: Float32Array,
  dimension: number,
  seed: number,
): Float64Array<ArrayBuffer> {
  const n = data.length / dimension;
  const random = new Random(seed ^ 0x9e3779b9);
  const mean = new Float64Array(dimension);
  data.forEach((v, p) => {
    mean[p % dimension] = (mean[p % dimension] as number) + v / n;
  });
  const positions = new Float64Array(2 * n);
  const axes: Float64Array[] = [];
  for (let c = 0; c < 2; c++) {
    let axis = unit(
      Float64Array.from({ length: dimension }, () => random.uniform() - 0.5),
      axes,
    );
    let scores = new Float64Array(n);
    for (let iteration = 0; iteration < 25; iteration++) {
      scores = project(data, mean, axis);
      const next = new Float64Array(dimension);
      for (let i = 0; i < n; i++) {
        const score = scores[i] as number;
        for (let t = 0, p = i * dimension; t < dimension; t++, p++) {
          next[t] = (next[t] as number) + score * ((data[p] as number) - (mean[t] as number));
        }
      }
      axis = unit(next, axes);
    }
    axes.push(axis);
    scores = project(data, mean, axis);
    const largest = scores.reduce((most, v) => (Math.abs(v) > Math.abs(most) ? v : most), 0);
    for (let i = 0; i < n; i++) {
      const noise = (random.uniform() - 0.5) * 2e-3;
      positions[2 * i + c] = (largest === 0 ? 0 : (10 * (scores[i] as number)) / largest) + noise;
    }
  }
  return positions;
}

/** [n] component of each centred row along an axis. */
function project(data: Float32Array, mean: Float64Array, axis: Float64Array): Float64Array<ArrayBuffer> {
  const d = axis.length;
  const offset = mean.reduce((sum, m, t) => sum + m * (axis[t] as number), 0);
  const scores = new Float64Array(data.length / d);
  for (let i = 0; i < scores.length; i++) {
    let sum = -offset;
    for (let t = 0, p = i * d; t < d; t++, p++) sum += (data[p] as number) * (axis[t] as number);
    scores[i] = sum;
  }
  return scores;
}

/** Unit length, at right angles to `others`; zero where nothing is left. */
function unit(vector: Float64Array<ArrayBuffer>, others: readonly Float64Array[]): Float64Array<ArrayBuffer> {
  for (const other of others) {
    const along = vector.reduce((sum, v, t) => sum + v * (other[t] as number), 0);
    for (let t = 0; t < vector.length; t++) vector[t] = (vector[t] as number) - along * (other[t] as number);
  }
  const length = Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0));
  return length > 1e-12 ? vector.map((v) => v / length) : vector.fill(0);
}
