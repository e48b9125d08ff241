import type { SoftmaxData, SoftmaxLoss } from '../../engine/softmax-loss.ts';

/** Multiplications between two pauses: some 20 ms. */
const CHUNK_PRODUCTS = 2e7;

/** The loss in plain float64 arithmetic on float32 features: exact, and the fastest where cells are few. */
export class Float64Loss implements SoftmaxLoss {
  readonly #data: SoftmaxData;
  readonly #features: Float32Array;

  constructor(data: SoftmaxData) {
    this.#data = data;
    this.#features = data.features(0, data.cells);
  }

  async evaluate(
    parameters: Float64Array,
    gradient: Float64Array,
    pause: () => Promise<void>,
  ): Promise<number> {
    const { cells, dimension, outputs } = this.#data;
    const chunk = Math.max(1, Math.floor(CHUNK_PRODUCTS / (2 * dimension * outputs)));
    gradient.fill(0);
    let loss = 0;
    for (let first = 0; first < cells; first += chunk) {
      loss += this.#addRows(first, Math.min(cells, first + chunk), parameters, gradient);
      await pause();
    }
    return loss;
  }

  destroy(): void {}

  #addRows(first: number, last: number, parameters: Float64Array, gradient: Float64Array): number {
    const { dimension, outputs, labels, weights } = this.#data;
    const logits = new Float64Array(outputs);
    let loss = 0;
    for (let i = first; i < last; i++) {
      const at = i * dimension;
      linearOutputs(this.#features, at, dimension, parameters, logits);
      loss += weights[i] * toResiduals(logits, labels[i]);
      for (let c = 0; c < outputs; c++) logits[c] *= weights[i];
      addOuterProduct(this.#features, at, dimension, logits, gradient);
    }
    return loss;
  }
}

/** logits[c] = x · W[c] + b[c] for the cell at `at`; four outputs at a time share each load of x. */
export function linearOutputs(
  x: Float32Array,
  at: number,
  d: number,
  parameters: Float64Array,
  logits: Float64Array,
): void {
  let c = 0;
  for (; c + 4 <= logits.length; c += 4) {
    const w0 = c * (d + 1);
    const w1 = w0 + d + 1;
    const w2 = w1 + d + 1;
    const w3 = w2 + d + 1;
    let [s0, s1, s2, s3] = [parameters[w0 + d], parameters[w1 + d], parameters[w2 + d], parameters[w3 + d]];
    for (let j = 0; j < d; j++) {
      const value = x[at + j];
      s0 += value * parameters[w0 + j];
      s1 += value * parameters[w1 + j];
      s2 += value * parameters[w2 + j];
      s3 += value * parameters[w3 + j];
    }
    logits[c] = s0;
    logits[c + 1] = s1;
    logits[c + 2] = s2;
    logits[c + 3] = s3;
  }
  for (; c < logits.length; c++) {
    const w = c * (d + 1);
    // Two sums, since one alone waits for each addition.
    let even = parameters[w + d];
    let odd = 0;
    let j = 0;
    for (; j + 2 <= d; j += 2) {
      even += x[at + j] * parameters[w + j];
      odd += x[at + j + 1] * parameters[w + j + 1];
    }
    if (j < d) even += x[at + j] * parameters[w + j];
    logits[c] = even + odd;
  }
}

/**
 * Probabilities over the logits, in place: of m classes, or of the second class alone where m = 1.
 * Returns log Σ exp over the logits, the first class's 0 included where m = 1.
 */
export function toProbabilities(logits: Float64Array): number {
  if (logits.length === 1) {
    const [logit] = logits;
    logits[0] = 1 / (1 + Math.exp(-logit));
    return Math.max(0, logit) + Math.log1p(Math.exp(-Math.abs(logit)));
  }
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) most = Math.max(most, logit);
  let sum = 0;
  for (let c = 0; c < logits.length; c++) {
    logits[c] = Math.exp(logits[c] - most);
    sum += logits[c];
  }
  for (let c = 0; c < logits.length; c++) logits[c] /= sum;
  return most + Math.log(sum);
}

/** The residuals p − y over the logits, in place. Returns −log p[label]. */
function toResiduals(logits: Float64Array, label: number): number {
  const own = logits.length === 1 ? label - 1 : label;
  const logit = own < 0 ? 0 : logits[own];
  const loss = toProbabilities(logits) - logit;
  if (own >= 0) logits[own] -= 1;
  return loss;
}

/** gradient[c] += residual[c] · (x, 1) */
function addOuterProduct(
  x: Float32Array,
  at: number,
  d: number,
  residuals: Float64Array,
  gradient: Float64Array,
): void {
  let c = 0;
  for (; c + 4 <= residuals.length; c += 4) {
    const w0 = c * (d + 1);
    const w1 = w0 + d + 1;
    const w2 = w1 + d + 1;
    const w3 = w2 + d + 1;
    const [r0, r1, r2, r3] = residuals.subarray(c, c + 4);
    for (let j = 0; j < d; j++) {
      const value = x[at + j];
      gradient[w0 + j] += r0 * value;
      gradient[w1 + j] += r1 * value;
      gradient[w2 + j] += r2 * value;
      gradient[w3 + j] += r3 * value;
    }
    gradient[w0 + d] += r0;
    gradient[w1 + d] += r1;
    gradient[w2 + d] += r2;
    gradient[w3 + d] += r3;
  }
  for (; c < residuals.length; c++) {
    const w = c * (d + 1);
    const r = residuals[c];
    for (let j = 0; j < d; j++) gradient[w + j] += r * x[at + j];
    gradient[w + d] += r;
  }
}
