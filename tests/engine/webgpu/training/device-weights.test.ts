import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningTensors, trainingTensors } from '../../../../src/engine/training-tensors.ts';
import { packPart, unpackPart } from '../../../../src/engine/webgpu/training/device-weights.ts';
import { trainingParameters } from '../../../../src/engine/webgpu/training/parameters.ts';
import { trainingShape } from '../../../../src/engine/webgpu/training/shape.ts';
import { anyTraining } from './support/small-training.ts';

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

describe('the buffers of weights', () => {
  it('hold every tensor whole, once, and give it back; what pads them stays zero', () => {
    fc.assert(
      fc.property(anyTraining, ({ config, options }) => {
        const shape = trainingShape(config, options, { decoderRows: 16, tableBytes: 1000 });
        const shapes = new Map([
          ...trainingTensors(config, options.weights),
          ...learningTensors(config, options),
        ]);
        const back = new Map([...shapes].map(([name, own]) => [name, new Float32Array(sizeOf(own))]));
        let values = 0;
        for (const { count, parts } of trainingParameters(shape)) {
          const content = new Float32Array(count);
          for (const part of parts) {
            expect(shapes.get(part.tensor)).toEqual(part.shape);
            const columns = sizeOf(part.shape) / part.shape[0];
            const rows = Float32Array.from(
              { length: (part.end - part.start) * columns },
              (_, i) => 1 + part.start * columns + i,
            );
            packPart(part, rows, content);
          }
          values += content.filter((value) => value !== 0).length;
          for (const part of parts) unpackPart(part, content, back.get(part.tensor) ?? new Float32Array(0));
        }
        for (const [name, tensor] of back)
          expect(tensor, name).toEqual(Float32Array.from(tensor, (_, i) => 1 + i));
        expect(values).toBe([...shapes.values()].reduce((sum, own) => sum + sizeOf(own), 0));
      }),
      { numRuns: 40 },
    );
  });
});
