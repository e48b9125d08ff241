import { Random } from '../../src/analysis/random.ts';
import type { Losses, NamedTensor, Trainer, TrainerOptions } from '../../src/engine/trainer.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { filesInMemory } from '../../src/run/trained-package.ts';
import type { TrainableModel } from '../../src/train/base-model.ts';
import { parseTrainConfig, type TrainConfig } from '../../src/train/config.ts';
import { initialWeights } from '../../src/train/initial-weights.ts';
import { modelFiles, textFile } from '../../src/train/package-files.ts';
import type { TrainingCells } from '../../src/train/types.ts';

const GENES = 30;

export const TINY_CONFIG: ModelConfig = {
  modelType: 'teddy_g',
  dModel: 8,
  nHeads: 2,
  dHid: 12,
  nLayers: 2,
  nToken: GENES + 4,
  maxPositionEmbeddings: 12,
  layerActivation: 'gelu',
  preNorm: false,
  layerNormEps: 1e-5,
  bins: 0,
  continuousRank: false,
  valueInput: 'none',
  annotations: { stim: ['ctrl', 'stim'] },
};

const TINY_VOCABULARY = Vocabulary.parse(
  Array.from({ length: GENES }, (_, i) => `ENSG${String(i).padStart(11, '0')}`).join('\n'),
  { '<pad>': GENES, '<mask>': GENES + 1, '<cls>': GENES + 2, '<stim>': GENES + 3 },
);

export function tinyModel(seed = 1, config: ModelConfig = TINY_CONFIG): TrainableModel {
  return {
    config,
    vocabulary: TINY_VOCABULARY,
    medians: new Map(TINY_VOCABULARY.tokens().map((token, i) => [token, 1 + i / 10])),
    weights: initialWeights(config, true, seed),
    newHeads: [],
    untouchedHeads: [],
  };
}

/** A configuration of a fine-tuning that parses, with fields changed. */
export function tinyTrainConfig(changes: Partial<TrainConfig> = {}): TrainConfig {
  const config: TrainConfig = {
    schema: 'teddy-web/train-config/1',
    name: 'tiny',
    objective: { kind: 'finetune', annotation: 'stim', masked: 0.5, otherHeads: 'keep' },
    base: { kind: 'package', name: 'base', sha256: '' },
    data: [
      {
        study: 'study',
        files: ['cells.h5ad'],
        matrix: null,
        cells: { kind: 'all' },
        quality: { drop: false, leastGenes: 0, greatestMitochondrial: 1 },
        donorColumn: 'donor',
        studyColumn: null,
        cellTypeColumn: null,
        labels: { stim: { column: 'stim', table: { ctrl: 'ctrl', stim: 'stim' } } },
        citation: '',
        licence: '',
      },
    ],
    split: { kind: 'automatic', validation: 0.2, test: 0.2 },
    trainable: { kind: 'all' },
    optimiser: {
      learningRate: 0.01,
      schedule: 'cosine',
      warmupSteps: 2,
      weightDecay: 0.1,
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      clipGlobalNorm: 1,
    },
    epochs: 3,
    maxSteps: null,
    masking: { share: 0.15, fixed: false },
    batches: { cells: 8, tokens: 40 },
    validation: { everySteps: null, patience: null, metric: 'loss' },
    checkpointing: false,
    dropout: 0.1,
    weights: 'f32',
    expressionBaseline: false,
    seed: 7,
    ...changes,
  };
  return parseTrainConfig(JSON.parse(JSON.stringify(config)));
}

