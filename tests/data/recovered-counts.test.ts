import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { chooseCounts, isReadable, withOfferedMatrices } from '../../src/data/choose-counts.ts';
import type { Dataset, SparseRows } from '../../src/data/dataset.ts';
import { recoverCounts } from '../../src/data/log-counts.ts';
import { openDataset } from '../../src/data/open.ts';
import { sparseFromDense } from '../../src/data/sparse-rows.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

/** A file of one matrix, X, held in memory. */
function fileOf(rows: readonly (readonly number[])[]): Dataset {
  const columns = rows[0].length;
  const read = (start: number, end: number) =>
    sparseFromDense(Float64Array.from(rows.slice(start, end).flat()), end - start, columns);
  return {
    nObs: rows.length,
    matrices: [{ name: 'X', storage: 'dense', rows: rows.length, columns, stored: rows.length * columns }],
    rows: async (_: string, start: number, end: number) => read(start, end),
    varNames: async (matrix: string) => [matrix],
  } as unknown as Dataset;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const total = (row: readonly number[]) => row.reduce((sum, n) => sum + n, 0);
/** log1p of counts per 10,000 as float32, the way scanpy leaves them. */
const logged = (row: readonly number[]) => {
  const sum = Math.max(1, total(row));
  return row.map((n) => Math.fround(Math.log1p(Math.fround((n / sum) * 1e4))));
};

/** Cells of 12 genes with counts as skewed as real ones. */
const cells = fc.array(
  fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3000 })), {
    minLength: 12,
    maxLength: 12,
  }),
  { minLength: 20, maxLength: 40 },
);

describe('counts behind log-normalised values', () => {
  it('come back exactly, but for a divisor all counts of a cell share', () => {
    fc.assert(
      fc.property(cells, (counts) => {
        // The smallest count of a cell may stand for up to ten.
        const usual = counts.filter((row) => {
          const some = row.filter((n) => n > 0);
          return some.length > 0 && Math.min(...some) / some.reduce(gcd) <= 10;
        });
        const recovered = recoverCounts(
          sparseFromDense(Float64Array.from(usual.flatMap(logged)), usual.length, 12),
          'smallest',
        ) as SparseRows;
        const expected = usual.map((row) => {
          const divisor = row.reduce(gcd);
          return row.filter((n) => n > 0).map((n) => n / divisor);
        });
        const found = usual.map((_, r) => [
          ...recovered.values.subarray(recovered.indptr[r], recovered.indptr[r + 1]),
        ]);
        expect(found).toEqual(expected);
      }),
    );
  });

  it('are offered as a matrix of their own and never chosen', async () => {
    const counts = Array.from({ length: 30 }, (_, r) =>
      Array.from({ length: 20 }, (_, c) => ((r * 7 + c * c) % 5 === 0 ? 0 : 1 + ((r + 3 * c) % 9))),
    );
    const file = fileOf(counts.map(logged));
    const choice = await chooseCounts(file);
    expect(choice.counts).toBeNull();
    expect(choice.reason).toMatch(/log-normalised.*X:expm1/);
    expect(choice.scans.map((scan) => [scan.matrix.name, isReadable(scan)])).toEqual([
      ['X', false],
      ['X:expm1', true],
    ]);
    const dataset = withOfferedMatrices(file, choice.scans);
    expect(await dataset.varNames('X:expm1')).toEqual(['X']);
    const { values } = await dataset.rows('X:expm1', 3, 5);
    expect([...values]).toEqual([...counts[3], ...counts[4]].filter((n) => n > 0));
    expect((await dataset.rows('X', 3, 4)).values[0]).toBe(logged(counts[3]).find((n) => n > 0));
  });

  it('log1p of the counts themselves is told apart from scaled ones', async () => {
    const counts = Array.from({ length: 30 }, (_, r) =>
      Array.from({ length: 9 }, (_, c) => 2 + ((r + c) % 4)),
    );
    const choice = await chooseCounts(
      fileOf(counts.map((row) => row.map((n) => Math.fround(Math.log1p(n))))),
    );
    expect(choice.scans[1]).toMatchObject({ matrix: { name: 'X:expm1' }, recoveredIn: 'count' });
  });

  it('a row that is no logarithm of counts stops the reading, named', async () => {
    const counts = Array.from({ length: 700 }, (_, r) =>
      Array.from({ length: 4000 }, (_, c) => ((r + c) % 3 === 0 ? 0 : 1 + ((r * c) % 7))),
    );
    const values = counts.map(logged);
    // Between two of the blocks looked at.
    values[37] = values[37].map((value, c) => value * (1 + c / 5000));
    const file = fileOf(values);
    const dataset = withOfferedMatrices(file, (await chooseCounts(file)).scans);
    await expect(dataset.rows('X:expm1', 30, 40)).rejects.toMatchObject({
      code: 'not-recoverable',
      message: expect.stringContaining('row 37'),
    });
  });
});

