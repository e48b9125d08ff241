import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/model/memory-source.ts';
import { openModelPackage, openTokenizerPackage } from '../../src/model/package.ts';
import { findPackageFiles } from '../../src/model/package-files.ts';
import { safetensorsChunks, writeSafetensors } from '../../src/model/safetensors-writer.ts';
import { sha256 } from '../../src/model/sha256.ts';
import { syntheticPackage } from '../../src/model/synthetic.ts';
import { packageOf } from '../support/files.ts';

const CONFIG = {
  model_type: 'teddy_g',
  d_model: 8,
  nheads: 2,
  d_hid: 12,
  nlayers: 1,
  ntoken: 20,
  max_position_embeddings: 6,
};

async function wholePackage(): Promise<Record<string, string | Uint8Array>> {
  const made = syntheticPackage({ config: CONFIG, salt: 1 });
  const chunks: Uint8Array[] = [];
  for await (const chunk of safetensorsChunks(made.weights)) chunks.push(chunk);
  return { ...made.files, 'model.safetensors': Buffer.concat(chunks) };
}

const under = (
  folder: string,
  files: Record<string, string | Uint8Array>,
): Record<string, string | Uint8Array> =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));

describe('a package that was dropped', () => {
  it('may be a folder, deep in the published repository, with the medians elsewhere', async () => {
    const { 'gene_medians.json': medians, ...checkpoint } = await wholePackage();
    const source = packageOf({
      ...under('TEDDY/teddy/models/teddy_g/70M', checkpoint),
      'TEDDY/teddy/data_processing/utils/medians/data/teddy_gene_medians.json': medians,
      'TEDDY/README.md': 'x',
    });
    const model = await openModelPackage(source);
    expect(model.name).toBe('70M');
    expect(model.medians.size).toBe(11);
    expect((await openTokenizerPackage(source)).vocabulary.size).toBe(11);
  });

  it('is never run without medians', async () => {
    const { 'gene_medians.json': _, ...checkpoint } = await wholePackage();
    const error = { code: 'medians-missing', message: expect.stringContaining('teddy_gene_medians.json') };
    await expect(openModelPackage(packageOf(checkpoint))).rejects.toMatchObject(error);
    await expect(openTokenizerPackage(packageOf(checkpoint))).rejects.toMatchObject(error);
  });

  it('of several sizes: the only one with weights is taken, else they are named and one can be chosen', async () => {
    const files = await wholePackage();
    const { 'model.safetensors': _, ...bare } = files;
    const one = packageOf({ ...under('70M', bare), ...under('160M', files) });
    expect((await openModelPackage(one)).name).toBe('160M');
    const two = packageOf({ ...under('70M', files), ...under('160M', files), ...under('400M', bare) });
    await expect(openModelPackage(two)).rejects.toMatchObject({
      code: 'several-models',
      subject: '160M, 70M',
    });
    expect((await openModelPackage(two, { folder: '70M' })).name).toBe('70M');
  });

  it.each([
    ['config.json', 'config-missing'],
    ['vocab.txt', 'vocabulary-missing'],
    ['added_tokens.json', 'vocabulary-missing'],
    ['model.safetensors', 'weights-missing'],
  ])('without %s is refused', async (name, code) => {
    const { [name]: _, ...rest } = await wholePackage();
    await expect(openModelPackage(packageOf(rest))).rejects.toMatchObject({ code });
  });

  it.each<[string, string, string | Uint8Array]>([
    ['config-invalid', 'config.json', '{'],
    ['config-invalid', 'config.json', JSON.stringify({ ...CONFIG, nheads: 3 })],
    ['vocabulary-invalid', 'vocab.txt', Uint8Array.of(0x41, 0xff)],
    ['vocabulary-invalid', 'vocab.txt', Array.from({ length: 40 }, (_, i) => `G${i}`).join('\n')],
    ['vocabulary-invalid', 'added_tokens.json', '[]'],
    ['medians-invalid', 'gene_medians.json', '{"a":NaN}'],
    ['config-invalid', 'config.json', ' '.repeat(2 ** 24 + 1)],
    ['vocabulary-invalid', 'vocab.txt', 'G'.repeat(2 ** 24 + 1)],
    ['training-invalid', 'training.json', JSON.stringify({ name: 'm', what: 'w'.repeat(20_001) })],
    ['weights-corrupt', 'model.safetensors', 'not safetensors at all'],
    ['tensor-missing', 'model.safetensors', writeSafetensors([])],
    ['tensor-shape', 'config.json', JSON.stringify({ ...CONFIG, d_hid: 13 })],
    ['tensor-shape', 'config.json', JSON.stringify({ ...CONFIG, ntoken: 21 })],
    ['training-invalid', 'training.json', '{"name":1}'],
    ['reference-invalid', 'training_reference.safetensors', writeSafetensors([])],
  ])('%s: %s', async (code, name, content) => {
    await expect(
      openModelPackage(packageOf({ ...(await wholePackage()), [name]: content })),
    ).rejects.toMatchObject({
      code,
    });
  });

  it('cut short is refused before anything is read from it', async () => {
    const files = await wholePackage();
    const weights = files['model.safetensors'] as Uint8Array;
    files['model.safetensors'] = weights.slice(0, weights.length - 5);
    await expect(openModelPackage(packageOf(files))).rejects.toMatchObject({ code: 'weights-corrupt' });
  });

  it('with a weight that is not a number is refused when it is read', async () => {
    for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      const files = await wholePackage();
      const weights = Buffer.from(files['model.safetensors'] as Uint8Array);
      weights.writeFloatLE(bad, weights.length - 4);
      const model = await openModelPackage(packageOf({ ...files, 'model.safetensors': weights }));
      const last = [...model.weights.tensors.keys()].at(-1) ?? '';
      await expect(model.weights.read(last)).rejects.toMatchObject({
        code: 'weights-corrupt',
        subject: last,
      });
      expect((await model.weights.read('embeddings.weight')).length).toBe(160);
    }
  });

  it('tells how far its hash is, and stops when asked', async () => {
    const source = packageOf(await wholePackage());
    const seen: number[] = [];
    const model = await openModelPackage(source, { onProgress: (done) => seen.push(done) });
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(seen.at(-1)).toBe((await source.open('model.safetensors')).size);
    await expect(openModelPackage(source, { signal: AbortSignal.abort() })).rejects.toThrow('abort');
    expect((await openModelPackage(source, { sha256: 'known' })).sha256).toBe('known');
    expect(await sha256(memorySource(new TextEncoder().encode('abc')))).toMatch(/^ba7816bf/);
  });
});

describe('finding medians', () => {
  const base = ['m/config.json', 'm/vocab.txt', 'm/added_tokens.json'];
  const find = (...more: string[]): string =>
    findPackageFiles([...base, ...more], { needWeights: false }).medians;

  it('takes those beside the model, else the nearest, and never guesses between two', () => {
    expect(find('teddy_gene_medians.json', 'm/teddy_gene_medians.json')).toBe('m/teddy_gene_medians.json');
    expect(find('m/gene_medians.json', 'm/teddy_gene_medians.json')).toBe('m/gene_medians.json');
    expect(find('a/gene_medians.json', 'm/deep/gene_medians.json')).toBe('m/deep/gene_medians.json');
    expect(() => find('a/gene_medians.json', 'b/gene_medians.json')).toThrow(
      expect.objectContaining({ code: 'medians-ambiguous' }),
    );
  });
});
