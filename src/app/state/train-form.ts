import { proposedColumns } from '../../run/probe-defaults.ts';
import type { DatasetSummary, LoadedModel } from '../../run/services.ts';
import {
  annotationName,
  baseReading,
  DEFAULT_SPLIT,
  defaultStudy,
  finetuneDefaults,
  otherHeadsFor,
} from '../../run/train-defaults.ts';
import type { DonorSplit, TrainConfig } from '../../train/config.ts';
import type { DonorSetName, DonorSets } from '../../train/types.ts';
import { classesOf, proposeLabelColumn } from './probe-form.ts';
import type { RunSettings } from './run.ts';

/** What the user has chosen of a fine-tuning: every field may be unfinished, `missingOfTraining` says what is missing. */
export interface TrainForm {
  readonly labelColumn: string | null;
  /** Recorded value → class; null = left out. */
  readonly table: ReadonlyMap<string, string | null>;
  /** The model's annotation that answers the same question, whose token is taught on; null = it gets a new one. */
  readonly annotation: string | null;
  readonly donorColumn: string | null;
  readonly studyColumn: string | null;
  readonly cellTypeColumn: string | null;
  /** The user's own sets, donor → set; null = dealt automatically. */
  readonly sets: ReadonlyMap<string, DonorSetName> | null;
  readonly trainable: TrainConfig['trainable']['kind'];
  readonly lastLayers: number;
  readonly loraRank: number;
  /** Genes read of a cell, by rank; null = as many as the model reads. */
  readonly genesPerCell: number | null;
  readonly epochs: number;
  readonly learningRate: number;
  /** Weight of hidden genes beside the label. */
  readonly masked: number;
  /** Validations without a better one before it ends; null = all epochs. */
  readonly patience: number | null;
  readonly cellsPerStep: number;
  readonly checkpointing: boolean;
  readonly weights: TrainConfig['weights'];
  readonly expressionBaseline: boolean;
  readonly seed: number;
  /** null = as proposed. */
  readonly name: string | null;
  readonly citation: string;
  readonly licence: string;
}

/** What a form is about. */
export interface TrainingBasis {
  readonly summary: Pick<DatasetSummary, 'fileName'>;
  readonly run: Pick<RunSettings, 'file' | 'matrix' | 'cells' | 'quality'>;
  readonly model: Pick<LoadedModel, 'name' | 'sha256' | 'config'>;
}

const LORA_ALPHA_BY_RANK = 2;
const WARM_UP = { most: 20, share: 0.1 } as const;

/** The form a file starts with: the probe's columns, the defaults of the command line, the last half of the layers. */
export function proposeTrainForm(
  summary: Pick<DatasetSummary, 'obsColumns' | 'donorColumn'>,
  model: Pick<LoadedModel, 'name' | 'sha256' | 'config'>,
): TrainForm {
  const labelColumn = proposeLabelColumn(summary.obsColumns);
  const { groupColumn, studyColumn, cellTypeColumn } = proposedColumns(labelColumn ?? '', summary);
  const { epochs, optimiser, batches, validation, weights } = finetuneDefaults(model, 'label', []);
  return {
    labelColumn,
    table: new Map(),
    annotation: null,
    donorColumn: groupColumn,
    studyColumn,
    cellTypeColumn,
    sets: null,
    trainable: 'last-layers',
    lastLayers: Math.ceil(model.config.nLayers / 2),
    loraRank: 8,
    genesPerCell: null,
    epochs,
    learningRate: optimiser.learningRate,
    masked: 0,
    patience: validation.patience,
    cellsPerStep: batches.cells,
    checkpointing: false,
    weights,
    expressionBaseline: true,
    seed: 0,
    name: null,
    citation: '',
    licence: '',
  };
}

/** A name for the model that comes out. */
export function proposedName(form: TrainForm, model: Pick<LoadedModel, 'name' | 'sha256'>): string {
  return finetuneDefaults(model, annotationOf(form), []).name;
}

/**
 * The form as a configuration; null while it names no label.
 * @param trainingCells of the donor sets, which the warm-up is a share of; null = not known yet
 */
