/**
 * What the parts of probing agree on: plain data that crosses workers. n cells, d features, k classes.
 * Indices of cells are positions in these arrays, never rows of the file.
 */

/** One name for each cell, or none. */
export interface Grouping {
  readonly names: readonly string[];
  /** [n] index into `names`, −1 = none. */
  readonly codes: Int32Array<ArrayBuffer>;
}

/** log1p of counts per 10,000, in CSR form, over all columns of the counts matrix. */
export interface LogCounts {
  readonly columns: number;
  /** [n + 1] */
  readonly indptr: Uint32Array<ArrayBuffer>;
  /** [stored] ascending within a cell. */
  readonly indices: Uint32Array<ArrayBuffer>;
  /** [stored] */
  readonly values: Float32Array<ArrayBuffer>;
}

/** Frozen features with labels and groups: what a probe learns from and is tested on. */
export interface ProbeData {
  /** [n, dimension] */
  readonly features: Float32Array<ArrayBuffer>;
  readonly dimension: number;
  readonly classes: readonly string[];
  /** [n] index into `classes`, −1 = no label: never trained on, never scored. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** Donors, or whatever column keeps cells together in a split; null = the file names none. */
  readonly groups: Grouping | null;
  /** [groups] 1 = the encoder has seen this donor's labels: it may train, it is never a test. */
  readonly seen: Uint8Array<ArrayBuffer>;
  /** Study or batch, for the commonest class of it. */
  readonly studies: Grouping | null;
  /** For results by cell type. */
  readonly cellTypes: Grouping | null;
  /** [n, k] probabilities of the model's own head in these classes; NaN rows = withheld. */
  readonly head: Float32Array<ArrayBuffer> | null;
  /** For the baseline on expression; null = not asked for. */
  readonly expression: LogCounts | null;
}

export type SplitPlan =
  | { readonly kind: 'leave-one-group-out' }
  | { readonly kind: 'grouped-k-fold'; readonly folds: number }
  | { readonly kind: 'held-out-groups'; readonly groups: readonly string[] }
  /**
   * The paper's second task: learn `trainCases` against `control`, be tested on `testCase` against it.
   * Control donors are split too. Cases are values of their own column (`condition`), the answer stays
   * the two classes of the label.
   */
  | {
      readonly kind: 'held-out-case';
      readonly trainCases: readonly string[];
      readonly testCase: string;
      readonly control: string;
    }
  /** Leaks: cells of one donor on both sides. Always reported beside the split by group. */
  | { readonly kind: 'random-cells'; readonly folds: number };

/** One opening of the test set. Cells with label −1 and, in tests, of seen groups, are in neither. */
export interface Fold {
  readonly name: string;
  readonly train: Uint32Array<ArrayBuffer>;
  readonly test: Uint32Array<ArrayBuffer>;
}

export interface ProbeSettings {
  readonly split: SplitPlan;
  /** [n] value of the case column for 'held-out-case', else null. */
  readonly cases: Grouping | null;
  /** Inverse strength of L2 as scikit-learn's C; 'chosen' = by inner CV over groups of the training cells. */
  readonly c: number | 'chosen';
  readonly classWeights: 'none' | 'balanced';
  /** Relabellings of donors for the null; 0 = none. */
  readonly permutations: number;
  /** Resamples of donors for intervals. */
  readonly resamples: number;
  readonly seed: number;
}

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
  readonly unit: 'donors' | 'cells-within-donors';
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

/** One row of the table: any way of answering, measured on the same cells. */
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
  /** For the probe; null for others. */
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

/** A trained probe on its own: never holds a cell. */
export interface TrainedProbe {
  readonly classes: readonly string[];
  readonly dimension: number;
  /** [d] */
  readonly scalerMean: Float64Array<ArrayBuffer>;
  readonly scalerScale: Float64Array<ArrayBuffer>;
  /** [1 or k, d]: one row for two classes, as scikit-learn. */
  readonly coefficients: Float64Array<ArrayBuffer>;
  /** [1 or k] */
  readonly intercepts: Float64Array<ArrayBuffer>;
  readonly c: number;
  /** Below this probability it does not answer; null = always answers. */
  readonly threshold: number | null;
  /** [d] and [d, d]: mean and precision (Ledoit–Wolf) of the training features, for what lies outside. */
  readonly featureMean: Float64Array<ArrayBuffer>;
  readonly featurePrecision: Float64Array<ArrayBuffer>;
  /** [101] quantiles of the training cells' Mahalanobis distance. */
  readonly distanceQuantiles: Float64Array<ArrayBuffer>;
}

export interface ProbeJobOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: {
    readonly stage: string;
    readonly done: number;
    readonly total?: number;
    readonly unit: 'bytes' | 'cells' | 'epochs' | 'kernels' | 'fits';
  }) => void;
}

/** A trained probe's answers for n cells. */
export interface AppliedProbe {
  /** [n, k]; a row of NaN where the cell is outside what the probe has seen or below its threshold. */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** [n] 0 = answered, 1 = outside what the probe was trained on, 2 = below the threshold. */
  readonly withheld: Uint8Array<ArrayBuffer>;
}

/** Probing behind the page and the command line: in a worker of its own, or called directly. */
export interface ProbeService {
  /** Every method of the table on the same folds. @throws ProbeError where the data cannot be split so */
  evaluate(data: ProbeData, settings: ProbeSettings, options: ProbeJobOptions): Promise<Evaluation>;
  /** One probe on all labelled cells, for use on other data: its accuracy is what `evaluate` said. */
  train(
    data: ProbeData,
    settings: Pick<ProbeSettings, 'c' | 'classWeights' | 'seed'> & { readonly threshold: number | null },
    options: ProbeJobOptions,
  ): Promise<TrainedProbe>;
  /** @param features [n, dimension] */
  apply(
    probe: TrainedProbe,
    features: Float32Array<ArrayBuffer>,
    options: ProbeJobOptions,
  ): Promise<AppliedProbe>;
}
