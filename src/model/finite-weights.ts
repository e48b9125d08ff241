import { ModelError } from './errors.ts';
import type { WeightSource } from './weights.ts';

/**
 * The same weights, refused where a value is NaN or infinite: a file damaged in its data has a sound
 * header, and would otherwise show as predictions made of nothing.
 * @throws ModelError 'weights-corrupt' from `read`, naming the tensor
 */
export function finiteWeights(weights: WeightSource): WeightSource {
  return {
    tensors: weights.tensors,
    async read(name, rowStart, rowEnd) {
      const values = await weights.read(name, rowStart, rowEnd);
      // One sum tells of them all: x · 0 is 0 for every finite x, else NaN.
      let sum = 0;
      for (let i = 0; i < values.length; i++) sum += values[i] * 0;
      if (sum !== 0) {
        throw new ModelError('weights-corrupt', `tensor ${name} holds values that are not finite`, name);
      }
      return values;
    },
  };
}
