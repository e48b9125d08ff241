import { basename, extname, isAbsolute, join } from 'node:path';
import { recordedLabels } from '../analysis/labels.ts';
import { jsonRecord } from '../model/json-file.ts';
import { RunError } from '../run/errors.ts';
import { proposedColumns, proposedLabel } from '../run/probe-defaults.ts';
import type { DatasetService, DatasetSummary, LoadedModel } from '../run/services.ts';
import {
  annotationName,
  baseReading,
  defaultStudy,
  finetuneDefaults,
  otherHeadsFor,
} from '../run/train-defaults.ts';
import { parseTrainConfig, type TrainConfig } from '../train/config.ts';
import { TrainError } from '../train/errors.ts';
import { readConfigJson } from './config-file.ts';
import type { FinetuneAsked } from './train-arguments.ts';

const MAX_CONFIG_BYTES = 64 * 2 ** 20;

/** Rank and scale of adapters, as LoRA's authors use them. */
const LORA = { rank: 8, alpha: 16 } as const;

/** A configuration, alone or in a model's training.json. @throws TrainError */
export function readTrainConfig(path: string): TrainConfig {
  const fault = (message: string, cause?: unknown) =>
    new TrainError('config-invalid', message, '', { cause });
  const json = readConfigJson(path, MAX_CONFIG_BYTES, fault);
  const record = jsonRecord(json);
  const isTrainingRecord = record !== undefined && 'config' in record && 'training_donors' in record;
  return parseTrainConfig(isTrainingRecord ? record.config : json);
}

/** Paths of a study's files, which stand below a folder; null = this one. */
export function filesOf(files: readonly string[], folder: string | null): readonly string[] {
  return folder === null ? files : files.map((file) => (isAbsolute(file) ? file : join(folder, file)));
}

/** The configuration that options of `finetune` mean for an open file. @throws RunError 'unknown-column' */
export async function configOf(
  asked: FinetuneAsked,
  dataset: Pick<DatasetService, 'obs'>,
  summary: DatasetSummary,
  model: Pick<LoadedModel, 'name' | 'sha256' | 'config'>,
): Promise<TrainConfig> {
  const column = columnOf(summary, asked.label);
  const proposed = proposedColumns(column, summary);
  const donorColumn =
    asked.donors === null
      ? proposed.groupColumn
      : asked.donors === 'none'
        ? null
        : columnOf(summary, asked.donors);
  const { labels } = recordedLabels(await dataset.obs(column));
  const { annotation: known, table } = proposedLabel(column, labels, model.config.annotations);
  const annotation = known ?? annotationName(column);
  const study = basename(asked.file, extname(asked.file));
  const data = {
    ...defaultStudy(study, [asked.file]),
    donorColumn,
    studyColumn: proposed.studyColumn,
    cellTypeColumn: proposed.cellTypeColumn,
    labels: { [annotation]: { column, table } },
  };
  const defaults = finetuneDefaults(model, annotation, [data]);
  const trainable = trainableOf(asked);
  const genes = asked.genes ?? model.config.maxPositionEmbeddings;
  const { batches, optimiser } = defaults;
  return parseTrainConfig({
    ...defaults,
    objective: {
      ...defaults.objective,
      otherHeads: otherHeadsFor(trainable, model.config, annotation, genes),
    },
    split:
      asked.validation === null && asked.test === null
        ? defaults.split
        : {
            kind: 'donors',
            validation: { [study]: asked.validation ?? [] },
            test: { [study]: asked.test ?? [] },
            leftOut: {},
          },
    base: baseReading(model, genes),
    trainable,
    epochs: asked.epochs ?? defaults.epochs,
    batches: { ...batches, cells: asked.batch ?? batches.cells },
    optimiser: { ...optimiser, learningRate: asked.learningRate ?? optimiser.learningRate },
    weights: asked.weights ?? defaults.weights,
    seed: asked.seed,
  });
}

function trainableOf({ trainable, layers, seed }: FinetuneAsked): TrainConfig['trainable'] {
  switch (trainable) {
    case 'last-layers':
      return { kind: trainable, layers };
    case 'lora':
      return { kind: trainable, lora: { ...LORA, seed } };
    default:
      return { kind: trainable };
  }
}

function columnOf({ obsColumns }: DatasetSummary, name: string): string {
  if (obsColumns.includes(name)) return name;
  throw new RunError(
    'unknown-column',
    `the file has no obs column ${name}, only ${obsColumns.join(', ')}`,
    name,
  );
}
