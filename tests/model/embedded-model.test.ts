import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openModelPackage } from '../../src/model/package.ts';
import { directorySource } from '../support/files.ts';

it('the embedded model opens, with its card and its reference', async () => {
  const folder = fileURLToPath(new URL('../../models/teddy-g-bootstrap', import.meta.url));
  const model = await openModelPackage(directorySource(folder, 'teddy-g-bootstrap'));
  expect(model.name).toBe('teddy-g-bootstrap');
  expect(model.training?.what).toContain('not one of the published TEDDY models');
  expect(model.reference?.dimension).toBe(128);
  expect(model.extraTensors).toEqual([]);
  for (const name of model.weights.tensors.keys()) await model.weights.read(name);
});
