import { availableParallelism } from 'node:os';
import { Random } from '../src/analysis/random.ts';
import { fitLogistic } from '../src/probe/logistic/fit.ts';
import { fitScaler } from '../src/probe/logistic/scaler.ts';

/** How one fit went. */
export interface ProbeBenchRow {
  readonly data: string;
  readonly backEnd: string;
  readonly iterations: number;
  readonly converged: boolean;
  readonly seconds: number;
  /** Of all threads: what an idle machine would need is below this and above a share of it. */
  readonly cpuSeconds: number;
  /** From the cancel to the end of the call, a second into the same fit again. */
  readonly cancelMilliseconds: number;
}

/**
 * `noisy`: independent features, labels drawn by a softmax of them; `mixture`: clusters with a spectrum as
 * embeddings have (falling with the power 0.7, turned out of the axes), 3 % of labels at random;
 * `separable`: the same without, clusters twice as far.
 */
const KINDS = ['noisy', 'mixture', 'separable'] as const;
type Kind = (typeof KINDS)[number];

/** Fits on random features by what a probe in a page without a GPU runs on. */
export async function benchProbe(
  cells: number,
  dimension: number,
  classes: number,
  threads = availableParallelism(),
): Promise<readonly ProbeBenchRow[]> {
  const environment = { wasm: { threads, importRuntime: () => import('onnxruntime-web') } };
  const rows: ProbeBenchRow[] = [];
  for (const kind of KINDS) {
    const { features, labels } = randomCells(kind, cells, dimension, classes);
    const used = Uint32Array.from(labels, (_, i) => i);
    const scaler = fitScaler(features, used, dimension);
    const problem = { features, dimension, rows: used, labels, classes, scaler };
    let backEnd = '';
    const cpu = process.cpuUsage();
    const start = performance.now();
    const { iterations, converged } = await fitLogistic(problem, {
      c: 1,
      environment,
      onBackEnd: (name) => {
        backEnd = name;
      },
    });
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const controller = new AbortController();
    let cancelled = 0;
    const timer = setTimeout(() => {
      cancelled = performance.now();
      controller.abort(new DOMException('cancelled', 'AbortError'));
    }, 1000);
    await fitLogistic(problem, { c: 1, environment, signal: controller.signal }).catch(() => undefined);
    clearTimeout(timer);
    rows.push({
      data: kind,
      backEnd,
      iterations,
      converged,
      seconds,
      cpuSeconds: (user + system) / 1e6,
      cancelMilliseconds: cancelled === 0 ? Number.NaN : performance.now() - cancelled,
    });
  }
  return rows;
}

function randomCells(kind: Kind, cells: number, d: number, k: number) {
  const random = new Random(20_261_125);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const normals = (count: number, scale: number) =>
    Float64Array.from({ length: count }, () => scale * normal());
  const features = new Float32Array(cells * d);
  const labels = new Int32Array(cells);
  const centres = normals(k * d, kind === 'separable' ? 1 : 0.5);
  const weights = normals(k * d, 0.12);
  const mirrors = Array.from({ length: 6 }, () => normals(d, 1 / Math.sqrt(d)));
  for (let i = 0; i < cells; i++) {
    const x = normals(d, 1);
    if (kind === 'noisy') {
      labels[i] = drawLabel(x, weights, k, random);
    } else {
      const cluster = random.below(k);
      labels[i] = kind === 'mixture' && random.uniform() < 0.03 ? random.below(k) : cluster;
      for (let j = 0; j < d; j++) x[j] = (x[j] + centres[cluster * d + j]) * (j + 1) ** -0.7;
      for (const mirror of mirrors) reflect(x, mirror);
    }
    features.set(x, i * d);
  }
  return { features, labels };
}

/** The greatest logit with Gumbel noise: a draw from the softmax. */
function drawLabel(x: Float64Array, weights: Float64Array, k: number, random: Random): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < k; c++) {
    const noise = -Math.log(-Math.log(random.uniform() + 1e-12));
    const logit = x.reduce((sum, value, j) => sum + value * weights[c * x.length + j], noise);
    if (logit > most) [best, most] = [c, logit];
  }
  return best;
}

/** Householder reflection: turns the axes. */
function reflect(x: Float64Array, mirror: Float64Array): void {
  const along = x.reduce((sum, value, j) => sum + value * mirror[j], 0);
  const square = mirror.reduce((sum, value) => sum + value * value, 0);
  for (let j = 0; j < x.length; j++) x[j] -= (2 * along * mirror[j]) / square;
}
