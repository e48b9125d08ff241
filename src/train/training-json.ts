import { version } from '../../package.json';
import type { ModelPackage } from '../model/package.ts';
import type { TrainConfig } from './config.ts';
import type { TrainingTask } from './task.ts';
import { comparedMethods, heldOutScores, maskedLosses } from './training-scores.ts';
import type { TrainingSummary } from './types.ts';

/** What the record of a training is written from. */
export interface RecordInputs {
  readonly task: TrainingTask;
  readonly base: Pick<ModelPackage, 'name' | 'sha256' | 'training'>;
  readonly summary: TrainingSummary;
  /** Set of cells → share of them that the training reference calls outside. */
  readonly withheld: Readonly<Record<string, number>>;
}

type ByStudy<T> = Readonly<Record<string, T>>;

/**
 * `training.json` as src/model/training-record.ts reads it, with the whole configuration beside. Where the model goes
 * on from another, that one's donors and sources stay listed: its encoder has seen them.
 */
export function trainingJson({
  task,
  base,
  summary,
  withheld,
}: RecordInputs): Readonly<Record<string, unknown>> {
  const { config, cells, model } = task;
  const before = config.base.kind === 'package' ? base.training : null;
  const trained = donorsBy(
    summary,
    'train',
    cells.sources.map(({ study }) => study),
  );
  const validated = union(before?.validationDonors ?? {}, donorsBy(summary, 'validation', []));
  const tested = donorsBy(summary, 'test', []);
  const training = union(before?.trainingDonors ?? {}, trained);
  const heldOut = union(before?.heldOutDonors ?? {}, tested);
  return {
    name: config.name,
    what: whatItIs(task, base.name),
    data: cells.sources.map(({ study }) => study),
    base_model:
      config.base.kind === 'package'
        ? { name: base.name, sha256: base.sha256, training_donors_known: before !== null }
        : null,
    training_donors: training,
    // Chosen by: early stopping and the threshold looked at them, so that they are no test either.
    validation_donors: validated,
    held_out_donors: Object.fromEntries(
      Object.entries(heldOut).map(([study, donors]) => [
        study,
        donors.filter((donor) => !training[study]?.includes(donor) && !validated[study]?.includes(donor)),
      ]),
    ),
    file_sha256: Object.fromEntries(cells.sources.map(({ study, files }) => [study, files])),
    // Without what the base model knew before.
    trained_here: { donors: trained, cells: task.sets.train.length },
    cells_in_training_set: (before?.cellsInTrainingSet ?? 0) + newCells(task, before !== null),
    ...(config.trainingShare === undefined
      ? {}
      : { share_of_each_training_donors_cells: config.trainingShare }),
    objective: objectiveWords(task),
    optimizer: optimiserWords(task),
    steps: summary.steps,
    cells_seen: summary.cellsSeen,
    training_seconds: Math.round(summary.seconds),
    held_out_donor_cells: heldOutScores(task, summary),
    held_out_methods: comparedMethods(summary),
    held_out_masked_gene_loss_nats: maskedLosses(summary.test?.masked ?? []),
    threshold: summary.threshold,
    heads_not_trained_here: model.untouchedHeads,
    seed: config.seed,
    withheld_as_outside_of_training: withheld,
    sources: sources(task, before?.sources ?? []),
    classes_seen_in_one_study_only: noted(oneStudyClasses(task)),
    training_class_counts: { ...kept(before?.trainingClassCounts ?? {}, task), ...classCounts(task) },
    batch_plan: summary.plan,
    engine: summary.engine,
    kernels: summary.kernels,
    end: summary.reason,
    notices: summary.notices,
    config: withoutFolders(config),
    version,
  };
}

/** Where the files lay is nobody's business: their names and hashes say which they are. */
function withoutFolders(config: TrainConfig): TrainConfig {
  const name = (path: string) => path.replace(/^.*[\\/]/, '');
  return { ...config, data: config.data.map((study) => ({ ...study, files: study.files.map(name) })) };
}

/** A sentence on what the model is; never one of the published ones. */
export function whatItIs({ config }: TrainingTask, base: string): string {
  const how =
    config.objective.kind === 'finetune'
      ? `${base} fine-tuned to ${config.objective.annotation} with teddy-web`
      : config.base.kind === 'package'
        ? `${base} trained further with teddy-web`
        : 'a model trained with teddy-web';
  return `${how}, not one of the published TEDDY models`;
}