export function trainConfig(
  form: TrainForm,
  { summary, run, model }: TrainingBasis,
  trainingCells: number | null,
): TrainConfig | null {
  if (form.labelColumn === null) return null;
  const annotation = annotationOf(form);
  const study = summary.fileName.replace(/\.[^.]*$/, '') || summary.fileName;
  const data = {
    ...defaultStudy(study, [run.file.name]),
    matrix: run.matrix,
    cells: run.cells,
    quality: run.quality,
    donorColumn: form.donorColumn,
    studyColumn: form.studyColumn,
    cellTypeColumn: form.cellTypeColumn,
    labels: { [annotation]: { column: form.labelColumn, table: Object.fromEntries(form.table) } },
    citation: form.citation,
    licence: form.licence,
  };
  const defaults = finetuneDefaults(model, annotation, [data]);
  const trainable = trainableOf(form);
  const genes = genesPerCellOf(form, model);
  const steps = form.epochs * Math.ceil((trainingCells ?? 0) / form.cellsPerStep);
  return {
    ...defaults,
    name: form.name ?? defaults.name,
    objective: {
      kind: 'finetune',
      annotation,
      masked: form.masked,
      otherHeads: otherHeadsFor(trainable, model.config, annotation, genes),
    },
    base: baseReading(model, genes),
    split: splitOf(form, study),
    trainable,
    optimiser: {
      ...defaults.optimiser,
      learningRate: form.learningRate,
      warmupSteps: Math.min(WARM_UP.most, Math.floor(WARM_UP.share * steps)),
    },
    epochs: form.epochs,
    batches: { ...defaults.batches, cells: form.cellsPerStep },
    validation: { ...defaults.validation, patience: form.patience },
    checkpointing: form.checkpointing,
    weights: form.weights,
    expressionBaseline: form.expressionBaseline,
    seed: form.seed,
  };
}

/** Genes that the new model reads of a cell: never fewer than the model it goes on from. */
export function genesPerCellOf(
  { genesPerCell }: Pick<TrainForm, 'genesPerCell'>,
  { config }: Pick<LoadedModel, 'config'>,
): number {
  return Math.max(genesPerCell ?? 0, config.maxPositionEmbeddings);
}

/** What still stands between the form and a training, as a sentence; null = nothing. */
export function missingOfTraining(form: TrainForm): string | null {
  if (form.labelColumn === null) return 'Choose the column that records what to learn.';
  if (classesOf(form.table).length < 2) return 'Give at least two classes to what the column records.';
  if (!(form.learningRate > 0)) return 'The learning rate has to be above 0.';
  if (form.name !== null && !/^\w[\w.-]*$/.test(form.name))
    return 'Name the model by letters, digits, dots and dashes.';
  return null;
}

/** The sets of a plan as the user's own, to be changed. */
export function chosenSets(sets: DonorSets): ReadonlyMap<string, DonorSetName> {
  return new Map(sets.donors.map(({ donor, set }) => [donor, set]));
}

function annotationOf({ annotation, labelColumn }: TrainForm): string {
  return annotation ?? annotationName(labelColumn ?? '');
}

function trainableOf({ trainable, lastLayers, loraRank, seed }: TrainForm): TrainConfig['trainable'] {
  switch (trainable) {
    case 'last-layers':
      return { kind: trainable, layers: lastLayers };
    case 'lora':
      return { kind: trainable, lora: { rank: loraRank, alpha: LORA_ALPHA_BY_RANK * loraRank, seed } };
    case 'all':
    case 'heads':
      return { kind: trainable };
  }
}

function splitOf({ sets, donorColumn }: TrainForm, study: string): DonorSplit {
  if (sets === null || donorColumn === null) return DEFAULT_SPLIT;
  const donors = (wanted: DonorSetName) => ({
    [study]: [...sets].filter(([, set]) => set === wanted).map(([donor]) => donor),
  });
  return {
    kind: 'donors',
    validation: donors('validation'),
    test: donors('test'),
    leftOut: donors('left-out'),
  };
}