describe('values that are no whole counts', () => {
  const noisy = (scale: (n: number, k: number) => number) =>
    Array.from({ length: 40 }, (_, r) =>
      Array.from({ length: 30 }, (_, c) => scale(((r * c) % 11) ** 2, r * 30 + c)),
    );

  it('corrected and estimated counts are offered with a warning', async () => {
    const { counts, scans } = await chooseCounts(fileOf(noisy((n, k) => (k % 3 ? n : n * 0.837))));
    expect(counts).toBeNull();
    expect(scans[0]).toMatchObject({ counts: false, offer: expect.stringContaining('SoupX') });
  });

  it('small ones too, where a good part is whole', async () => {
    const { scans } = await chooseCounts(fileOf(noisy((n, k) => (k % 3 ? n % 7 : (n % 7) * 0.9))));
    expect(scans[0].offer).toContain('SoupX');
  });

  it('cells scaled to one total are offered as such', async () => {
    const rows = noisy((n) => n).filter((row) => total(row) > 0);
    const scaled = rows.map((row) => row.map((n) => (n / total(row)) * 1e4));
    const { scans } = await chooseCounts(fileOf(scaled));
    expect(scans[0].offer).toContain('same total');
  });

  it.each([
    ['scaled', (n: number) => (n - 20) / 17, /negative values: scaled/],
    [
      'logarithms of other things',
      (n: number, k: number) => Math.log1p(n * (1 + ((k * 31) % 17) / 40)),
      /log-norm/,
    ],
    ['not a number', (n: number, k: number) => (k === 7 ? Number.NaN : n), /NaN/],
  ])('%s are refused with the reason', async (_, scale, reason) => {
    const choice = await chooseCounts(fileOf(noisy(scale)));
    expect(choice.counts).toBeNull();
    expect(choice.scans.some(isReadable)).toBe(false);
    expect(choice.reason).toMatch(reason);
  });
});

describe('an unfiltered matrix', () => {
  const cell = (size: number) => Array.from({ length: 6000 }, (_, c) => (c % 9 === 0 ? size : 0));
  const rows = (empty: number, full: number) => [
    ...Array.from({ length: empty }, (_, r) => cell(0).with(r * 3, 1)),
    ...Array.from({ length: full }, () => cell(2)),
  ];

  it('is said to be one', async () => {
    const choice = await chooseCounts(fileOf(rows(270, 30)));
    expect(choice.counts).toBe('X');
    expect(choice.emptyNote).toMatch(/^90 % of the rows .* empty droplets/);
  });

  it('a filtered one, and a small panel, is not', async () => {
    expect((await chooseCounts(fileOf(rows(30, 270)))).emptyNote).toBeNull();
    const panel = rows(270, 30).map((row) => row.slice(0, 300));
    expect((await chooseCounts(fileOf(panel))).emptyNote).toBeNull();
  });
});

describeShared('log-normalised public files', () => {
  it('pbmc68k: raw/X, rounded to three decimals, gives the counts prepared from it', async () => {
    const open = (name: string) => openDataset(sharedPath('data', 'demo', name), nodeRuntime());
    const file = await open('10x_pbmc68k_reduced_new.h5ad');
    const choice = await chooseCounts(file);
    expect(choice.counts).toBeNull();
    const dataset = withOfferedMatrices(file, choice.scans);
    const prepared = await open('pbmc68k_reduced_counts_prepared.h5ad');
    const found = await dataset.rows('raw/X:expm1', 0, 700);
    const expected = await prepared.rows('X', 0, 700);
    expect(found.values.length).toBe(expected.values.length);
    // All at once: an assertion on arrays of this size takes seconds.
    expect(found.values.every((value, k) => value === expected.values[k])).toBe(true);
    expect(found.indices.every((column, k) => column === expected.indices[k])).toBe(true);
    file.close();
    prepared.close();
  });
});
