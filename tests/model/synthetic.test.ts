import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkTensors } from '../../src/model/encoder-tensors.ts';
import { openModelPackage } from '../../src/model/package.ts';
import { safetensorsChunks } from '../../src/model/safetensors-writer.ts';
import { syntheticPackage } from '../../src/model/synthetic.ts';
import { packageOf } from '../support/files.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const deep = (
  size: string,
): { config: object; salt: number; first_three_of_each_tensor: Record<string, number[]> } =>
  JSON.parse(readFileSync(sharedPath('fixtures', 'deep', `${size}.json`), 'utf8'));

describeShared('weights made by rule', () => {
  it.each(['70m', '160m', '400m'])('%s: every tensor begins as the fixture says', async (size) => {
    const expected = deep(size);
    const model = syntheticPackage(expected);
    const names = Object.keys(expected.first_three_of_each_tensor);
    expect([...model.weights.tensors.keys()].sort()).toEqual(names.sort());
    expect(checkTensors(model.config, model.weights)).toEqual([]);
    for (const name of names) {
      const [rows, columns] = [...(model.weights.tensors.get(name)?.shape ?? []), 1];
      const head = await model.weights.read(name, 0, columns >= 3 ? 1 : Math.min(3, rows));
      expect([...head.subarray(0, 3)], name).toEqual(expected.first_three_of_each_tensor[name]);
    }
  });

  it('gives the same rows whether read together or apart', async () => {
    const { weights } = syntheticPackage(deep('70m'));
    const together = await weights.read('embeddings.weight', 40_000, 40_003);
    const apart = await weights.read('embeddings.weight', 40_002, 40_003);
    expect([...together.subarray(2 * 512)]).toEqual([...apart]);
  });

  it('written as a folder, opens as the package it is', async () => {
    const small = {
      config: { ...deep('70m').config, nlayers: 1, d_model: 8, nheads: 2, d_hid: 12, ntoken: 47 },
      salt: 3,
    };
    const made = syntheticPackage(small);
    const chunks: Uint8Array[] = [];
    for await (const chunk of safetensorsChunks(made.weights)) chunks.push(chunk);
    const opened = await openModelPackage(
      packageOf({ ...made.files, 'model.safetensors': Buffer.concat(chunks) }),
    );
    expect(opened.parameters).toBe(made.parameters);
    expect(opened.config).toEqual(made.config);
    for (const name of made.weights.tensors.keys()) {
      expect([...(await opened.weights.read(name))]).toEqual([...(await made.weights.read(name))]);
    }
  });

  it('needs a salt', () => {
    expect(() => syntheticPackage({ config: {} })).toThrow('salt');
  });
});
