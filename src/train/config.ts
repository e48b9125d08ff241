import * as v from 'valibot';
import type { Trainable } from '../engine/trainer.ts';
import type { ProbeCells } from '../probe/config.ts';
import { CONFIG } from './config-schema.ts';
import { TrainError } from './errors.ts';

/** What a run teaches. λ is the weight of an annotation's loss beside that of hidden genes. */
type Objective =
  /** Hidden genes (TEDDY-G), bins or ranks (X), and annotations with λ; `masked` 0 = annotations alone. */
  | {
      readonly kind: 'pretrain';
      readonly masked: number;
      /** Annotation → λ. */
      readonly annotations: Readonly<Record<string, number>>;
    }
  /** One annotation, from one label column. */
  | {
      readonly kind: 'finetune';
      readonly annotation: string;
      /** Weight of hidden genes beside the label; 0 = no gene is hidden. */
      readonly masked: number;
      /** Other heads of the base model: kept as they are, though the encoder may change below them, or dropped. */
      readonly otherHeads: 'keep' | 'drop';
    };

/** Shape of a model that starts from nothing; field names as in `config.json`, in camelCase. */
interface NewModelShape {
  readonly modelType: 'teddy_g' | 'teddy_x';
  readonly dModel: number;
  readonly nHeads: number;
  readonly dHid: number;
  readonly nLayers: number;
  readonly maxPositionEmbeddings: number;
  readonly layerActivation: 'gelu' | 'relu';
  readonly preNorm: boolean;
  /** TEDDY-X: bins, 0 = continuous ranks. */
  readonly bins: number;
}

type TrainBase =
  /** Goes on from a package's weights. An empty hash = any weights of that name. */
  | {
      readonly kind: 'package';
      readonly name: string;
      readonly sha256: string;
      /**
       * Genes read of a cell, by rank, where they are more than the package reads. Absent = as many as it reads:
       * older configurations lack it, and their checkpoints are known by what they lack.
       */
      readonly maxPositionEmbeddings?: number;
    }
  /** Random weights of a shape, with vocabulary and gene medians of a package. */
  | {
      readonly kind: 'new';
      readonly vocabularyOf: string;
      readonly shape: NewModelShape;
      readonly annotations: Readonly<Record<string, readonly string[]>>;
    };

/** One study: a file (or several joined as samples) and what its columns mean. */
export interface TrainData {
  /** Under this name its donors stand in training.json; no two alike. */
  readonly study: string;
  /** Paths as the command line finds them, names in the page. */
  readonly files: readonly string[];
  /** null = the matrix that looks like counts. */
  readonly matrix: string | null;
  /** Which cells of the file. */
  readonly cells: ProbeCells;
  /** Cells below or above are left out where `drop`. */
  readonly quality: {
    readonly drop: boolean;
    readonly leastGenes: number;
    readonly greatestMitochondrial: number;
  };
  /** null = the file names none: its cells train and are never a test. */
  readonly donorColumn: string | null;
  /** Batch or study within the file, for the commonest class of it; null = the file is one study. */
  readonly studyColumn: string | null;
  readonly cellTypeColumn: string | null;
  /** Annotation → column, and recorded value → class (null = left out). */
  readonly labels: Readonly<
    Record<
      string,
      {
        readonly column: string;
        readonly table: Readonly<Record<string, string | null>>;
        /** Made from the cells themselves, not recorded: what answers them agrees with a method. Absent = recorded. */
        readonly derived?: boolean | undefined;
      }
    >
  >;
  readonly citation: string;
  readonly licence: string;
}

export type DonorSplit =
  /** Dealt by class and study; shares are of donors. */
  | { readonly kind: 'automatic'; readonly validation: number; readonly test: number }
  /** Study → donors; all others train. */
  | {
      readonly kind: 'donors';
      readonly validation: Readonly<Record<string, readonly string[]>>;
      readonly test: Readonly<Record<string, readonly string[]>>;
      /** In no set. */
      readonly leftOut: Readonly<Record<string, readonly string[]>>;
    };

