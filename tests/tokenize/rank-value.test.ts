import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_GENES, parseConfig } from '../../src/model/config.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { continuousRanks, quantileBins } from '../../src/tokenize/binned.ts';
import { medianFactors, RankValueEncoder } from '../../src/tokenize/rank-value.ts';
import type { CountRows } from '../../src/tokenize/rows.ts';
import { packTokens } from '../../src/tokenize/token-batch.ts';
import { Tokenizer } from '../../src/tokenize/tokenizer.ts';

function rowsOf(...dense: number[][]): CountRows {
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const row of dense) {
    for (const [column, value] of row.entries()) {
      if (value !== 0 || column % 3 === 0) {
        indices.push(column);
        values.push(value);
      }
    }
    indptr.push(indices.length);
  }
  return {
    rowCount: dense.length,
    indptr: Uint32Array.from(indptr),
    indices: Uint32Array.from(indices),
    values: Float64Array.from(values),
  };
}

/** The spec read word by word, with plain objects. */
function plainRanking(
  row: readonly number[],
  columnIds: Int32Array,
  factors: Float64Array,
): [number, number][] {
  const total = row.reduce((a, b) => a + b, 0);
  const counts = new Map<number, number>();
  for (const [c, count] of row.entries()) {
    if (columnIds[c] >= 0) counts.set(columnIds[c], (counts.get(columnIds[c]) ?? 0) + count);
  }
  return [...counts]
    .filter(([, count]) => count > 0)
    .map(([id, count]): [number, number] => [id, (count / total) * 10000 * factors[id]])
    .sort(([i, a], [j, b]) => b - a || i - j)
    .slice(0, MAX_GENES);
}

describe('rank-value encoding', () => {
  it('is the specification, for any counts, ids and medians, cell after cell', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }).chain((columns) =>
          fc.record({
            cells: fc.array(fc.array(fc.nat(4), { minLength: columns, maxLength: columns }), {
              minLength: 1,
              maxLength: 4,
            }),
            ids: fc.array(fc.integer({ min: -1, max: 24 }), { minLength: columns, maxLength: columns }),
            medians: fc.array(fc.constantFrom(1, 1, 2, 3.5, 0.1), { minLength: 25, maxLength: 25 }),
          }),
        ),
        ({ cells, ids, medians }) => {
          const columnIds = Int32Array.from(ids);
          const factors = Float64Array.from(medians, (m) => 1 / m);
          const encoder = new RankValueEncoder(columnIds, factors);
          const rows = rowsOf(...cells);
          for (const [r, cell] of cells.entries()) {
            const { geneIds, values } = encoder.encode(rows, r);
            const expected = plainRanking(cell, columnIds, factors);
            expect([...geneIds]).toEqual(expected.map(([id]) => id));
            expect([...values]).toEqual(expected.map(([, value]) => value));
          }
        },
      ),
    );
  });

  it('is the specification for huge and tiny counts, and medians that make values nearly tie', () => {
    const count = fc.oneof(
      fc.nat(3),
      fc.constantFrom(2 ** 31, 2 ** 53, 1e300, 1e-300, 5e-324, 0.1, 1e15 + 1),
    );
    const median = fc.constantFrom(1, 3, 1 + 2 ** -52, 1 - 2 ** -53, 1e-12, 1e12);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(count, median), { minLength: 1, maxLength: 80 }).filter((genes) => {
          const total = genes.reduce((sum, [n]) => sum + n, 0);
          return total < Number.POSITIVE_INFINITY;
        }),
        (genes) => {
          // Columns against the order of ids, as in files sorted by symbol.
          const columnIds = Int32Array.from(genes, (_, c) => genes.length - 1 - c);
          const factors = Float64Array.from(genes, (_, id) => 1 / genes[genes.length - 1 - id][1]);
          const counts = genes.map(([n]) => n);
          const { geneIds, values } = new RankValueEncoder(columnIds, factors).encode(rowsOf(counts), 0);
          const expected = plainRanking(counts, columnIds, factors);
          expect([...geneIds]).toEqual(expected.map(([id]) => id));
          expect([...values]).toEqual(expected.map(([, value]) => value));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('keeps 2,048 genes of more, ties at the edge by ascending id', () => {
    const columns = 5000;
    const columnIds = Int32Array.from({ length: columns }, (_, c) => columns - 1 - c);
    const encoder = new RankValueEncoder(columnIds, new Float64Array(columns).fill(1));
    const counts = Array.from({ length: columns }, (_, c) => (c < 48 ? 2 : 1));
    const { geneIds } = encoder.encode(rowsOf(counts), 0);
    expect(geneIds.length).toBe(MAX_GENES);
    expect([...geneIds.subarray(0, 49)]).toEqual([
      ...Array.from({ length: 48 }, (_, i) => columns - 48 + i),
      0,
    ]);
    expect(geneIds[MAX_GENES - 1]).toBe(MAX_GENES - 49);
  });

  it('counts every column into the total, with an id or without', () => {
    const encoder = new RankValueEncoder(Int32Array.of(0, -1), Float64Array.of(0.5));
    expect([...encoder.encode(rowsOf([1, 3]), 0).values]).toEqual([1250]);
  });

  it('an empty cell has no tokens', () => {
    const encoder = new RankValueEncoder(Int32Array.of(0, 1), Float64Array.of(1, 1));
    expect(encoder.encode(rowsOf([0, 0]), 0).geneIds.length).toBe(0);
    expect(encoder.encode(rowsOf([]), 0).geneIds.length).toBe(0);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'says where a count is %d, and the next cell is right',
    (bad) => {
      const encoder = new RankValueEncoder(Int32Array.of(0, 1, 2), Float64Array.of(1, 1, 1));
      const rows = rowsOf([1, 5, bad], [0, 0, 4]);
      expect(() => encoder.encode(rows, 0)).toThrow(
        expect.objectContaining({ code: 'invalid-count', row: 0, column: 2, value: bad }),
      );
      expect([...encoder.encode(rows, 1).geneIds]).toEqual([2]);
    },
  );

  it('takes 1 / median, and 1 where the median is unknown', () => {
    expect([...medianFactors(['a', 'b'], new Map([['b', 4]]))]).toEqual([1, 0.25]);
  });
});

describe('values of TEDDY-X', () => {
  it('bins are quantiles of the ranks, ties averaged', () => {
    const bins = new Float32Array(6);
    quantileBins(Float64Array.of(9, 5, 5, 5, 2, 1), 3, bins);
    expect([...bins]).toEqual([3, 2, 2, 2, 1, 1]);
  });

  it('bins stay in 1 … bins, never rise down the ranks, and equal values share one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 60 }),
        (raw, bins) => {
          const values = Float64Array.from(raw).sort().reverse();
          const out = new Float32Array(values.length);
          quantileBins(values, bins, out);
          for (let i = 0; i < out.length; i++) {
            expect(out[i] >= 1 && out[i] <= bins && Number.isInteger(out[i])).toBe(true);
            if (i > 0) expect(out[i]).toBeLessThanOrEqual(out[i - 1]);
            if (i > 0 && values[i] === values[i - 1]) expect(out[i]).toBe(out[i - 1]);
          }
        },
      ),
    );
  });

  it('continuous ranks go from 1 to −1', () => {
    const out = new Float32Array(5);
    continuousRanks(5, out);
    expect([...out]).toEqual([1, 0.5, 0, -0.5, -1]);
    continuousRanks(1, out);
    expect(out[0]).toBe(1);
  });
});

