import { describe, expect, it } from 'vitest';
import { planSlices } from '../../../src/engine/wasm/slices.ts';

const wide = { rows: 1e9, squares: 1e12, paddingShare: 0.05, paddingRows: 3 };

describe('cells grouped by length', () => {
  it('puts equal and nearly equal lengths together, longest first', () => {
    expect(planSlices([100, 40, 96, 94, 100, 38], wide)).toEqual([
      { cells: [0, 4, 2], sequence: 100 },
      { cells: [3], sequence: 94 },
      { cells: [1, 5], sequence: 40 },
    ]);
  });

  it('leaves out cells without rows and holds every other exactly once', () => {
    const lengths = Array.from({ length: 97 }, (_, i) => (i * 37) % 53);
    const cells = planSlices(lengths, { ...wide, rows: 120 }).flatMap((slice) => slice.cells);
    expect([...cells].sort((a, b) => a - b)).toEqual(lengths.flatMap((length, i) => (length > 0 ? [i] : [])));
  });

  it('bounds rows and squares, padding included, except for one cell that exceeds them alone', () => {
    const lengths = [50, 49, 48, 47, 11, 10, 9, 300];
    const limits = { ...wide, rows: 100, squares: 5000, paddingRows: 4 };
    const slices = planSlices(lengths, limits);
    expect(slices[0]).toEqual({ cells: [7], sequence: 300 });
    for (const { cells, sequence } of slices.slice(1)) {
      expect(cells.length * sequence).toBeLessThanOrEqual(100);
      expect(cells.length * sequence * sequence).toBeLessThanOrEqual(5000);
    }
  });
});
