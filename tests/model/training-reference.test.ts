import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { memorySource } from '../../src/model/memory-source.ts';
import { openModelPackage } from '../../src/model/package.ts';
import { openSafetensors } from '../../src/model/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../../src/model/safetensors-writer.ts';
import { TrainingReference } from '../../src/model/training-reference.ts';
import { directorySource } from '../support/files.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

/** Two classes in two dimensions, three genes; 99th percentile of distances 2.5, 1st of likelihoods −1. */
function tensors(): TensorToWrite[] {
  const f32 = (name: string, shape: number[], values: number[]): TensorToWrite => ({
    name,
    dtype: 'F32',
    shape,
    data: Float32Array.from(values),
  });
  const quantiles = (at: number, value: number): number[] => {
    const out = Array.from({ length: 101 }, (_, i) => value + (i - at));
    return out;
  };
  return [
    f32('means', [2, 2], [0, 0, 10, 0]),
    f32('precision', [2, 2], [1, 0, 0, 4]),
    f32('distance_quantiles', [101], quantiles(99, 2.5)),
    f32('gene_log_frequency', [2, 3], [-0.5, -3, -0.25, -4, -0.125, -4]),
    f32('likelihood_quantiles', [101], quantiles(1, -1)),
  ];
}

const open = (list: TensorToWrite[], metadata: Record<string, string> = { classes: '["a","b"]' }) =>
  TrainingReference.open(memorySource(writeSafetensors(list, metadata)), 2, 5);

it('shows a cell that is near a class and reads like one', async () => {
  const reference = await open(tensors());
  const embeddings = Float32Array.of(99, 99, 9, 1, 0, 1.3, Number.NaN, 0);
  expect(reference.distance(embeddings, 2)).toBeCloseTo(Math.sqrt(1 + 4), 12);
  expect(reference.likelihood([0, 2])).toBeCloseTo(-0.375, 12);
  expect(reference.likelihood([1])).toBeCloseTo(-0.125, 12);
  expect(reference.judge(embeddings, 2, [0, 2])).toBe('shown');
  expect(reference.judge(embeddings, 0, [0, 2])).toBe('distance');
  expect(reference.judge(embeddings, 4, [0, 2]), 'distance 2.6').toBe('distance');
  expect(reference.judge(embeddings, 6, [0, 2]), 'NaN').toBe('distance');
  expect(reference.judge(embeddings, 2, [0, 1]), 'mean −1.75').toBe('likelihood');
});

it('leaves tokens without a frequency out, and withholds a cell of none', async () => {
  const reference = await open(tensors());
  expect(reference.likelihood([0, 4, 3])).toBe(-0.5);
  expect(reference.judge(Float32Array.of(0, 0), 0, [])).toBe('likelihood');
});

it('refuses a file that does not fit the model', async () => {
  const without = (name: string): TensorToWrite[] => tensors().filter((tensor) => tensor.name !== name);
  for (const name of tensors().map((tensor) => tensor.name)) {
    await expect(open(without(name)), name).rejects.toMatchObject({ code: 'reference-invalid' });
  }
  await expect(open(tensors(), { classes: '["a"]' })).rejects.toMatchObject({ subject: 'means' });
  await expect(open(tensors(), { classes: '[1,2]' })).rejects.toMatchObject({ subject: 'classes' });
  await expect(open(tensors(), {})).rejects.toMatchObject({ subject: 'classes' });
  await expect(open(tensors(), { classes: '["a","b"]', pool: 'first_gene' })).rejects.toMatchObject({
    subject: 'pool',
  });
});

describeShared('the bootstrap’s reference on real cells', () => {
  const golden = async (name: string) =>
    openSafetensors(memorySource(readFileSync(sharedPath('fixtures', 'tokens', `${name}.safetensors`))));

  it.each(['combat', 'velmeshev', 'kang_ctrl', 'pbmc3k'])('shows most cells of %s', async (name) => {
    const { reference } = await openModelPackage(directorySource(sharedPath('fixtures', 'bootstrap')));
    const file = await golden(name);
    const embeddings = await file.read('pool.gene_mean');
    const geneIds = await file.readNumbers('gene_ids');
    const lengths = await file.readNumbers('lengths');
    let at = 0;
    let withheld = 0;
    for (let c = 0; c < lengths.length; c++) {
      const read = geneIds.subarray(at, at + Math.min(256, lengths[c]));
      if (reference?.judge(embeddings, c * 128, read) !== 'shown') withheld++;
      at += lengths[c];
    }
    expect(withheld).toBeLessThanOrEqual(3);
  });

  it('tells shuffled gene names by what the cells read like', async () => {
    const { reference, vocabulary } = await openModelPackage(
      directorySource(sharedPath('fixtures', 'bootstrap')),
    );
    const file = await golden('combat');
    const geneIds = await file.readNumbers('gene_ids');
    const lengths = await file.readNumbers('lengths');
    const shuffled = geneIds.map((id) => (id * 7919) % vocabulary.size);
    let at = 0;
    for (let c = 0; c < lengths.length; c++) {
      const likelihood = reference?.likelihood(shuffled.subarray(at, at + 256)) ?? 0;
      expect(likelihood).toBeLessThan(reference?.leastLikelihood ?? Number.NEGATIVE_INFINITY);
      at += lengths[c];
    }
  });
});