describe('a batch of tokens', () => {
  const vocabulary = Vocabulary.parse('a\nb\nc\nd', { '<pad>': 4 });
  const model = (fields: object) => ({
    config: parseConfig({
      model_type: 'teddy_x',
      d_model: 4,
      nheads: 1,
      d_hid: 4,
      nlayers: 1,
      ntoken: 5,
      max_position_embeddings: 2,
      ...fields,
    }),
    vocabulary,
    medians: new Map([['a', 100]]),
  });
  const rows = rowsOf([1, 2, 3, 4], [0, 0, 0, 0], [0, 7, 0, 0]);
  const columnIds = Int32Array.of(0, 1, 2, 3);

  it('is packed: offsets, no padding, cut to the positions after bins are made of all genes', () => {
    const batch = packTokens(new Tokenizer(model({ bins: 4 }), columnIds), rows, [10, 11, 40], (row, n) =>
      row === 11 && n === 0 ? 3 : 0,
    );
    expect([...batch.rows]).toEqual([10, 11, 40]);
    expect([...batch.cuSeqlens]).toEqual([0, 2, 2, 3]);
    expect([...batch.geneIds]).toEqual([3, 2, 1]);
    expect([...(batch.values ?? [])]).toEqual([4, 3, 3]);
    expect([...batch.withheld]).toEqual([0, 3, 0]);
    for (const array of [batch.rows, batch.cuSeqlens, batch.geneIds, batch.withheld]) {
      expect(array.byteLength).toBe(array.buffer.byteLength);
    }
  });

  it('has ranks for a continuous model and no values for TEDDY-G', () => {
    const rank = packTokens(new Tokenizer(model({ continuous_rank: true }), columnIds), rows, [0, 1, 2]);
    expect([...(rank.values ?? [])]).toEqual([1, Math.fround(1 / 3), 1]);
    const plain = packTokens(new Tokenizer(model({ model_type: 'teddy_g' }), columnIds), rows, [0, 1, 2]);
    expect(plain.values).toBeUndefined();
  });

  it.each([[{ model_type: 'teddy_g' }], [{ bins: 3 }], [{ continuous_rank: true }]])(
    'of a model with more positions begins with that of one with fewer: %j',
    (fields) => {
      const cell = rowsOf([4, 2, 2, 9]);
      const read = (positions: number) => {
        const reads = model({ ...fields, max_position_embeddings: positions });
        const { geneIds, values } = packTokens(new Tokenizer(reads, columnIds), cell, [0]);
        return { geneIds: [...geneIds], values: values && [...values] };
      };
      const all = read(4);
      expect(all.geneIds).toHaveLength(4);
      for (const positions of [1, 2, 3]) {
        const geneIds = all.geneIds.slice(0, positions);
        expect(read(positions)).toEqual({ geneIds, values: all.values?.slice(0, positions) });
      }
    },
  );

  it('grows past its first room', () => {
    const wide = 3000;
    const names = Array.from({ length: wide }, (_, i) => `g${i}`);
    const large = {
      ...model({ max_position_embeddings: 2048, bins: 3 }),
      vocabulary: Vocabulary.parse(names.join('\n'), {}),
    };
    const cells = Array.from({ length: 40 }, (_, r) => names.map((_, c) => 1 + ((r + c) % 7)));
    const batch = packTokens(
      new Tokenizer(
        large,
        Int32Array.from({ length: wide }, (_, c) => c),
      ),
      rowsOf(...cells),
      cells.map((_, r) => r),
    );
    expect(batch.geneIds.length).toBe(40 * 2048);
    expect(batch.values?.length).toBe(40 * 2048);
    expect(batch.geneIds[39 * 2048]).toBe([...names.keys()].find((c) => (39 + c) % 7 === 6));
  });
});
