import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fingerprints, LEAST_GENES } from '../../src/audit/fingerprints.ts';
import { comparedColumns } from '../../src/audit/genes.ts';
import { findDuplicates, findShared, groupShares } from '../../src/audit/overlaps.ts';
import { gene, rowsOf } from './support.ts';

type Cell = (readonly [number, number])[];

function printsOf(cells: readonly Cell[], ensembl: readonly (string | null)[], among?: Set<string>) {
  const prints = new Fingerprints(cells.length, comparedColumns(ensembl, among));
  const block = rowsOf(cells);
  for (let row = 0; row < cells.length; row++) prints.add(block, row, row);
  return prints;
}

const genes = Array.from({ length: 60 }, (_, n) => gene(n + 1));
/** A cell of 30 genes, different for each `kind`. */
const cellOf = (kind: number): Cell =>
  Array.from({ length: 30 }, (_, i) => [i, 1 + ((i * 7 + kind * 13 + ((i * kind) % 11)) % 9)] as const);

describe('duplicates within a file', () => {
  it('are counted once a cell, and by the groups they join', () => {
    const cells = [cellOf(1), cellOf(2), cellOf(1), cellOf(3), cellOf(1), cellOf(2), [], []];
    const groups = { names: ['A', 'B'], codes: Int32Array.of(0, 0, 0, 1, 1, 0, 0, 1) };
    const found = findDuplicates(printsOf(cells, genes), groups);
    expect(found).toMatchObject({ genes: 60, incomparable: 2 });
    expect([...found.rows]).toEqual([0, 1, 2, 4, 5]);
    expect([...found.rowsAcross]).toEqual([0, 2, 4]);
    expect(found.pairs).toEqual([
      { group: 'A', other: 'B', cells: 2 },
      { group: 'B', other: 'A', cells: 1 },
    ]);
    const bare = findDuplicates(printsOf(cells, genes), null);
    expect([...bare.rows]).toEqual([0, 1, 2, 4, 5]);
    expect(bare.rowsAcross.length).toBe(0);
  });

  it('do not count cells that say too little', () => {
    const few = (n: number): Cell => Array.from({ length: n }, (_, i) => [i, 1] as const);
    const found = findDuplicates(
      printsOf([few(LEAST_GENES - 1), few(LEAST_GENES - 1), few(LEAST_GENES), few(LEAST_GENES)], genes),
      null,
    );
    expect([...found.rows]).toEqual([2, 3]);
    expect(found.incomparable).toBe(2);
  });

  it('of a file without genes or cells are none', () => {
    expect(
      findDuplicates(
        printsOf(
          [cellOf(1), cellOf(1)],
          genes.map(() => null),
        ),
        null,
      ),
    ).toMatchObject({
      genes: 0,
      incomparable: 2,
    });
    expect(findDuplicates(printsOf([], genes), null).rows.length).toBe(0);
  });

  it('hold through zeros stored, and fall with one count', () => {
    const zero: Cell = [...cellOf(1), [45, 0]];
    const more = cellOf(1).map(([column, value], i) => [column, i === 17 ? value + 1 : value] as const);
    expect([...findDuplicates(printsOf([cellOf(1), zero, more], genes), null).rows]).toEqual([0, 1]);
  });
});

describe('cells of another file', () => {
  it('are found whatever the order of columns and whatever else it measures', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.array(fc.nat(5), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(5), { minLength: 1, maxLength: 12 }),
        (seed, kindsHere, kindsThere) => {
          // There the columns turn round, extra genes come before them, and one id is named twice.
          const shift = 1 + (seed % 59);
          const there = [gene(900), ...genes.map((_, i) => genes[(i + shift) % 60]), gene(60), gene(901)];
          const columnThere = new Map(there.map((id, column) => [id, column]));
          const moved = (cell: Cell): Cell => [
            ...cell.map(([column, value]) => [columnThere.get(genes[column]) ?? 0, value] as const),
            [0, 1 + (seed % 5)],
          ];
          const among = new Set(genes.slice(0, 59));
          const a = printsOf(kindsHere.map(cellOf), genes, among);
          const b = printsOf(
            kindsThere.map((kind) => moved(cellOf(kind))),
            there,
            among,
          );
          const overlap = findShared(a, null, b, null, 'there');
          const both = new Set(kindsHere.filter((kind) => kindsThere.includes(kind)));
          const inBoth = (kinds: number[]) => kinds.flatMap((kind, row) => (both.has(kind) ? [row] : []));
          expect(overlap.genes).toBe(59);
          expect([...overlap.rows]).toEqual(inBoth(kindsHere));
          expect(overlap.found).toBe(inBoth(kindsThere).length);
          expect(overlap.comparable).toBe(kindsThere.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are told by group on both sides', () => {
    const a = printsOf([cellOf(1), cellOf(2), cellOf(3)], genes);
    const b = printsOf([cellOf(2), cellOf(2), cellOf(1), []], genes);
    const overlap = findShared(
      a,
      { names: ['A'], codes: Int32Array.of(0, -1, 0) },
      b,
      { names: ['X', 'Y'], codes: Int32Array.of(0, 1, 1, 0) },
      'b',
    );
    expect(overlap).toMatchObject({ name: 'b', cells: 4, comparable: 3, incomparable: 0, found: 3 });
    expect(overlap.pairs).toEqual([
      { group: 'A', other: 'Y', cells: 1 },
      { group: null, other: 'X', cells: 1 },
      { group: null, other: 'Y', cells: 1 },
    ]);
  });
});

it('shares of groups leave out those without any', () => {
  const groups = { names: ['A', 'B', 'C'], codes: Int32Array.of(0, 0, 1, 2, 2, 2, -1) };
  expect(groupShares(groups, Uint32Array.of(0, 3, 5, 6))).toEqual([
    { name: 'C', cells: 3, found: 2 },
    { name: 'A', cells: 2, found: 1 },
  ]);
  expect(groupShares(null, Uint32Array.of(0))).toEqual([]);
});
