import { describe, expect, it } from 'vitest';
import { argmaxRows, softmaxRows } from '../../src/engine/predictions.ts';

describe('probabilities from logits', () => {
  it('are the softmax of each row, large logits too', () => {
    const p = softmaxRows([1, 2, 4, 1000, 998, -1000], 3);
    const sum = Math.exp(-3) + Math.exp(-2) + 1;
    const expected = [Math.exp(-3) / sum, Math.exp(-2) / sum, 1 / sum, 1 / (1 + Math.exp(-2)), 0.11920292, 0];
    Array.from(p).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 6);
    });
  });

  it('name the largest of each row, the first of equals', () => {
    expect(Array.from(argmaxRows([-3, -1, -2, 7, 7, 0], 3))).toEqual([1, 0]);
  });
});
