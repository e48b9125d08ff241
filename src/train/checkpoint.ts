import * as v from 'valibot';
import type { NamedTensor, TrainerState } from '../engine/trainer.ts';
import type { ByteSource } from '../model/byte-source.ts';
import { ModelError } from '../model/errors.ts';
import { openSafetensors, type SafetensorsFile } from '../model/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../model/safetensors-writer.ts';
import { parseTrainConfig, type TrainConfig } from './config.ts';
import { TrainError } from './errors.ts';
import type { StepPoint, ValidationPoint } from './types.ts';

/** How far a run is; with the task it says which cells and which hidden genes come next. */
interface Progress {
  readonly step: number;
  /** Of the whole run. */
  readonly steps: number;
  readonly cellsSeen: number;
  readonly seconds: number;
  readonly history: readonly StepPoint[];
  readonly validations: readonly ValidationPoint[];
}

export interface Checkpoint {
  readonly progress: Progress;
  readonly trainer: TrainerState;
  /** Weights of the best validation; null = there was none yet. */
  readonly best: readonly NamedTensor[] | null;
}

/** What a checkpoint belongs to. */
export interface CheckpointOwner {
  readonly config: TrainConfig;
  /** Hex SHA-256 of the base package's weights. */
  readonly modelSha256: string;
  /** Of the training cells' tokens, labels and donor sets (`cellsFingerprint`). */
  readonly cells: string;
}

const KEY = 'teddy_training';
const SCHEMA = 'teddy-web/checkpoint/1';
const PARTS = ['weight', 'first', 'second', 'best'] as const;

const number = v.number();
const whole = v.pipe(number, v.safeInteger(), v.minValue(0));
const LOSSES = v.object({
  total: number,
  masked: v.nullable(number),
  annotations: v.record(v.string(), v.nullable(number)),
  maskedTokens: whole,
  maskedRight: whole,
  labelled: v.record(v.string(), whole),
});
/** A score over no cell is NaN, which JSON writes as null. */
const score = v.pipe(
  v.nullable(number),
  v.transform((value) => value ?? Number.NaN),
);
const DESCRIPTION = v.strictObject({
  schema: v.literal(SCHEMA),
  config: v.unknown(),
  modelSha256: v.string(),
  cells: v.string(),
  trainerSteps: whole,
  progress: v.strictObject({
    step: whole,
    steps: whole,
    cellsSeen: whole,
    seconds: number,
    history: v.array(
      v.object({ step: whole, epoch: whole, losses: LOSSES, gradientNorm: number, learningRate: number }),
    ),
    validations: v.array(
      v.object({
        step: whole,
        epoch: whole,
        losses: LOSSES,
        annotations: v.record(
          v.string(),
          v.object({ cells: whole, accuracy: score, balancedAccuracy: score }),
        ),
        metric: number,
        best: v.boolean(),
      }),
    ),
  }),
});

/** A checkpoint as one safetensors file: weights that learn, moments and the best weights; all else in its metadata. */
export function writeCheckpoint(
  { progress, trainer, best }: Checkpoint,
  owner: CheckpointOwner,
): Uint8Array<ArrayBuffer> {
  const named = (part: (typeof PARTS)[number], tensors: readonly NamedTensor[]): TensorToWrite[] =>
    tensors.map(({ name, shape, data }) => ({ name: `${part}.${name}`, dtype: 'F32', shape, data }));
  return writeSafetensors(
    [
      ...named('weight', trainer.weights),
      ...named('first', trainer.firstMoments),
      ...named('second', trainer.secondMoments),
      ...named('best', best ?? []),
    ],
    {
      [KEY]: JSON.stringify({
        schema: SCHEMA,
        config: owner.config,
        modelSha256: owner.modelSha256,
        cells: owner.cells,
        trainerSteps: trainer.steps,
        progress,
      }),
    },
  );
}

/**
 * Reads and checks a checkpoint.
 * @throws TrainError 'checkpoint-invalid'
 */
export async function readCheckpoint(
  source: ByteSource,
): Promise<{ readonly checkpoint: Checkpoint; readonly owner: CheckpointOwner }> {
  const { file, description, config } = await open(source);
  const parts = new Map(PARTS.map((part) => [part, [] as NamedTensor[]]));
  for (const [name, { shape }] of file.tensors) {
    const part = PARTS.find((known) => name.startsWith(`${known}.`));
    if (part === undefined) throw invalid(`it holds a tensor ${name}`);
    parts.get(part)?.push({ name: name.slice(part.length + 1), shape, data: await file.read(name) });
  }
  const tensors = (part: (typeof PARTS)[number]) => parts.get(part) ?? [];
  return {
    checkpoint: {
      progress: description.progress,
      trainer: {
        steps: description.trainerSteps,
        weights: tensors('weight'),
        firstMoments: tensors('first'),
        secondMoments: tensors('second'),
      },
      best: tensors('best').length === 0 ? null : tensors('best'),
    },
    owner: { config, modelSha256: description.modelSha256, cells: description.cells },
  };
}

/** What a checkpoint is of and how far it is, without its tensors. @throws TrainError 'checkpoint-invalid' */
export async function describeCheckpoint(
  source: ByteSource,
): Promise<{ readonly config: TrainConfig; readonly step: number; readonly steps: number }> {
  const { description, config } = await open(source);
  return { config, step: description.progress.step, steps: description.progress.steps };
}

/** @throws TrainError 'checkpoint-other' where a checkpoint is of another run */
export function checkOwner(found: CheckpointOwner, wanted: CheckpointOwner): void {
  const other = (what: string) =>
    new TrainError('checkpoint-other', `the checkpoint is of ${what}: it cannot go on here`, what);
  if (found.modelSha256 !== wanted.modelSha256) throw other('another base model');
  if (found.cells !== wanted.cells) throw other('other cells, labels or donor sets');
  if (JSON.stringify(found.config) !== JSON.stringify(wanted.config)) throw other('another configuration');
}

async function open(source: ByteSource): Promise<{
  readonly file: SafetensorsFile;
  readonly description: v.InferOutput<typeof DESCRIPTION>;
  readonly config: TrainConfig;
}> {
  try {
    const file = await openSafetensors(source);
    const json: unknown = JSON.parse(file.metadata.get(KEY) ?? 'null');
    const parsed = v.safeParse(DESCRIPTION, json);
    if (!parsed.success) throw invalid(parsed.issues[0].message);
    return { file, description: parsed.output, config: parseTrainConfig(parsed.output.config) };
  } catch (cause) {
    if (cause instanceof TrainError && cause.code === 'checkpoint-invalid') throw cause;
    if (cause instanceof TrainError || cause instanceof ModelError || cause instanceof SyntaxError)
      throw invalid(cause.message, cause);
    throw cause;
  }
}

function invalid(what: string, cause?: unknown): TrainError {
  return new TrainError('checkpoint-invalid', `the checkpoint cannot be read: ${what}`, '', { cause });
}
