import type { TrainService } from '../../../src/run/train-service.ts';
import { planDonorSets } from '../../../src/train/donor-sets.ts';
import type { TrainingEvent, TrainingSummary } from '../../../src/train/types.ts';
import { fakeEvaluation } from '../../support/evaluations.ts';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const STEPS = 4;

/** Training that ends after four steps: what is tested of the page is what it asks for and what it shows. */
export function fakeTraining(delay = 0): TrainService {
  let stopped = false;
  return {
    estimate: async ({ cells, config }) => ({
      learning: config.trainable.kind === 'heads' ? 18 : 12_000,
      parameters: 12_345,
      deviceBytes: 40e6,
      hostBytes: 60e6,
      steps: STEPS,
      cellsPerEpoch: cells.studies.length,
      tokensPerEpoch: cells.tokens.cuSeqlens.at(-1) ?? 0,
      seconds: null,
      notices: [],
    }),
    train: async ({ config, cells, resume }, { signal, onEvent, onProgress }) => {
      stopped = false;
      const sets = planDonorSets(cells, config);
      onProgress?.({ stage: 'embedding by the base model', done: 1, total: 2, unit: 'cells' });
      const engine = { kind: 'webgpu', device: 'a test', software: true } as const;
      const plan = {
        cellsPerStep: config.batches.cells,
        tokensPerMicroBatch: config.batches.tokens,
        stepsPerEpoch: 2,
        microBatchesPerEpoch: 2,
        greatestMicroBatch: 30,
        fingerprint: '00ff',
      };
      const tell = (event: TrainingEvent) => onEvent?.(event);
      tell({
        kind: 'started',
        engine,
        steps: STEPS,
        plan,
        resumedAt: resume ? 2 : 0,
        deviceBytes: 1,
        learning: 1,
      });
      let made = resume ? 2 : 0;
      while (made < STEPS && !stopped) {
        await wait(delay);
        signal?.throwIfAborted();
        made++;
        tell({
          ...{ kind: 'step', step: made, steps: STEPS, epoch: Math.ceil(made / 2) },
          ...{ gradientNorm: 1, learningRate: 1e-3, cellsPerSecond: 5, tokensPerSecond: 500, secondsLeft: 1 },
          losses: {
            ...{ total: 1 / made, masked: null, annotations: {} },
            ...{ maskedTokens: 0, maskedRight: 0, labelled: {} },
          },
        });
        tell({ kind: 'checkpoint', step: made, bytes: 10 });
      }
      const { methods } = fakeEvaluation();
      const annotation = config.objective.kind === 'finetune' ? config.objective.annotation : '';
      const summary: TrainingSummary = {
        ...{ end: stopped ? 'stopped' : 'all-epochs', reason: 'all epochs are through', engine, kernels: {} },
        ...{ steps: made, epochs: 2, seconds: 1, cellsSeen: 40, best: null, history: [], validations: [] },
        ...{ baselines: [], donors: sets.donors, plan, threshold: null, notices: [] },
        test: {
          cells: sets.test.length,
          donors: 1,
          methods: { [annotation]: [{ ...methods[0], id: 'fine-tuned', name: 'trained model' }, ...methods] },
          masked: [],
        },
      };
      return {
        name: config.name,
        files: [
          { path: 'config.json', content: new TextEncoder().encode('{}') },
          { path: 'model.safetensors', content: new Uint8Array(3 * 2 ** 20 + 5).fill(7) },
        ],
        summary,
      };
    },
    pause: async () => undefined,
    stop: async () => {
      stopped = true;
    },
    unfinished: async () => [],
    discard: async () => undefined,
  };
}
