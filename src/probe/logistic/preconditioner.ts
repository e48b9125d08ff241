import type { SoftmaxData } from '../../engine/softmax-loss.ts';
import { choleskyInPlace, choleskySolve } from './cholesky.ts';
import { linearOutputs, toProbabilities } from './float64-loss.ts';
import type { Preconditioner } from './lbfgs.ts';

/** Cells whose curvature is looked at, spread evenly over all. */
const MOST_LOOKED_AT = 16_384;
/** Of them, those of which the matrix is made: drawn in proportion to their curvature. */
const CELLS_PER_DIMENSION = 4;
/** Evaluations of the loss that making it may cost; on correlated features it saves a hundred and more. */
const WORTH_EVALUATIONS = 20;

/**
 * The inverse of an approximate Hessian at `parameters`: for every output Xᵀ D X + I / C, with D the mean
 * over outputs of weight · p (1 − p), from a sample of cells; intercepts by Σ D. Embeddings are strongly
 * correlated, and L-BFGS without it needs two to six times the iterations (12k × 256, 10 classes).
 * Null where making it costs more than it can save.
 */
export async function curvaturePreconditioner(
  data: SoftmaxData,
  c: number,
  parameters: Float64Array,
  pause: () => Promise<void>,
): Promise<Preconditioner | null> {
  const { cells, dimension: d, outputs } = data;
  const sampled = Math.min(cells, CELLS_PER_DIMENSION * d);
  if ((sampled * d ** 2) / 2 + d ** 3 / 6 > WORTH_EVALUATIONS * 2 * cells * d * outputs) return null;
  const { chosen, total } = await sampleByCurvature(data, parameters, sampled, pause);
  const matrix = new Float64Array(d * d);
  for (let i = 0; i < chosen.length; i += 4) {
    addOuterProducts(matrix, chosen.slice(i, i + 4), data);
    await pause();
  }
  const scale = total / sampled;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) matrix[i * d + j] *= scale;
    matrix[i * d + i] += 1 / c;
  }
  await choleskyInPlace(matrix, d, pause);
  return (vector) => {
    for (let o = 0; o < outputs; o++) {
      const own = vector.subarray(o * (d + 1), (o + 1) * (d + 1));
      choleskySolve(matrix, d, own);
      own[d] /= Math.max(total, Number.EPSILON * cells);
    }
  };
}

/** Cells by systematic sampling on their cumulative curvature, and the curvature of all cells together. */
async function sampleByCurvature(
  data: SoftmaxData,
  parameters: Float64Array,
  sampled: number,
  pause: () => Promise<void>,
): Promise<{ chosen: number[]; total: number }> {
  const looked = Math.min(data.cells, MOST_LOOKED_AT);
  const at = (i: number) => Math.floor((i * data.cells) / looked);
  const logits = new Float64Array(data.outputs);
  const cumulative = new Float64Array(looked);
  let sum = 0;
  for (let i = 0; i < looked; i++) {
    const cell = at(i);
    linearOutputs(data.features(cell, cell + 1), 0, data.dimension, parameters, logits);
    toProbabilities(logits);
    for (const p of logits) sum += (data.weights[cell] * p * (1 - p)) / data.outputs;
    cumulative[i] = sum;
    if (i % 256 === 0) await pause();
  }
  const chosen: number[] = [];
  for (let i = 0; chosen.length < sampled && i < looked; i++)
    while (chosen.length < sampled && cumulative[i] >= ((chosen.length + 0.5) / sampled) * sum)
      chosen.push(at(i));
  return { chosen, total: (sum * data.cells) / looked };
}

/** Lower triangle of matrix += Σ x xᵀ over up to four cells at once, to pass over the matrix less often. */
function addOuterProducts(matrix: Float64Array, cells: readonly number[], data: SoftmaxData): void {
  const d = data.dimension;
  const none = new Float32Array(d);
  const [a, b, e, f] = [0, 1, 2, 3].map((i) =>
    i < cells.length ? data.features(cells[i], cells[i] + 1) : none,
  );
  for (let i = 0; i < d; i++) {
    const [ai, bi, ei, fi] = [a[i], b[i], e[i], f[i]];
    const row = i * d;
    for (let j = 0; j <= i; j++) matrix[row + j] += ai * a[j] + bi * b[j] + ei * e[j] + fi * f[j];
  }
}
