import { expect, it } from 'vitest';
import { trainingText } from '../../src/cli/train-output.ts';
import type { MethodResult } from '../../src/probe/results.ts';
import type { MaskedScore, TrainingSummary } from '../../src/train/types.ts';
import { fakeEvaluation } from '../support/evaluations.ts';

function summaryOf(
  permutation: MethodResult['permutation'],
  masked: readonly MaskedScore[] = [],
): TrainingSummary {
  const [own, ...others] = fakeEvaluation().methods;
  const tuned: MethodResult = { ...own, id: 'fine-tuned', name: 'trained model', permutation };
  return {
    end: 'all-epochs',
    reason: 'all epochs are done',
    engine: { kind: 'webgpu', device: 'fake', software: true },
    kernels: {},
    ...{ steps: 10, epochs: 1, seconds: 3, cellsSeen: 80 },
    best: null,
    ...{ history: [], validations: [], baselines: [], donors: [], notices: [] },
    plan: {
      ...{ cellsPerStep: 8, tokensPerMicroBatch: 64, stepsPerEpoch: 10, microBatchesPerEpoch: 10 },
      ...{ greatestMicroBatch: 64, fingerprint: '' },
    },
    threshold: null,
    test: { cells: 30, donors: 3, methods: { disease: [tuned, ...others] }, masked },
  };
}

it('ends with what the test says, the null of the trained model first', () => {
  const text = trainingText(
    summaryOf({
      ...{ permutations: 20, unit: 'donors', exhaustive: true, metric: 'auroc' },
      ...{ mean: 0.5, interval: [0.2, 0.8], p: 0.45, smallestP: 0.05 },
    }),
  );
  const lines = text.split('\n');
  const found = lines.findIndex((line) =>
    line.includes('is not distinguishable from labels that say nothing'),
  );
  expect(lines[found]).toMatch(/against 0\.50 \(95 % 0\.20 to 0\.80\).*all 20 relabellings: p = 0\.45/);
  expect(lines.slice(found).join()).toContain('they are no finding about new donors');
  expect(lines.findIndex((line) => line.includes('accuracy'))).toBeLessThan(found);
});

it('says that there is no null where the test donors can be labelled in one way', () => {
  expect(trainingText(summaryOf(null))).toContain(
    'No null was made, since labels cannot change places among these donors',
  );
});

it('has the loss on hidden tokens beside that of the base model, where there is one', () => {
  const masked = { study: 'a', tokens: 40, loss: 1.5, base: 2.25, frequencies: 3, accuracy: 0.5 };
  const text = trainingText(summaryOf(null, [masked, { ...masked, study: 'b', base: null }]));
  expect(text).toContain(
    'hidden tokens of a: loss 1.500, of the base model 2.250, by frequencies 3.000, right 0.500 (n = 40)',
  );
  expect(text).toContain('hidden tokens of b: loss 1.500, of the base model –, by');
});
