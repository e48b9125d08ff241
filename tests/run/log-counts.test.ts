import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Dataset, SparseRows } from '../../src/data/dataset.ts';
import { logCounts } from '../../src/run/log-counts.ts';
import type { GeneReport, QualityReport } from '../../src/run/services.ts';

/** A dataset of one dense table of counts, zeros stored where `keepZeros`. */
function datasetOf(table: readonly (readonly number[])[], keepZeros: boolean) {
  const rows = async (_matrix: string, start: number, end: number): Promise<SparseRows> => {
    const part = table
      .slice(start, end)
      .map((row) => row.flatMap((value, column) => (value === 0 && !keepZeros ? [] : [{ value, column }])));
    const indptr = new Uint32Array(part.length + 1);
    part.forEach((row, i) => {
      indptr[i + 1] = indptr[i] + row.length;
    });
    return {
      rowCount: part.length,
      indptr,
      indices: Uint32Array.from(part.flat(), ({ column }) => column),
      values: Float64Array.from(part.flat(), ({ value }) => value),
    };
  };
  const quality: QualityReport = {
    genes: Uint32Array.from(table, (row) => row.filter((value) => value > 0).length),
    counts: Float64Array.from(table, (row) => row.reduce((sum, value) => sum + value, 0)),
    mitochondrial: null,
  };
  const genes = { columns: table[0]?.length ?? 0 } as GeneReport;
  return { dataset: { rows } as unknown as Dataset, preflight: { matrix: 'X', genes, quality } };
}

it('is log1p of 10,000 shares, cell by cell, for any counts and rows', async () => {
  const table = fc.integer({ min: 1, max: 6 }).chain((columns) =>
    fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: columns, maxLength: columns }), {
      minLength: 1,
      maxLength: 12,
    }),
  );
  await fc.assert(
    fc.asyncProperty(table, fc.boolean(), fc.integer({ min: 1, max: 3 }), async (counts, zeros, step) => {
      const { dataset, preflight } = datasetOf(counts, zeros);
      const rows = Uint32Array.from(counts.keys()).filter((row) => row % step === 0);
      const found = await logCounts(dataset, preflight, rows, {});
      expect(found.columns).toBe(counts[0].length);
      expect([...found.indptr].length).toBe(rows.length + 1);
      const dense = Array.from(rows, (_, cell) => {
        const row = new Array(found.columns).fill(0);
        for (let i = found.indptr[cell]; i < found.indptr[cell + 1]; i++) {
          expect(found.values[i]).toBeGreaterThan(0);
          row[found.indices[i]] = found.values[i];
        }
        return row;
      });
      const expected = Array.from(rows, (row) => {
        const total = counts[row].reduce((sum, value) => sum + value, 0);
        return counts[row].map((value) => (value === 0 ? 0 : Math.fround(Math.log1p((1e4 * value) / total))));
      });
      dense.forEach((row, cell) => {
        row.forEach((value, column) => {
          expect(Math.abs(value - expected[cell][column])).toBeLessThanOrEqual(1e-6);
        });
      });
    }),
    { numRuns: 60 },
  );
});

it('grows with the values and refuses more than it may hold', async () => {
  const wide = [Array.from({ length: 70_000 }, (_, i) => (i % 3) + 1), new Array(70_000).fill(0)];
  const { dataset, preflight } = datasetOf(wide, false);
  const rows = Uint32Array.of(0, 1);
  expect((await logCounts(dataset, preflight, rows, {})).indptr).toEqual(Uint32Array.of(0, 70_000, 70_000));
  await expect(logCounts(dataset, preflight, rows, {}, 69_999)).rejects.toMatchObject({
    name: 'RunError',
    code: 'too-many-values',
  });
});
