import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import type {
  Losses,
  NamedTensor,
  OptimiserSettings,
  TrainBatch,
  TrainerOptions,
} from '../engine/trainer.ts';
import type { ModelPackage } from '../model/package.ts';
import { folders, type GoldenTensors, openFolderPackage, readGoldenTensors } from './golden-cases.ts';

/** `training.json` of a fixture; losses by part stand beside these as `loss.<part>`. */
const TRAINING_ANSWERS = v.looseObject({
  loss: v.number(),
  grad_norm: v.number(),
  loss_before_each_step: v.tuple([v.number(), v.number(), v.number()]),
  loss_after: v.number(),
  adamw: v.object({
    lr: v.number(),
    beta1: v.number(),
    beta2: v.number(),
    eps: v.number(),
    weight_decay: v.number(),
    clip_global_norm: v.number(),
    decay: v.literal('tensors of two or more dimensions only'),
  }),
});

/** Four cells to learn from and what PyTorch made of them in float64, without dropout. */
export interface TrainingFixture {
  readonly package: ModelPackage;
  readonly batch: TrainBatch;
  readonly weights: TrainerOptions['weights'];
  readonly settings: OptimiserSettings;
  /** "total", "masked" or an annotation → loss before the first step. */
  readonly losses: ReadonlyMap<string, number>;
  readonly gradientNorm: number;
  /** Total losses before each of three steps, and after the last. */
  readonly lossCurve: readonly number[];
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** The weights after three steps. */
  readonly after: ReadonlyMap<string, Float32Array>;
}

export interface TrainingCase {
  /** As printed: `encoder/g-annotated`. */
  readonly name: string;
  open(): Promise<TrainingFixture>;
}

/** `DIR/encoder/*` that hold `training.safetensors`. */
export function trainingCases(root: string): TrainingCase[] {
  return folders(join(root, 'encoder')).map((folder) => ({
    name: `encoder/${basename(folder)}`,
    open: () => openTrainingFixture(folder),
  }));
}

async function openTrainingFixture(folder: string): Promise<TrainingFixture> {
  const golden = readGoldenTensors(join(folder, 'training.safetensors'));
  const json: unknown = JSON.parse(readFileSync(join(folder, 'training.json'), 'utf8'));
  const answers = v.parse(TRAINING_ANSWERS, json);
  const { adamw } = answers;
  const pkg = await openFolderPackage(folder);
  const annotations = Object.keys(pkg.config.annotations);
  const part = (key: string) => v.parse(v.number(), answers[`loss.${key}`]);
  const tensors = (prefix: string) =>
    new Map(
      golden.names
        .filter((name) => name.startsWith(prefix))
        .map((name) => [name.slice(prefix.length), Float32Array.from(golden.get(name))]),
    );
  return {
    package: pkg,
    batch: unpadded(golden, pkg),
    weights: { masked: 1, annotations: Object.fromEntries(annotations.map((name) => [name, 1])) },
    settings: {
      learningRate: adamw.lr,
      beta1: adamw.beta1,
      beta2: adamw.beta2,
      eps: adamw.eps,
      weightDecay: adamw.weight_decay,
      clipGlobalNorm: adamw.clip_global_norm,
      seed: 0,
    },
    losses: new Map([
      ['total', answers.loss],
      ['masked', part('mlm')],
      ...annotations.map((name) => [name, part(name)] as const),
    ]),
    gradientNorm: answers.grad_norm,
    lossCurve: [...answers.loss_before_each_step, answers.loss_after],
    gradients: tensors('grad.'),
    after: tensors('after3.'),
  };
}

/** The fixture's right-padded cells as a packed batch; labels of −100 are unknown. */
function unpadded(golden: GoldenTensors, { config }: ModelPackage): TrainBatch {
  const lengths = golden.get('lengths');
  const [, padded] = golden.shape('gene_ids');
  const kept = Array.from(lengths).flatMap((length, cell) =>
    Array.from({ length }, (_, i) => cell * padded + i),
  );
  const masked = golden.get('masked');
  const hidden = kept.flatMap((at, token) => (masked[at] === 1 ? [token] : []));
  const targets = golden.get(config.valueInput === 'none' ? 'target_ids' : 'target_values');
  const ids = golden.get('gene_ids');
  const values = config.valueInput === 'none' ? null : golden.get('values');
  const cuSeqlens = new Uint32Array(lengths.length + 1);
  for (let cell = 0; cell < lengths.length; cell++) cuSeqlens[cell + 1] = cuSeqlens[cell] + lengths[cell];
  return {
    cuSeqlens,
    geneIds: Uint32Array.from(kept, (at) => ids[at]),
    ...(values === null ? {} : { values: Float32Array.from(kept, (at) => values[at]) }),
    masked: Uint32Array.from(hidden),
    targets: Float32Array.from(hidden, (token) => targets[kept[token]]),
    labels: Object.fromEntries(
      Object.keys(config.annotations).map((name) => [
        name,
        Int32Array.from(golden.get(`labels.${name}`), (label) => Math.max(-1, label)),
      ]),
    ),
  };
}

/** Each cell of a batch as a batch of its own: micro-batches, some without a hidden token or a label. */
export function cellByCell(batch: TrainBatch): TrainBatch[] {
  return Array.from({ length: batch.cuSeqlens.length - 1 }, (_, cell) => {
    const [start, end] = [batch.cuSeqlens[cell], batch.cuSeqlens[cell + 1]];
    const first = batch.masked.filter((token) => token < start).length;
    const masked = batch.masked.filter((token) => token >= start && token < end);
    return {
      cuSeqlens: Uint32Array.of(0, end - start),
      geneIds: batch.geneIds.slice(start, end),
      ...(batch.values === undefined ? {} : { values: batch.values.slice(start, end) }),
      masked: masked.map((token) => token - start),
      targets: batch.targets.slice(first, first + masked.length),
      labels: Object.fromEntries(
        Object.entries(batch.labels).map(([name, labels]) => [name, labels.slice(cell, cell + 1)]),
      ),
    };
  });
}

/** Losses by the names of `TrainingFixture.losses`. */
export function namedLosses({ total, masked, annotations }: Losses): Map<string, number | null> {
  return new Map([['total', total], ['masked', masked], ...Object.entries(annotations)]);
}

/** Tensors by name. */
export function byName(tensors: readonly NamedTensor[]): Map<string, Float32Array> {
  return new Map(tensors.map(({ name, data }) => [name, data]));
}
