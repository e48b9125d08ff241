import { expect, it } from 'vitest';
import { openModelPackage } from '../../src/model/package.ts';
import { trainableModel } from '../../src/train/base-model.ts';
import { TINY_CONFIG, tinyPackage, tinyTrainConfig } from './support.ts';

const POSITIONS = 'position_embeddings.weight';

it('a lengthened table reads alike in any piece: its own rows, then its last again and again', async () => {
  const base = await openModelPackage(await tinyPackage());
  const config = tinyTrainConfig({
    base: { kind: 'package', name: 'base', sha256: '', maxPositionEmbeddings: 20 },
  });
  const { weights } = trainableModel(base, config, { stim: ['ctrl', 'stim'] });
  const { dModel: d, maxPositionEmbeddings: own } = TINY_CONFIG;
  const before = await base.weights.read(POSITIONS);
  const last = before.subarray((own - 1) * d);
  const whole = Float32Array.from([...before, ...Array.from({ length: 20 - own }, () => [...last]).flat()]);
  expect(weights.tensors.get(POSITIONS)?.shape).toEqual([20, d]);
  expect(await weights.read(POSITIONS)).toEqual(whole);
  for (const [from, to] of [
    [0, 5],
    [3, own],
    [own - 2, own + 3],
    [own - 1, 20],
    [own, own + 1],
    [own + 4, 20],
  ])
    expect(await weights.read(POSITIONS, from, to)).toEqual(whole.slice(from * d, to * d));
});
