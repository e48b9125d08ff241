/** What an evaluation says of every way of answering; plain data that crosses workers. k classes. */

/** As scikit-learn defines them; NaN where undefined (one class only). */
export interface Metrics {
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly f1Macro: number;
  readonly f1Weighted: number;
  /** Two classes: of the second; more: macro average one-vs-rest over the classes present. */
  readonly auroc: number;
  readonly averagePrecision: number;
  readonly mcc: number;
  readonly logLoss: number;
  /** Two classes: of the second class; more: summed over classes. */
  readonly brier: number;
}

export interface ClassMetrics {
  readonly name: string;
  readonly n: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly auroc: number;
  readonly averagePrecision: number;
}

export interface GroupMetrics {
  readonly name: string;
  readonly n: number;
  readonly accuracy: number;
  /** Index of the donor's recorded class; −1 = several. */
  readonly recorded: number;
  /** [k] mean probability over the donor's tested cells. */
  readonly meanProbability: readonly number[];
  /** Class of the greatest mean probability. */
  readonly predicted: number;
}

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

export interface ClassCurve {
  readonly name: string;
  /** x = false positive rate, y = true positive rate, from (0, 0) to (1, 1). */
  readonly roc: readonly CurvePoint[];
}

/** Ten equal bins of the predicted class's probability. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly meanProbability: number;
  readonly accuracy: number;
}

/** x = share of cells answered, y = their accuracy, as the threshold rises. */
export interface CoveragePoint {
  readonly threshold: number;
  readonly coverage: number;
  readonly accuracy: number;
}

export type MetricName = keyof Metrics;

/** How sure the figures are; the unit is the donor, never the cell. */
export type Uncertainty =
  /** Six donors a class and more: donors resampled within their class. */
  | {
      readonly kind: 'bootstrap';
      readonly resamples: number;
      /** 95 % intervals. */
      readonly intervals: Readonly<Record<MetricName, readonly [number, number]>>;
      readonly donorsRight: DonorsRight | null;
    }
  /** Three to five donors of the rarest class: how many donors are right, with the exact interval. */
  | { readonly kind: 'donors-right'; readonly donorsRight: DonorsRight }
  /** Fewer than three tested donors of a class: no claim can be made. */
  | { readonly kind: 'no-claim'; readonly donorsRight: DonorsRight | null }
  /** The file names no donors: nothing can be said of how sure this is. */
  | { readonly kind: 'no-groups' };

export interface DonorsRight {
  readonly right: number;
  readonly n: number;
  /** Clopper–Pearson, 95 %. */
  readonly interval: readonly [number, number];
}

/** What the same procedure gives when labels say nothing. */
export interface PermutationNull {
  readonly permutations: number;
  /** Labels permuted over whole donors, or within donors where a label varies inside them. */
  readonly unit: 'donors' | 'donors-within-studies' | 'cells-within-donors';
  /** True where every possible relabelling was tried. */
  readonly exhaustive: boolean;
  readonly metric: 'auroc' | 'balancedAccuracy';
  readonly mean: number;
  /** 2.5th and 97.5th percentile. */
  readonly interval: readonly [number, number];
  /** One-sided p, (1 + at least as good) / (1 + permutations), or the exact share. */
  readonly p: number;
  /** The smallest p this many donors can give. */
  readonly smallestP: number;
}

/** One row of the table: a way of answering, measured on the same cells. */
export interface MethodResult {
  readonly id: 'probe' | 'expression' | 'commonest-class' | 'commonest-of-study' | 'head' | 'fine-tuned';
  readonly name: string;
  /** [t] cells answered, ascending; a method may leave some out (`withheld`). */
  readonly cells: Uint32Array<ArrayBuffer>;
  /** [t, k] */
  readonly probabilities: Float32Array<ArrayBuffer>;
  readonly metrics: Metrics;
  /** [k, k] recorded × predicted. */
  readonly confusion: Uint32Array<ArrayBuffer>;
  readonly byClass: readonly ClassMetrics[];
  readonly byGroup: readonly GroupMetrics[];
  readonly byCellType: readonly { readonly name: string; readonly n: number; readonly metrics: Metrics }[];
  /** Empty for methods without probabilities worth the name. */
  readonly curves: readonly ClassCurve[];
  readonly reliability: readonly ReliabilityBin[];
  readonly coverage: readonly CoveragePoint[];
  /** Chosen on validation cells of the training folds; null = not chosen. */
  readonly threshold: number | null;
  readonly uncertainty: Uncertainty;
  /** For the probe and a trained model; null for others. */
  readonly permutation: PermutationNull | null;
  /** Tested cells without an answer of this method. */
  readonly withheld: number;
}

export interface FoldReport {
  readonly name: string;
  readonly trainCells: number;
  readonly testCells: number;
  readonly trainGroups: readonly string[];
  readonly testGroups: readonly string[];
  /** C of the probe, of how it came about. */
  readonly c: number;
}

/** Everything one run of an evaluation says. */
export interface Evaluation {
  readonly classes: readonly string[];
  /** Labelled cells, and of them those tested. */
  readonly labelled: number;
  readonly tested: number;
  readonly groups: number;
  readonly testedGroups: number;
  /** Groups the encoder has seen: in training folds only. */
  readonly seenGroups: readonly string[];
  readonly folds: readonly FoldReport[];
  /** The probe first, then what it must beat. */
  readonly methods: readonly MethodResult[];
  /** For 'random-cells': the probe split by group, the honest figure beside the leaking one. */
  readonly byGroupInstead: MethodResult | null;
  /** Sentences: inner folds lacked a class, a class in one donor only, no claim can be made … */
  readonly notices: readonly string[];
}
