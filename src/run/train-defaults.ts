import type { ModelConfig } from '../model/config.ts';
import type { TrainConfig, TrainData } from '../train/config.ts';
import { FLAG_QUALITY } from './probe-defaults.ts';
import type { LoadedModel } from './services.ts';

/** Shares of donors that are dealt into validation and test. */
export const DEFAULT_SPLIT: TrainConfig['split'] = { kind: 'automatic', validation: 0.2, test: 0.25 };

/** Tokens of a micro-batch: a few thousand fill a GPU. */
const MICRO_BATCH_TOKENS = 8192;

/** AdamW as the paper has it; the learning rate is for fine-tuning. */
const OPTIMISER: TrainConfig['optimiser'] = {
  learningRate: 3e-4,
  schedule: 'cosine',
  warmupSteps: 20,
  weightDecay: 0.1,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  clipGlobalNorm: 1,
};

/** The annotation's name for a label column: names of config.json are plain. */
export function annotationName(column: string): string {
  const plain = column
    .trim()
    .replace(/[^\w .-]+/g, '_')
    .replace(/^(?=[^A-Za-z_])/, '_');
  return ['__proto__', 'constructor', 'prototype', ''].includes(plain) ? `_${plain}_` : plain;
}

/** A study as the page and the command line begin with it: all cells, quality flagged, no label yet. */
export function defaultStudy(study: string, files: readonly string[]): TrainData {
  return {
    study,
    files,
    matrix: null,
    cells: { kind: 'all' },
    quality: FLAG_QUALITY,
    donorColumn: null,
    studyColumn: null,
    cellTypeColumn: null,
    labels: {},
    citation: '',
    licence: '',
  };
}

/** What a fine-tuning starts with: the whole model learns, chosen by balanced accuracy on validation donors. */
export function finetuneDefaults(
  base: { readonly name: string; readonly sha256: string },
  annotation: string,
  data: readonly TrainData[],
): TrainConfig {
  return {
    schema: 'teddy-web/train-config/1',
    name: `${plainName(base.name)}-${plainName(annotation)}`,
    objective: { kind: 'finetune', annotation, masked: 0, otherHeads: 'drop' },
    base: { kind: 'package', name: base.name, sha256: base.sha256 },
    data,
    split: DEFAULT_SPLIT,
    trainable: { kind: 'all' },
    optimiser: OPTIMISER,
    epochs: 10,
    maxSteps: null,
    masking: { share: 0.15, fixed: false },
    batches: { cells: 32, tokens: MICRO_BATCH_TOKENS },
    validation: { everySteps: null, patience: 3, metric: 'balancedAccuracy' },
    checkpointing: false,
    dropout: 0.02,
    weights: 'f32',
    expressionBaseline: false,
    seed: 0,
  };
}

/** What a pre-training starts with: hidden genes and every annotation that the data have labels for, λ = 1. */
export function pretrainDefaults(
  name: string,
  base: TrainConfig['base'],
  data: readonly TrainData[],
): TrainConfig {
  const annotations = [...new Set(data.flatMap(({ labels }) => Object.keys(labels)))];
  return {
    ...finetuneDefaults(
      { name: base.kind === 'package' ? base.name : base.vocabularyOf, sha256: '' },
      '',
      data,
    ),
    name,
    objective: {
      kind: 'pretrain',
      masked: 1,
      annotations: Object.fromEntries(annotations.map((annotation) => [annotation, 1])),
    },
    base,
    optimiser: { ...OPTIMISER, learningRate: 1e-3, warmupSteps: 100 },
    validation: { everySteps: null, patience: null, metric: 'loss' },
  };
}

/** The base of a training that reads so many genes of a cell; none are named where they are the base's own. */
export function baseReading(
  { name, sha256, config }: Pick<LoadedModel, 'name' | 'sha256' | 'config'>,
  genesPerCell: number,
): TrainConfig['base'] {
  const more = genesPerCell !== config.maxPositionEmbeddings ? { maxPositionEmbeddings: genesPerCell } : {};
  return { kind: 'package', name, sha256, ...more };
}

/**
 * Heads are kept where nothing below them changes, dropped where it does.
 * @param genesPerCell that the new model reads: with more of them every annotation attends to more
 */
export function otherHeadsFor(
  trainable: TrainConfig['trainable'],
  { annotations, maxPositionEmbeddings }: Pick<ModelConfig, 'annotations' | 'maxPositionEmbeddings'>,
  annotation: string,
  genesPerCell: number,
): 'keep' | 'drop' {
  const same = trainable.kind === 'heads' && genesPerCell <= maxPositionEmbeddings;
  return same && Object.hasOwn(annotations, annotation) ? 'keep' : 'drop';
}

function plainName(text: string): string {
  return text.replace(/[^\w.-]+/g, '_').replace(/^\W+/, '') || 'model';
}
