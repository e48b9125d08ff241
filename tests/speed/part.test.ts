import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cellsOfLengths } from '../../src/speed/cells.ts';
import { forwardFlops, GENES, MODEL_SHAPES, shapePackage } from '../../src/speed/model-shapes.ts';
import { measuredPart } from '../../src/speed/part.ts';

const shapes = fc.constantFrom(...MODEL_SHAPES);

it('measures a part that fits the time at the rate, and more of it with more time', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.double({ min: 1e8, max: 1e14, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      (shape, rate, seconds) => {
        const part = measuredPart(shape, rate, seconds);
        const more = measuredPart(shape, rate, 2 * seconds);
        if (part === null) return;
        const { dModel, dHid } = shape;
        const flops = forwardFlops({ nLayers: part.layers, dModel, dHid }, [part.genes]);
        expect((2 * flops) / rate).toBeLessThanOrEqual(seconds * 1.0001);
        expect(part.layers).toBeLessThanOrEqual(shape.layers);
        expect(more?.genes).toBeGreaterThanOrEqual(part.genes);
      },
    ),
    { seed: 5 },
  );
  expect(measuredPart(MODEL_SHAPES[3], 1e9, 0.001)).toBeNull();
  expect(measuredPart(MODEL_SHAPES[1], 1e13, 10)).toEqual({ layers: 12, genes: 1000 });
});

it('counts the operations of the roofline of the 70M shape at 2,048 tokens', () => {
  const { dModel, dHid } = MODEL_SHAPES[1];
  // With a hidden layer of 4 d the anchor is 257.7 GFLOP; the released one is of 2 d.
  expect(forwardFlops({ nLayers: 12, dModel, dHid: 4 * dModel }, [2048]) / 1e9).toBeCloseTo(257.7, 1);
  expect(forwardFlops({ nLayers: 12, dModel, dHid }, [2048]) / 1e9).toBeCloseTo(206.2, 1);
});

it('makes packages and cells that an engine takes', () => {
  for (const shape of MODEL_SHAPES) {
    const { config } = shapePackage(shape, 1);
    expect(config).toMatchObject({ nLayers: 1, dModel: shape.dModel, dHid: shape.dHid, nHeads: shape.heads });
  }
  const batch = cellsOfLengths([3, 0, 2000]);
  expect(Array.from(batch.cuSeqlens)).toEqual([0, 3, 3, 2003]);
  expect(batch.geneIds.every((id) => id < GENES)).toBe(true);
});
