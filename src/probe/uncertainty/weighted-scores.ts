import type { Metrics } from '../results.ts';

/** Probabilities are clipped there before a logarithm, as scikit-learn does for float32. */
const EPSILON = 2 ** -23;

/** Cells in descending order of one class's probability. */
interface Ranking {
  readonly class: number;
  readonly order: Uint32Array;
  /** [t] by place: 1 = the next cell has another probability. */
  readonly tieEnds: Uint8Array;
}

/**
 * The metrics of src/probe/metrics with a weight on every donor: what resampling donors needs a thousand
 * times over. What does not depend on the weights (ranks, sums within donors) is made once. Integer
 * weights give what repeating the donor's cells would give.
 */
export class WeightedScores {
  /** [units, k, k] recorded × predicted. */
  readonly #confusions: Float64Array;
  /** [units] sums over cells. */
  readonly #logLoss: Float64Array;
  readonly #brier: Float64Array;
  readonly #rankings: readonly Ranking[];

  /**
   * @param labels [t]
   * @param probabilities [t, k]
   * @param units [t] donor of each cell, 0 … `count` − 1
   */
  constructor(
    readonly labels: Int32Array,
    probabilities: Float32Array,
    readonly classes: number,
    readonly units: Int32Array,
    readonly count: number,
  ) {
    const k = classes;
    this.#confusions = new Float64Array(count * k * k);
    this.#logLoss = new Float64Array(count);
    this.#brier = new Float64Array(count);
    for (let i = 0; i < labels.length; i++) {
      let best = 0;
      let sum = 0;
      let squares = 0;
      for (let c = 0; c < k; c++) {
        const p = probabilities[i * k + c];
        if (p > probabilities[i * k + best]) best = c;
        sum += Math.min(1 - EPSILON, Math.max(EPSILON, p));
        if (k > 2 || c === 1) squares += (p - (labels[i] === c ? 1 : 0)) ** 2;
      }
      const own = Math.min(1 - EPSILON, Math.max(EPSILON, probabilities[i * k + labels[i]]));
      this.#confusions[(units[i] * k + labels[i]) * k + best]++;
      this.#logLoss[units[i]] -= Math.log(own / sum);
      this.#brier[units[i]] += squares;
    }
    const ranked = k === 2 ? [1] : Array.from({ length: k }, (_, c) => c);
    this.#rankings = ranked.map((c) => rankingOf(probabilities, k, c));
  }

  /** @param weights [units], not negative */
  metrics(weights: Float64Array): Metrics {
    const k = this.classes;
    const confusion = new Float64Array(k * k);
    let logLoss = 0;
    let brier = 0;
    for (let u = 0; u < this.count; u++) {
      if (weights[u] === 0) continue;
      for (let p = 0; p < k * k; p++) confusion[p] += weights[u] * this.#confusions[u * k * k + p];
      logLoss += weights[u] * this.#logLoss[u];
      brier += weights[u] * this.#brier[u];
    }
    const n = confusion.reduce((sum, v) => sum + v, 0);
    const ranks = this.#rankings.map((ranking) => this.#rank(ranking, weights));
    return {
      ...fromConfusion(confusion, k, n),
      auroc: meanOf(ranks.map((rank) => rank.auroc)),
      averagePrecision: meanOf(ranks.map((rank) => rank.averagePrecision)),
      logLoss: logLoss / n,
      brier: brier / n,
    };
  }

  #rank({ class: positive, order, tieEnds }: Ranking, weights: Float64Array) {
    let positives = 0;
    let negatives = 0;
    let area = 0;
    let precisions = 0;
    let tiePositives = 0;
    let tieNegatives = 0;
    for (let place = 0; place < order.length; place++) {
      const cell = order[place];
      const weight = weights[this.units[cell]];
      if (this.labels[cell] === positive) tiePositives += weight;
      else tieNegatives += weight;
      if (tieEnds[place] === 0) continue;
      area += tieNegatives * (positives + tiePositives / 2);
      positives += tiePositives;
      negatives += tieNegatives;
      if (tiePositives > 0) precisions += (tiePositives * positives) / (positives + negatives);
      tiePositives = 0;
      tieNegatives = 0;
    }
    const defined = positives > 0 && negatives > 0;
    return {
      auroc: defined ? area / (positives * negatives) : Number.NaN,
      averagePrecision: defined ? precisions / positives : Number.NaN,
    };
  }
}

function fromConfusion(confusion: Float64Array, k: number, n: number) {
  let right = 0;
  let recalls = 0;
  let recorded = 0;
  let f1s = 0;
  let named = 0;
  let f1Weighted = 0;
  let products = 0;
  let squaresRecorded = 0;
  let squaresPredicted = 0;
  for (let c = 0; c < k; c++) {
    let row = 0;
    let column = 0;
    for (let o = 0; o < k; o++) {
      row += confusion[c * k + o];
      column += confusion[o * k + c];
    }
    const hit = confusion[c * k + c];
    right += hit;
    products += row * column;
    squaresRecorded += row * row;
    squaresPredicted += column * column;
    if (row + column === 0) continue;
    const f1 = (2 * hit) / (row + column);
    named++;
    f1s += f1;
    f1Weighted += (f1 * row) / n;
    if (row === 0) continue;
    recorded++;
    recalls += hit / row;
  }
  const spread = Math.sqrt((n * n - squaresPredicted) * (n * n - squaresRecorded));
  return {
    accuracy: right / n,
    balancedAccuracy: recalls / recorded,
    f1Macro: f1s / named,
    f1Weighted,
    mcc: spread === 0 ? 0 : (right * n - products) / spread,
  };
}

function rankingOf(probabilities: Float32Array, k: number, c: number): Ranking {
  const t = probabilities.length / k;
  const order = Uint32Array.from({ length: t }, (_, i) => i).sort(
    (a, b) => probabilities[b * k + c] - probabilities[a * k + c],
  );
  const tieEnds = new Uint8Array(t);
  order.forEach((cell, place) => {
    const next = place + 1 < t ? probabilities[order[place + 1] * k + c] : Number.NaN;
    tieEnds[place] = probabilities[cell * k + c] === next ? 0 : 1;
  });
  return { class: c, order, tieEnds };
}

/** Mean over classes where the metric is defined; NaN where it is for none. */
function meanOf(values: readonly number[]): number {
  const defined = values.filter((value) => !Number.isNaN(value));
  return defined.reduce((sum, value) => sum + value, 0) / defined.length;
}
