import type {
  Evaluation,
  GroupMetrics,
  MethodResult,
  Metrics,
  Uncertainty,
} from '../../src/probe/results.ts';

/** Text that must never become markup. */
export const HOSTILE = '</text></script><img src=x onerror="alert(1)">&\'\u0001';

const METRICS: Metrics = {
  accuracy: 0.71,
  balancedAccuracy: 0.68,
  f1Macro: 0.66,
  f1Weighted: 0.7,
  auroc: 0.74,
  averagePrecision: 0.72,
  mcc: 0.35,
  logLoss: 0.61,
  brier: 0.2,
};

const NOTHING: Metrics = {
  ...METRICS,
  balancedAccuracy: 0.5,
  auroc: Number.NaN,
  averagePrecision: Number.NaN,
  mcc: 0,
};

export interface FakeEvaluation {
  readonly classes?: readonly string[];
  /** Tested donors; donor i is of class i modulo the classes. */
  readonly donors?: readonly string[];
  readonly seen?: readonly string[];
  readonly cellTypes?: readonly string[];
  readonly uncertainty?: Uncertainty;
  readonly byGroupInstead?: boolean;
  readonly notices?: readonly string[];
  /** Cells of a donor. */
  readonly cells?: number;
  readonly threshold?: number | null;
}

/** An evaluation whose numbers hang together well enough to be drawn and read. */
export function fakeEvaluation({
  classes = ['COVID-19', 'normal'],
  donors = ['H00053', 'S00006', 'S00043'],
  seen = ['H00049', 'S00016', 'S00040'],
  cellTypes = ['B cell', 'T cell'],
  uncertainty = { kind: 'no-claim', donorsRight: { right: 2, n: 3, interval: [0.09, 0.99] } },
  byGroupInstead = false,
  notices = ['One donor alone is recorded as normal among those tested.'],
  cells = 10,
  threshold = 0.6,
}: FakeEvaluation = {}): Evaluation {
  const k = classes.length;
  const n = cells * donors.length;
  const right = (cell: number) => cell % 4 !== 3;
  const recorded = (cell: number) => Math.floor(cell / cells) % k;
  const predicted = (cell: number) => (right(cell) ? recorded(cell) : (recorded(cell) + 1) % k);
  const confusion = new Uint32Array(k * k);
  for (let cell = 0; cell < n; cell++) confusion[recorded(cell) * k + predicted(cell)]++;
  const byGroup = donors.map((name, d): GroupMetrics => {
    const share = 0.75 - 0.2 * (d % 3);
    return {
      name,
      n: cells,
      accuracy: share,
      recorded: d % k,
      meanProbability: classes.map((_, c) => (c === d % k ? share : (1 - share) / (k - 1))),
      predicted: share > 0.5 ? d % k : (d + 1) % k,
    };
  });
  const probe: MethodResult = {
    id: 'probe',
    name: 'probe on the embedding',
    cells: Uint32Array.from({ length: n }, (_, i) => i),
    probabilities: Float32Array.from({ length: n * k }, (_, i) =>
      i % k === predicted(Math.floor(i / k)) ? 0.7 : 0.3 / (k - 1),
    ),
    metrics: METRICS,
    confusion,
    byClass: classes.map((name, c) => ({
      name,
      n: cells * (1 + c),
      precision: 0.7,
      recall: 0.6,
      f1: 0.65,
      auroc: 0.74,
      averagePrecision: 0.7,
    })),
    byGroup,
    byCellType: cellTypes.map((name, i) => ({ name, n: 40 - i, metrics: METRICS })),
    curves: classes.map((name) => ({
      name,
      roc: [
        { x: 0, y: 0 },
        { x: 0.2, y: 0.6 },
        { x: 1, y: 1 },
      ],
    })),
    reliability: Array.from({ length: 10 }, (_, bin) => ({
      low: bin / 10,
      high: (bin + 1) / 10,
      n: bin < 5 ? 0 : 3 * bin,
      meanProbability: (bin + 0.5) / 10,
      accuracy: bin < 5 ? Number.NaN : 0.4 + bin / 20,
    })),
    coverage: [0.5, 0.6, 0.7, 0.8, 0.9].map((at, i) => ({
      threshold: at,
      coverage: 1 - 0.2 * i,
      accuracy: 0.71 + 0.04 * i,
    })),
    threshold,
    uncertainty,
    permutation: {
      permutations: 100,
      unit: 'donors',
      exhaustive: false,
      metric: k === 2 ? 'auroc' : 'balancedAccuracy',
      mean: 0.44,
      interval: [0.21, 0.71],
      p: 0.0198,
      smallestP: 0.0099,
    },
    withheld: 0,
  };
  const guess = (id: MethodResult['id'], name: string): MethodResult => ({
    ...probe,
    id,
    name,
    metrics: NOTHING,
    curves: [],
    reliability: [],
    coverage: [],
    threshold: null,
    permutation: null,
    byCellType: probe.byCellType.map((type) => ({ ...type, metrics: NOTHING })),
  });
  return {
    classes,
    labelled: n + cells * seen.length,
    tested: n,
    groups: donors.length + seen.length,
    testedGroups: donors.length,
    seenGroups: seen,
    folds: donors.map((name) => ({
      name,
      trainCells: n + cells * seen.length - cells,
      testCells: cells,
      trainGroups: [...donors.filter((other) => other !== name), ...seen],
      testGroups: [name],
      c: 0.1,
    })),
    methods: [
      probe,
      { ...probe, id: 'expression', name: 'probe on expression (log-CP10k, 50 PCs)', permutation: null },
      guess('commonest-class', 'commonest class'),
      guess('commonest-of-study', 'commonest class of the study'),
      { ...guess('head', 'the model’s own head'), withheld: 4 },
    ],
    byGroupInstead: byGroupInstead
      ? { ...probe, metrics: { ...METRICS, auroc: 0.53, balancedAccuracy: 0.51 } }
      : null,
    notices,
  };
}