/** A training from files to package, as plain JSON: what `npx teddy-web pretrain|finetune CONFIG.json` reads. */
export interface TrainConfig {
  readonly schema: 'teddy-web/train-config/1';
  /** Of the model that comes out; a folder's name. */
  readonly name: string;
  readonly objective: Objective;
  readonly base: TrainBase;
  readonly data: readonly TrainData[];
  readonly split: DonorSplit;
  /**
   * Share of every training donor's cells that train, drawn by the seed; a smaller share is a part of a larger one.
   * Absent = all of them; a fine-tuning takes none. Older configurations lack it, and their checkpoints are known by what they lack: no default.
   */
  readonly trainingShare?: number;
  readonly trainable: Trainable;
  readonly optimiser: {
    readonly learningRate: number;
    readonly schedule: 'cosine' | 'linear' | 'constant';
    /** Steps of linear warm-up. */
    readonly warmupSteps: number;
    readonly weightDecay: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly eps: number;
    readonly clipGlobalNorm: number;
  };
  /** Passes over the training cells, at most. */
  readonly epochs: number;
  /** Ends earlier, and the schedule with it; null = `epochs` alone decide. */
  readonly maxSteps: number | null;
  readonly masking: {
    readonly share: number;
    /** The same genes of a cell in every epoch. */
    readonly fixed: boolean;
  };
  readonly batches: {
    /** Cells of one optimiser step. */
    readonly cells: number;
    /** Tokens of one micro-batch, at most; a longer cell is one by itself. */
    readonly tokens: number;
  };
  readonly validation: {
    /** Steps between two; null = once an epoch. */
    readonly everySteps: number | null;
    /** Ends after so many validations without a better one; null = never early. */
    readonly patience: number | null;
    /** What "better" means; 'balancedAccuracy' is of the fine-tuned annotation. */
    readonly metric: 'loss' | 'balancedAccuracy';
  };
  /** Compute layers again in the backward pass rather than keep them. */
  readonly checkpointing: boolean;
  readonly dropout: number;
  /** How the package stores its weights. */
  readonly weights: 'f32' | 'f16';
  /** Also a regression on expression beside the test. */
  readonly expressionBaseline: boolean;
  /** C of the linear probe beside the test, for sweeps that have no time for a choice; absent = chosen by inner folds. */
  readonly probeC?: number;
  readonly seed: number;
}

/** Genes of a cell that a base is asked to read beyond its own; undefined = as many as it reads. */
export function genesRead(base: TrainConfig['base']): number | undefined {
  return base.kind === 'package' ? base.maxPositionEmbeddings : undefined;
}

/**
 * A configuration from JSON that anybody may have written: every field is checked, a misspelt one is an error.
 * @throws TrainError 'config-version' for another schema, 'config-invalid' whose subject is the field
 */
export function parseTrainConfig(json: unknown): TrainConfig {
  const schema = v.safeParse(v.object({ schema: v.string() }), json);
  if (schema.success && schema.output.schema !== CONFIG.entries.schema.literal) {
    throw new TrainError(
      'config-version',
      `the configuration says it is ${schema.output.schema.slice(0, 80)}, this version reads ${CONFIG.entries.schema.literal}`,
      'schema',
    );
  }
  const parsed = v.safeParse(CONFIG, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const field = v.getDotPath(issue) ?? '';
    throw invalid(field.slice(0, 200), issue.message.slice(0, 200));
  }
  checkWhole(parsed.output);
  return parsed.output;
}

/** What no field says alone. */
function checkWhole(config: TrainConfig): void {
  const { data, objective, base, split, trainingShare, masking, expressionBaseline } = config;
  const studies = data.map(({ study }) => study);
  const twice = studies.find((study, i) => studies.indexOf(study) !== i);
  if (twice !== undefined) throw invalid('data', `two studies are called ${twice}`);
  if (split.kind === 'automatic' && split.validation + split.test >= 1)
    throw invalid('split', 'validation and test leave no donors to train');
  if (
    objective.kind === 'finetune' &&
    !data.some(({ labels }) => Object.hasOwn(labels, objective.annotation))
  )
    throw invalid('data', `no study has labels for ${objective.annotation}`);
  if (objective.kind === 'finetune' && trainingShare !== undefined)
    throw invalid('trainingShare', 'a share of the cells is of pre-training, not of fine-tuning');
  if (
    objective.kind === 'pretrain' &&
    objective.masked === 0 &&
    Object.values(objective.annotations).every((weight) => weight === 0)
  )
    throw invalid('objective', 'neither hidden genes nor annotations count');
  if (objective.masked > 0 && masking.share === 0)
    throw invalid('masking.share', 'hidden tokens count, and none is hidden');
  if (expressionBaseline && data.length > 1)
    throw invalid('expressionBaseline', 'takes the genes of one study, and there are several');
  if (base.kind === 'new' && base.shape.dModel % base.shape.nHeads !== 0)
    throw invalid('base.shape.nHeads', `${base.shape.nHeads} does not divide ${base.shape.dModel}`);
}

function invalid(field: string, what: string): TrainError {
  return new TrainError('config-invalid', `${field === '' ? 'the configuration' : field}: ${what}`, field);
}
