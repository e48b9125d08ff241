import { describe, expect, it } from 'vitest';
import { chooseThreshold } from '../../../src/probe/selection/threshold.ts';

/** Two-class cells that answer 1 with the given probabilities, right or wrong. */
function chosen(cells: readonly (readonly [probability: number, right: boolean])[]): number {
  return chooseThreshold(
    cells.map(([, right]) => (right ? 1 : 0)),
    Float32Array.from(cells.flatMap(([p]) => [1 - p, p])),
    2,
  );
}

const times = (n: number, p: number, right: boolean) => Array.from({ length: n }, () => [p, right] as const);

describe('chooseThreshold', () => {
  it('is 0 where nearly all answers are right', () => {
    expect(chosen([...times(19, 0.6, true), ...times(1, 0.55, false)])).toBe(0);
  });

  it('is the lowest from which 95 % are right', () => {
    expect(chosen([...times(40, 0.9, true), ...times(40, 0.7, true), ...times(20, 0.6, false)])).toBe(0.61);
  });

  it('is the most accurate that still answers a fifth where 95 % are out of reach', () => {
    const poor = [...times(50, 0.6, false), ...times(10, 0.8, true), ...times(10, 0.8, false)];
    // All ten at 0.95 are right, but they are a tenth of the cells.
    expect(chosen([...poor, ...times(10, 0.95, true), ...times(20, 0.55, true)])).toBe(0.61);
  });
});
