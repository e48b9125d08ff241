import { softmaxRows } from '../engine/predictions.ts';
import { ProbeError } from '../probe/errors.ts';
import { evaluate } from '../probe/evaluate.ts';
import { fineTunedResult } from '../probe/fine-tuned-result.ts';
import type { FitEnvironment } from '../probe/logistic/back-ends.ts';
import type { MethodResult } from '../probe/results.ts';
import { planFolds } from '../probe/splits.ts';
import type { Grouping, ProbeData, ProbeJobOptions, ProbeSettings } from '../probe/types.ts';
import type { TrainingTask } from './task.ts';
import type { BaselineLine, DonorSetName } from './types.ts';

/** Gene-mean embeddings of the base model, whose weights stay as they were. */
export interface FrozenFeatures {
  /** [n, dimension] */
  readonly features: Float32Array<ArrayBuffer>;
  readonly dimension: number;
}

export interface CompareJob extends ProbeJobOptions {
  readonly environment?: FitEnvironment;
}

/** What was compared, or why nothing could be. */
export type Comparison =
  | { readonly methods: readonly MethodResult[]; readonly notices: readonly string[] }
  | { readonly methods: null; readonly notices: readonly string[] };

/** Resamples of donors for the intervals. */
const RESAMPLES = 1000;
/** Of the test donors' labels, for what chance gives: nothing is fitted again. */
const PERMUTATIONS = 1000;

/**
 * Ways to answer an annotation on the cells of one donor set, each learned from `trained` sets alone: a linear probe
 * on the frozen embeddings, the commonest class, that of the cell's batch or study, a regression on expression where
 * counts are there; before them the new model's answers.
 * @param answers [cells of the set, classes] logits of the new model in the order of the set; null = not yet trained
 */
export async function compare(
  task: TrainingTask,
  annotation: string,
  frozen: FrozenFeatures,
  tested: 'validation' | 'test',
  answers: Float32Array | null,
  job: CompareJob,
): Promise<Comparison> {
  const data = comparedData(task, annotation, frozen, tested);
  const groups = testedGroups(data, task, tested);
  const settings: ProbeSettings = {
    split: { kind: 'held-out-groups', groups },
    cases: null,
    c: task.config.probeC ?? 'chosen',
    classWeights: 'none',
    permutations: 0,
    resamples: RESAMPLES,
    seed: task.config.seed,
  };
  try {
    const [fold] = planFolds(data, settings);
    const evaluation = await evaluate(data, settings, job, job.environment);
    const methods = [...evaluation.methods];
    if (answers !== null) {
      const k = data.classes.length;
      const given = new Float32Array(data.labels.length * k).fill(Number.NaN);
      task.sets[tested].forEach((cell, i) => {
        given.set(softmaxRows(answers.subarray(i * k, (i + 1) * k), k), cell * k);
      });
      const drawn = { ...settings, permutations: PERMUTATIONS };
      methods.unshift(await fineTunedResult('trained model', given, [fold], data, drawn, job.signal));
    }
    return { methods, notices: evaluation.notices };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return {
      methods: null,
      notices: [`${annotation} could not be compared with its baselines: ${error.message}.`],
    };
  }
}

/** Lines for the curve of validation, of what was compared on validation cells. */
export function baselineLines(annotation: string, methods: readonly MethodResult[]): BaselineLine[] {
  return methods.map(({ id, name, metrics }) => ({
    id,
    name,
    annotation,
    accuracy: metrics.accuracy,
    balancedAccuracy: metrics.balancedAccuracy,
  }));
}

/** Labels of the sets that take part; cells of other sets have none, so that nothing learns from them. */
function comparedData(
  { cells, labels, sets }: TrainingTask,
  annotation: string,
  { features, dimension }: FrozenFeatures,
  tested: 'validation' | 'test',
): ProbeData {
  const { classes, codes } = labels[annotation];
  const taking: DonorSetName[] =
    tested === 'test' ? ['train', 'validation', 'test'] : ['train', 'validation'];
  const own = new Int32Array(codes.length).fill(-1);
  for (const set of taking) {
    if (set === 'left-out') continue;
    for (const cell of sets[set]) own[cell] = codes[cell];
  }
  const groups = donorGroups({ cells });
  return {
    features,
    dimension,
    classes,
    labels: own,
    groups,
    // A donor seen before is no test, but the user may choose by one.
    seen: Uint8Array.from(groups.names, (_, group) =>
      tested === 'test' ? (cells.donors.seen[group] ?? 0) : 0,
    ),
    studies: cells.batches,
    ...(cells.sources.length > 1
      ? {
          exchangeableWithin: { names: cells.sources.map(({ study }) => study), codes: cells.studies },
        }
      : {}),
    cellTypes: cells.cellTypes,
    head: null,
    expression: cells.expression,
  };
}

/** Donors by a name that is their own among all studies; the cells of a study without donors are one group. */
function donorGroups({ cells }: Pick<TrainingTask, 'cells'>): Grouping {
  const { donors, sources, studies } = cells;
  const study = (s: number) => sources[s].study;
  const one = sources.length === 1;
  const names = donors.names.map((name, i) => (one ? name : `${study(donors.studies[i])}: ${name}`));
  const codes = donors.codes.slice();
  const whole = new Map<number, number>();
  codes.forEach((donor, cell) => {
    const s = studies[cell];
    if (donor >= 0 || sources[s].hasDonors) return;
    const code = whole.get(s) ?? names.push(`${study(s)}: all cells`) - 1;
    whole.set(s, code);
    codes[cell] = code;
  });
  return { names, codes };
}

/** Names of the donors of the set that have a labelled cell. */
function testedGroups(data: ProbeData, { sets }: TrainingTask, tested: 'validation' | 'test'): string[] {
  const codes = new Set<number>();
  for (const cell of sets[tested]) if (data.labels[cell] >= 0) codes.add(data.groups?.codes[cell] ?? -1);
  return [...codes].filter((code) => code >= 0).map((code) => data.groups?.names[code] ?? '');
}