/** Training cells that a base with a record has not counted: of a donor it knows all are taken for the same cells. */
function newCells({ cells: { donors }, sets }: TrainingTask, counted: boolean): number {
  if (!counted) return sets.train.length;
  return sets.train.filter((cell) => donors.codes[cell] < 0 || donors.seen[donors.codes[cell]] === 0).length;
}

function donorsBy(
  { donors }: TrainingSummary,
  set: 'train' | 'validation' | 'test',
  studies: readonly string[],
): Record<string, string[]> {
  const lists: Record<string, string[]> = Object.fromEntries(studies.map((study) => [study, []]));
  for (const place of donors) {
    if (place.set !== set) continue;
    lists[place.study] ??= [];
    lists[place.study].push(place.donor);
  }
  return lists;
}

function union(a: ByStudy<readonly string[]>, b: ByStudy<readonly string[]>): ByStudy<readonly string[]> {
  return Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((study) => [
      study,
      [...new Set([...(a[study] ?? []), ...(b[study] ?? [])])],
    ]),
  );
}

function objectiveWords({ config, weights }: TrainingTask): string {
  const parts = Object.entries(weights.annotations).map(([name, weight]) => `${name} (weight ${weight})`);
  if (weights.masked > 0)
    parts.unshift(`hidden tokens ${100 * config.masking.share} % (weight ${weights.masked})`);
  return parts.join(' + ');
}

function optimiserWords({ config }: TrainingTask): string {
  const { optimiser, batches, trainable } = config;
  const what = {
    all: 'all weights',
    heads: 'heads',
    'last-layers': 'heads and last layers',
    lora: 'heads and low-rank adapters',
  };
  return `AdamW lr ${optimiser.learningRate} ${optimiser.schedule}, weight decay ${optimiser.weightDecay}, ${optimiser.warmupSteps} warm-up steps, batch ${batches.cells}, ${what[trainable.kind]}`;
}

function sources(
  { cells, sets }: TrainingTask,
  before: readonly { readonly name: string; readonly citation: string; readonly licence: string }[],
): readonly unknown[] {
  const own = cells.sources.map(({ study, citation, licence }, s) => {
    const { codes, studies } = cells.donors;
    const all = studies.filter((of) => of === s).length;
    const trained = new Set(
      Array.from(sets.train, (cell) => codes[cell]).filter((donor) => studies[donor] === s),
    );
    return { name: `${study}, ${trained.size} of ${all} donors`, citation, licence };
  });
  return [...before, ...own.filter(({ name }) => before.every((other) => other.name !== name))];
}

/** annotation → study → class → training cells. */
function classCounts(task: TrainingTask): Record<string, ByStudy<ByStudy<number>>> {
  const { cells, labels, sets } = task;
  return Object.fromEntries(
    Object.entries(labels).map(([annotation, { classes, codes }]) => {
      const counts: Record<string, Record<string, number>> = {};
      for (const cell of sets.train) {
        if (codes[cell] < 0) continue;
        const { study } = cells.sources[cells.studies[cell]];
        counts[study] ??= {};
        counts[study][classes[codes[cell]]] = (counts[study][classes[codes[cell]]] ?? 0) + 1;
      }
      return [annotation, counts];
    }),
  );
}

/** Counts of the base for the heads that are still its own. */
function kept<T>(before: Readonly<Record<string, T>>, { model }: TrainingTask): Record<string, T> {
  return Object.fromEntries(Object.entries(before).filter(([name]) => model.untouchedHeads.includes(name)));
}

/** Annotation → classes that one study alone holds: of a training on one study, all of them. */
export function oneStudyClasses(task: TrainingTask): Readonly<Record<string, readonly string[]>> {
  const lists = Object.entries(classCounts(task)).flatMap(([annotation, studies]) => {
    const alone = task.labels[annotation].classes.filter(
      (name) => Object.values(studies).filter((own) => (own[name] ?? 0) > 0).length === 1,
    );
    return alone.length === 0 ? [] : [[annotation, alone] as const];
  });
  return Object.fromEntries(lists);
}

function noted(lists: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, unknown>> {
  return Object.keys(lists).length === 0 ? {} : { ...lists, note: 'such a class may recognise the study' };
}
