import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Trainable } from '../../src/engine/trainer.ts';
import {
  adaptedShapes,
  adapterNames,
  decays,
  initialAdapter,
  learningTensors,
  trainingTensors,
} from '../../src/engine/training-tensors.ts';
import { encoderTensors } from '../../src/model/encoder-tensors.ts';
import { tinyConfig, X_BINNED, X_RANK } from './support/tiny-model.ts';

const WEIGHTS = { masked: 1, annotations: { disease: 1, sex: 1 } };
const config = tinyConfig();
const names = (trainable: Trainable, weights = WEIGHTS, model = config) => [
  ...learningTensors(model, { trainable, weights }).keys(),
];

describe('learningTensors', () => {
  it.each([
    ['G', config, ['decoder_head.weight', 'decoder_bias'], [15, 6]],
    ['X binned', tinyConfig(X_BINNED), ['value_head.weight', 'value_head.bias'], [6, 6]],
    ['X rank', tinyConfig(X_RANK), ['value_head.weight', 'value_head.bias'], [1, 6]],
  ])('%s, all: the whole package, the masked head behind the encoder', (_, model, head, shape) => {
    expect(names({ kind: 'all' }, WEIGHTS, model)).toEqual([...encoderTensors(model).keys(), ...head]);
    expect(trainingTensors(model, WEIGHTS).get(head[0])).toEqual(shape);
  });

  it('a head whose loss weighs nothing does not learn', () => {
    const weights = { masked: 0, annotations: { disease: 1, sex: 0 } };
    const learning = names({ kind: 'all' }, weights);
    expect(learning).not.toContain('decoder_bias');
    expect(learning).not.toContain('annotation_heads.sex.bias');
    expect(learning).toContain('annotation_heads.disease.bias');
    expect(names({ kind: 'heads' }, weights)).toEqual([
      'annotation_heads.disease.weight',
      'annotation_heads.disease.bias',
    ]);
  });

  it('the last layers are counted from the end, and more than there are is all of them', () => {
    const layersOf = (layers: number) =>
      new Set(
        names({ kind: 'last-layers', layers }).flatMap((name) => /layers\.(\d+)/.exec(name)?.[1] ?? []),
      );
    expect([0, 1, 2, 3, 9].map((layers) => [...layersOf(layers)].join())).toEqual([
      '',
      '2',
      '1,2',
      '0,1,2',
      '0,1,2',
    ]);
    expect(names({ kind: 'last-layers', layers: 9 })).not.toContain('embeddings.weight');
  });

  it('adapters stand beside four matrices a layer, each of their product of its shape', () => {
    const lora = { rank: 3, alpha: 1, seed: 0 };
    const learning = learningTensors(config, { trainable: { kind: 'lora', lora }, weights: WEIGHTS });
    const adapted = adaptedShapes(config);
    expect(adapted.size).toBe(4 * config.nLayers);
    for (const [tensor, [rows, columns]] of adapted) {
      const { a, b } = adapterNames(tensor);
      expect(encoderTensors(config).get(tensor)).toEqual([rows, columns]);
      expect(learning.get(a)).toEqual([3, columns]);
      expect(learning.get(b)).toEqual([rows, 3]);
      expect(learning.has(tensor)).toBe(false);
    }
    expect([...learning.keys()].filter((name) => !name.startsWith('lora.'))).toEqual(
      names({ kind: 'heads' }),
    );
  });

  it('decay pulls at matrices and embeddings alone', () => {
    const decayed = [...trainingTensors(tinyConfig(X_RANK), WEIGHTS)].filter(([, shape]) => decays(shape));
    expect(decayed.map(([name]) => name)).toContain('value_projection.weight');
    expect(decayed.every(([name]) => name.endsWith('weight') && !/norm\d/.test(name))).toBe(true);
  });
});

it('an adapter starts uniform within ±1/√in, another for another name or seed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 200 }),
      fc.integer(),
      (r, n, seed) => {
        const values = initialAdapter('lora.x.a', [r, n], seed);
        const bound = 1 / Math.sqrt(n);
        expect(values).toHaveLength(r * n);
        expect(values.every((value) => Math.abs(value) <= bound)).toBe(true);
        expect(values).toEqual(initialAdapter('lora.x.a', [r, n], seed));
      },
    ),
  );
  const values = initialAdapter('lora.x.a', [50, 100], 1);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.005);
  // Of a uniform distribution: bound² / 3.
  expect(square * 300).toBeCloseTo(1, 1);
  expect(initialAdapter('lora.y.a', [50, 100], 1)).not.toEqual(values);
  expect(initialAdapter('lora.x.a', [50, 100], 2)).not.toEqual(values);
});
