import type { Evaluation } from './results.ts';

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
  /** Studies of several files: a donor's label follows its study, so that labels are permuted within each. Absent = one. */
  readonly exchangeableWithin?: Grouping;
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
