import { expect, it } from 'vitest';
import { readGoldenTensors } from '../../src/cli/golden-cases.ts';
import { createReferenceTrainer } from '../../src/engine/reference/training/trainer.ts';
import { createWebGpuTrainer } from '../../src/engine/webgpu/training/trainer.ts';
import { acquireGpu } from '../../src/gpu/device.ts';
import { TrainingControls } from '../../src/train/controls.ts';
import { prepareTask } from '../../src/train/prepare.ts';
import { TrainingRun } from '../../src/train/run.ts';
import type { TrainingTask } from '../../src/train/task.ts';
import type { StepPoint } from '../../src/train/types.ts';
import { gpuOn } from '../engine/webgpu/support/adapter.ts';
import { describeShared, sharedPath } from '../support/shared.ts';
import { withOwnGenes } from '../train/own-genes.ts';
import { tinyCells, tinyTrainConfig } from '../train/support.ts';

/** All of it on the GPU trainer with TEDDY_VERIFY=1; a few short cells on the float64 one otherwise. */
const whole = process.env.TEDDY_VERIFY === '1';
const FORM = whole
  ? { cells: 64, genes: 64, layers: 2, width: 64, steps: 200 }
  : { cells: 8, genes: 20, layers: 1, width: 32, steps: 80 };

describeShared('a trainer that can learn', () => {
  it('learns real cells by heart: the same hidden genes, time and again', async () => {
    const task = realTask();
    const { config, vocabulary, weights } = task.model;
    const options = {
      trainable: { kind: 'all' },
      weights: task.weights,
      checkpointing: false,
      dropout: 0,
    } as const;
    const trainer = whole
      ? await createWebGpuTrainer(await acquireGpu(await gpuOn('lavapipe')), config, weights, [], options)
      : await createReferenceTrainer(config, weights, [], options);
    const points: StepPoint[] = [];
    const run = new TrainingRun(task, trainer, (event) => {
      if (event.kind === 'step') points.push(event);
    });
    await run.run(new TrainingControls(), undefined);
    const right = ({ losses }: StepPoint) => losses.maskedRight / losses.maskedTokens;
    const last = points[points.length - 1];
    const at = (step: number) =>
      `${points[step].losses.total.toFixed(3)} nats, ${right(points[step]).toFixed(3)} right`;
    console.log(
      `${FORM.cells} cells, ${last.losses.maskedTokens} hidden of ${vocabulary.size} genes, ${trainer.description.device}: ` +
        `step 1 ${at(0)}; step ${FORM.steps / 2} ${at(FORM.steps / 2 - 1)}; step ${FORM.steps} ${at(FORM.steps - 1)}`,
    );
    expect(run.step).toBe(FORM.steps);
    expect(right(points[0])).toBeLessThan(0.1);
    expect(right(last)).toBeGreaterThan(0.95);
    trainer.destroy();
  }, 3_600_000);
});

/** Blood cells of three studies with the vocabulary of their own genes: no label, one set, masks fixed. */
function realTask(): TrainingTask {
  const cells: number[][] = [];
  for (const study of ['combat', 'kang_ctrl', 'pbmc3k']) {
    const golden = readGoldenTensors(sharedPath('fixtures', 'tokens', `${study}.safetensors`));
    const ids = golden.get('gene_ids');
    let from = 0;
    for (const length of golden.get('lengths')) {
      if (cells.length < FORM.cells)
        cells.push(Array.from(ids.slice(from, from + Math.min(length, FORM.genes))));
      from += length;
    }
  }
  const { base, tokens } = withOwnGenes(cells);
  const tiny = tinyCells(cells.length, 1);
  const shape = {
    modelType: 'teddy_g',
    dModel: FORM.width,
    nHeads: 4,
    dHid: 4 * FORM.width,
    nLayers: FORM.layers,
    maxPositionEmbeddings: FORM.genes,
    layerActivation: 'gelu',
    preNorm: false,
    bins: 0,
  } as const;
  const config = tinyTrainConfig({
    objective: { kind: 'pretrain', masked: 1, annotations: {} },
    base: { kind: 'new', vocabularyOf: 'these cells', shape, annotations: {} },
    split: { kind: 'donors', validation: {}, test: {}, leftOut: {} },
    masking: { share: 0.15, fixed: true },
    batches: { cells: FORM.cells, tokens: 8192 },
    epochs: FORM.steps,
    dropout: 0,
    optimiser: {
      ...{ learningRate: 3e-3, schedule: 'cosine', warmupSteps: 10, weightDecay: 0 },
      ...{ beta1: 0.9, beta2: 0.999, eps: 1e-8, clipGlobalNorm: 1 },
    },
  });
  return prepareTask(config, base, { ...tiny, labels: {}, tokens: { ...tiny.tokens, ...tokens } });
}
