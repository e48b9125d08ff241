import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, formatPercent } from '../../src/app/common/format.ts';
import { takeCells } from '../../src/app/export/take-cells.ts';
import { histogram } from '../../src/app/preflight/histogram.ts';
import { countBy } from '../../src/app/results/count-by.ts';
import { rankedClasses } from '../../src/app/results/predictions.ts';
import { widestDimensions } from '../../src/app/results/use-positions.ts';
import { ResultsBuffer } from '../../src/app/run/results-buffer.ts';
import type { CellResults } from '../../src/run/results.ts';

/** Cells `from`…`to` whose every number tells which cell it belongs to. */
function cellsOf(from: number, to: number): CellResults {
  const n = to - from;
  return {
    rows: Uint32Array.from({ length: n }, (_, i) => 10 * (from + i)),
    dimension: 3,
    embedding: Float32Array.from({ length: 3 * n }, (_, i) => from * 3 + i),
    predictions: {
      disease: {
        classes: ['a', 'b'],
        probabilities: Float32Array.from({ length: 2 * n }, (_, i) => from * 2 + i),
      },
    },
    withheld: Uint8Array.from({ length: n }, (_, i) => (from + i) % 3),
    tokens: Uint32Array.from({ length: n }, (_, i) => 100 + from + i),
    annotationStates: { disease: Float32Array.from({ length: 3 * n }, (_, i) => -(from * 3 + i)) },
  };
}

describe('results', () => {
  it('batches become columns, views and copies', () => {
    const qc = new Uint8Array(100).map((_, row) => row % 7);
    const buffer = new ResultsBuffer(9, qc);
    expect(buffer.view()).toBeNull();
    buffer.add(cellsOf(0, 4));
    buffer.add(cellsOf(4, 7));
    const expected = cellsOf(0, 7);
    expect(buffer.view()).toEqual({ ...expected, qcPass: Uint8Array.from(expected.rows, (row) => row % 7) });
    const copy = buffer.finish();
    buffer.add(cellsOf(7, 9));
    expect(copy?.embedding.buffer.byteLength).toBe(7 * 3 * 4);
    expect(copy?.annotationStates).toEqual(expected.annotationStates);
    expect(copy?.annotationStates?.disease.buffer.byteLength).toBe(7 * 3 * 4);
    expect(buffer.finish()?.rows).toEqual(cellsOf(0, 9).rows);
  });

  it('a selection is taken in file order', () => {
    const umap = Float32Array.from({ length: 10 }, (_, i) => i);
    const taken = takeCells({ ...cellsOf(0, 5), umap }, Uint32Array.of(4, 1));
    expect(taken.rows).toEqual(Uint32Array.of(10, 40));
    expect(taken.embedding).toEqual(Float32Array.of(3, 4, 5, 12, 13, 14));
    expect(taken.umap).toEqual(Float32Array.of(2, 3, 8, 9));
    expect(taken.annotationStates?.disease).toEqual(Float32Array.of(-3, -4, -5, -12, -13, -14));
    expect(taken.predictions.disease.probabilities).toEqual(Float32Array.of(2, 3, 8, 9));
    expect(taken.withheld).toEqual(Uint8Array.of(1, 1));
  });

  it('ranks classes, counts values, finds the widest dimensions', () => {
    const ranked = rankedClasses(
      { classes: ['x', 'y', 'z'], probabilities: Float32Array.of(0, 0, 0, 0.25, 0.5, 0.125) },
      1,
    );
    expect(ranked.map(({ name }) => name)).toEqual(['y', 'x', 'z']);
    expect(countBy([3, 1, 4, 1, 1], (i) => (i === 1 ? 'one' : 'more'))).toEqual([
      { value: 'one', count: 3 },
      { value: 'more', count: 2 },
    ]);
    const embedding = Float32Array.of(0, 5, 1, 0, -5, 3, 0, 5, 9);
    expect(widestDimensions({ ...cellsOf(0, 3), embedding })).toEqual([1, 2]);
  });

  it('histograms hold every finite value, the largest too', () => {
    const { edges, counts } = histogram([1, 2, 2, 9, Number.NaN], 4);
    expect(edges).toEqual([1, 3, 5, 7, 9]);
    expect(counts).toEqual([3, 0, 0, 1]);
    expect(histogram([5, 5]).counts[0]).toBe(2);
    expect(histogram([]).counts).toEqual([0]);
  });

  it('numbers for people', () => {
    expect(formatPercent(0.049)).toBe('4.9\u00a0%');
    expect(formatPercent(0.677)).toBe('68\u00a0%');
    expect(formatPercent(0)).toBe('0\u00a0%');
    expect(formatBytes(134_600_000)).toBe('135 MB');
    expect(formatBytes(40_000_000)).toBe('40.0 MB');
    expect(formatDuration(200)).toBe('3 min');
    expect(formatDuration(5000)).toBe('83 min');
    expect(formatDuration(7300)).toBe('2 h 2 min');
  });
});
