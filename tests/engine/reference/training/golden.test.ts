import { expect, it } from 'vitest';
import { trainingCases } from '../../../../src/cli/golden-training.ts';
import { compareTraining } from '../../../../src/cli/golden-training-compare.ts';
import { withReferenceTrainer } from '../../../../src/cli/golden-training-run.ts';
import { createReferenceEngine } from '../../../../src/engine/reference/engine.ts';
import { describeShared, hasShared, sharedPath } from '../../../support/shared.ts';

describeShared('the float64 trainer gives the numbers of PyTorch', () => {
  const cases = hasShared ? trainingCases(sharedPath('fixtures')) : [];
  it('finds all seven cases', () => expect(cases).toHaveLength(7));
  it.each(cases.flatMap(({ name, open }) => ([1, 4] as const).map((n) => [name, n, open] as const)))(
    '%s, %i micro-batches',
    async (_, accumulation, open) => {
      const variant = { checkpointing: false, accumulation };
      const result = await compareTraining(await open(), variant, withReferenceTrainer);
      expect(result.wrong).toEqual([]);
      // Far inside what float32 is allowed: what is left is the rounding of the fixture, and of x-rank's values.
      expect(result.loss).toBeLessThanOrEqual(1e-7);
      expect(result.gradient).toBeLessThanOrEqual(1e-6);
      expect(result.weight).toBeLessThanOrEqual(1e-6);
    },
  );

  it('evaluates to the logits of the reference engine', async () => {
    const golden = cases.find(({ name }) => name.endsWith('x-binned'));
    const { package: pkg, batch, weights } = await golden!.open();
    const options = { trainable: { kind: 'all' }, weights, checkpointing: false, dropout: 0.5 } as const;
    const cells = batch.cuSeqlens.length - 1;
    const { logits } = await withReferenceTrainer(pkg, options, (trainer) => trainer.evaluate(batch));
    const engine = await createReferenceEngine(pkg);
    const tokens = { ...batch, rows: new Uint32Array(cells), withheld: new Uint8Array(cells) };
    const encoded = await engine.encode(tokens, { pooling: 'gene_mean' });
    expect(Object.keys(logits)).toHaveLength(4);
    expect(logits).toEqual(encoded.logits);
  });
});
