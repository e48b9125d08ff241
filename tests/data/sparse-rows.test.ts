import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toNumbers } from '../../src/data/hierarchy.ts';
import { canonicalRows } from '../../src/data/sparse-rows.ts';

const entry = fc.tuple(fc.nat(11), fc.constantFrom(0, 1, 2, -1, -2, 0.5, Number.NaN));

describe('rows in the form every reader hands out', () => {
  it('ascend, are summed and hold no zeros, whatever the file stores', () => {
    fc.assert(
      fc.property(fc.array(fc.array(entry, { maxLength: 12 })), (rows) => {
        const offsets = [0];
        for (const row of rows) offsets.push(offsets[offsets.length - 1] + row.length);
        const entries = rows.flat();
        const canonical = canonicalRows(
          {
            offsets,
            indices: Int32Array.from(entries, ([column]) => column),
            values: Float32Array.from(entries, ([, value]) => value),
          },
          12,
          'X',
        );
        const expected = rows.map((row) => {
          const sums = new Map<number, number>();
          for (const [column, value] of row) sums.set(column, (sums.get(column) ?? 0) + value);
          return [...sums].filter(([, sum]) => sum !== 0).sort(([a], [b]) => a - b);
        });
        const found = rows.map((_, r) =>
          Array.from({ length: canonical.indptr[r + 1] - canonical.indptr[r] }, (_, k) => {
            const at = canonical.indptr[r] + k;
            return [canonical.indices[at], canonical.values[at]];
          }),
        );
        expect(found).toEqual(expected);
        expect(canonical.indices.length).toBe(canonical.indptr[rows.length]);
        expect(canonical.values.length).toBe(canonical.indptr[rows.length]);
      }),
    );
  });

  it.each([12, -1, 0.5, Number.NaN, 2 ** 32, 2 ** 32 + 3])('a column %d of 12 is refused', (column) => {
    const stored = { offsets: [0, 2], indices: [3, column], values: [1, 1] };
    expect(() => canonicalRows(stored, 12, 'X')).toThrow(expect.objectContaining({ code: 'bad-index' }));
  });
});

describe('64-bit integers as numbers', () => {
  it('are what Number makes of them, signed or not, through views', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), (list) => {
        const signed = BigInt64Array.from([9n, ...list]).subarray(1);
        expect([...toNumbers(signed, 'x')]).toEqual([...signed].map(Number));
        const unsigned = BigUint64Array.from(list.map((n) => BigInt.asUintN(64, n)));
        expect([...toNumbers(unsigned, 'x')]).toEqual([...unsigned].map(Number));
      }),
    );
  });
});