/** Cells of `donors` donors, half of them stimulated: those have genes 0 … 4 first. A cell in nine has no label, one none at all. */
export function tinyCells(cells: number, donors: number, seed = 3): TrainingCells {
  const random = new Random(seed);
  const ids: number[] = [];
  const ends = [0];
  const stim = new Int32Array(cells);
  const donor = new Int32Array(cells);
  for (let cell = 0; cell < cells; cell++) {
    donor[cell] = cell % donors;
    stim[cell] = (cell >> 1) % 2;
    const tokens = cell === 4 ? 0 : 1 + random.below(TINY_CONFIG.maxPositionEmbeddings);
    const genes = new Set<number>();
    while (genes.size < tokens) {
      const special = stim[cell] === 1 && genes.size < 3;
      genes.add(special ? random.below(5) : 5 + random.below(GENES - 5));
    }
    ids.push(...genes);
    ends.push(ids.length);
  }
  return {
    tokens: {
      rows: Uint32Array.from({ length: cells }, (_, i) => i),
      cuSeqlens: Uint32Array.from(ends),
      geneIds: Uint32Array.from(ids),
      withheld: new Uint8Array(cells),
    },
    donors: {
      names: Array.from({ length: donors }, (_, i) => `D${i}`),
      studies: Array.from({ length: donors }, () => 0),
      seen: Array.from({ length: donors }, () => 0),
      codes: donor,
    },
    sources: [
      { study: 'study', files: { 'cells.h5ad': 'ab' }, citation: 'c', licence: 'l', hasDonors: true },
    ],
    studies: new Int32Array(cells),
    labels: { stim: { classes: ['ctrl', 'stim'], codes: stim.map((code, i) => (i % 9 === 8 ? -1 : code)) } },
    batches: { names: ['study'], codes: new Int32Array(cells) },
    cellTypes: null,
    expression: null,
  };
}

/** Losses that fall as 1 / steps: what runs are tested with where no arithmetic is wanted. */
export class StubTrainer implements Trainer {
  readonly description = { kind: 'reference', device: 'stub', software: true } as const;
  readonly kernels = {};
  readonly learning = ['w'];
  readonly deviceBytes = 4;
  weights = 0;
  steps = 0;
  /** Losses of the validations to come, the last one for ever. */
  validationLosses: number[] = [];
  /** The step (from 0) whose gradient is no number. */
  failsAt: number | null = null;
  /** The step (from 0) before which the device is lost. */
  lostAt: number | null = null;
  readonly seen: { cells: number; seed: number; learningRate: number }[] = [];

  constructor(
    readonly config: ModelConfig,
    readonly options: TrainerOptions,
  ) {}

  async step(batches: Parameters<Trainer['step']>[0], settings: Parameters<Trainer['step']>[1]) {
    if (this.failsAt === this.steps) return { losses: this.#losses(Number.NaN), gradientNorm: Number.NaN };
    const cells = batches.reduce((sum, { cuSeqlens }) => sum + cuSeqlens.length - 1, 0);
    this.seen.push({ cells, seed: settings.seed, learningRate: settings.learningRate });
    this.weights += settings.learningRate;
    this.steps++;
    return { losses: this.#losses(1 / this.steps), gradientNorm: 1 };
  }

  async evaluate(batch: Parameters<Trainer['evaluate']>[0]) {
    const loss = this.validationLosses.length > 1 ? this.validationLosses.shift() : this.validationLosses[0];
    const cells = batch.cuSeqlens.length - 1;
    const logits = Object.fromEntries(
      Object.entries(this.config.annotations).map(([name, { length }]) => [
        name,
        new Float32Array(cells * length),
      ]),
    );
    return { losses: { ...this.#losses(loss ?? 1), maskedTokens: batch.masked.length }, logits };
  }

  async gradients(): Promise<never> {
    throw new Error('a stub has none');
  }

  async snapshot() {
    const w: NamedTensor[] = [{ name: 'w', shape: [1], data: Float32Array.of(this.weights) }];
    return { steps: this.steps, weights: w, firstMoments: w, secondMoments: w };
  }

  async restore(state: Awaited<ReturnType<Trainer['snapshot']>>) {
    this.steps = state.steps;
    this.weights = state.weights[0].data[0];
  }

  async modelWeights() {
    return [{ name: 'w', shape: [1], data: Float32Array.of(this.weights) }];
  }

  destroy() {}

  #losses(total: number): Losses {
    return {
      total,
      masked: total,
      annotations: { stim: null },
      maskedTokens: 1,
      maskedRight: 0,
      labelled: { stim: 0 },
    };
  }
}

/** A package of the tiny model, in memory. */
export async function tinyPackage(config: ModelConfig = TINY_CONFIG, training?: object) {
  const files = await modelFiles(tinyModel(1, config), [], { weights: 'f32', dropout: 0 });
  return filesInMemory('base', [
    ...files,
    ...(training ? [textFile('training.json', JSON.stringify(training))] : []),
  ]);
}
