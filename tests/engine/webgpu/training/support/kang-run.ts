import { openFolderPackage } from '../../../../../src/cli/golden-cases.ts';
import { embeddedModelFolder } from '../../../../../src/cli/node-environment.ts';
import { readStudy } from '../../../../../src/cli/train-study.ts';
import { createReferenceTrainer } from '../../../../../src/engine/reference/training/trainer.ts';
import type { Trainer, TrainerOptions } from '../../../../../src/engine/trainer.ts';
import { createWebGpuTrainer } from '../../../../../src/engine/webgpu/training/trainer.ts';
import type { GpuContext } from '../../../../../src/gpu/device.ts';
import { planOf } from '../../../../../src/run/lasting-run.ts';
import { defaultStudy, pretrainDefaults } from '../../../../../src/run/train-defaults.ts';
import { joinStudies } from '../../../../../src/run/training-cells.ts';
import { parseTrainConfig } from '../../../../../src/train/config.ts';
import { TrainingControls } from '../../../../../src/train/controls.ts';
import { prepareTask } from '../../../../../src/train/prepare.ts';
import { TrainingRun } from '../../../../../src/train/run.ts';
import type { TrainingTask } from '../../../../../src/train/task.ts';
import type { BatchPlanRecord } from '../../../../../src/train/types.ts';
import { sharedPath } from '../../../../support/shared.ts';
import { withOwnGenes } from '../../../../train/own-genes.ts';

const GENES = 64;

/** What a run leaves that another must repeat. */
export interface RecordedRun {
  /** Total loss of every step and validation, in order. */
  readonly losses: readonly number[];
  readonly kernels: Trainer['kernels'];
  readonly plan: BatchPlanRecord;
}

/** Hidden genes, stimulation and cell type of 48 cells of Kang, from nothing, with dropout: six steps. */
export async function kangTask(): Promise<TrainingTask> {
  const study = {
    ...defaultStudy('kang', [sharedPath('data', 'disease', 'kang_harmony_2000_raw.h5ad')]),
    donorColumn: 'donor_id',
    labels: {
      stimulation: { column: 'condition', table: { ctrl: 'ctrl', stim: 'stim' } },
      cell_type: {
        column: 'cell_type',
        table: { 'CD4 T': 'T cell', 'CD14+ Monocytes': 'monocyte', B: 'B cell' },
      },
    },
    cells: { kind: 'random', count: 48, seed: 1, balanceBy: 'donor_id' },
  } as const;
  const shape = {
    modelType: 'teddy_g',
    dModel: 64,
    nHeads: 4,
    dHid: 128,
    nLayers: 2,
    maxPositionEmbeddings: GENES,
    layerActivation: 'gelu',
    preNorm: false,
    bins: 0,
  } as const;
  const base = { kind: 'new', vocabularyOf: 'these cells', shape, annotations: {} } as const;
  const defaults = pretrainDefaults('kang', base, [study]);
  const config = parseTrainConfig({
    ...defaults,
    // No long start: the weights are to move far enough for differences to grow.
    optimiser: { ...defaults.optimiser, learningRate: 3e-3, warmupSteps: 1 },
    batches: { cells: 12, tokens: 512 },
    validation: { everySteps: 2, patience: null, metric: 'loss' },
    maxSteps: 6,
  });
  const folder = embeddedModelFolder();
  const found = {
    base: await openFolderPackage(folder),
    location: { kind: 'directory', path: folder },
  } as const;
  const { signal } = new AbortController();
  const read = await readStudy(config, study, null, found, () => undefined, { signal });
  const cells = joinStudies([read.study]);
  const { cuSeqlens, geneIds } = cells.tokens;
  const first = Array.from(cells.tokens.rows, (_, cell) =>
    geneIds.subarray(cuSeqlens[cell], Math.min(cuSeqlens[cell + 1], cuSeqlens[cell] + GENES)),
  );
  const own = withOwnGenes(first);
  return prepareTask(config, own.base, { ...cells, tokens: { ...cells.tokens, ...own.tokens } });
}

/** The run on a device, or in float64. */
export async function runOf(task: TrainingTask, device: GpuContext | 'float64'): Promise<RecordedRun> {
  const { config, vocabulary, weights } = task.model;
  const ids = vocabulary.annotationIds(Object.keys(config.annotations));
  const { trainable, checkpointing, dropout } = task.config;
  const options: TrainerOptions = { trainable, weights: task.weights, checkpointing, dropout };
  const trainer =
    device === 'float64'
      ? await createReferenceTrainer(config, weights, ids, options)
      : await createWebGpuTrainer(device, config, weights, ids, options);
  try {
    const losses: number[] = [];
    const run = new TrainingRun(task, trainer, (event) => {
      if (event.kind === 'step' || event.kind === 'validation') losses.push(event.losses.total);
    });
    await run.run(new TrainingControls(), undefined);
    return { losses, kernels: trainer.kernels, plan: planOf(task) };
  } finally {
    trainer.destroy();
  }
}

/** The largest |Δ| / |expected| of two lists of losses; Infinity where they are not of one length or hold no number. */
export function lossDifference(losses: readonly number[], expected: readonly number[]): number {
  if (losses.length !== expected.length) return Number.POSITIVE_INFINITY;
  const differences = losses.map((loss, i) => Math.abs(loss - expected[i]) / Math.abs(expected[i]));
  return differences.every(Number.isFinite) ? Math.max(...differences) : Number.POSITIVE_INFINITY;
}
