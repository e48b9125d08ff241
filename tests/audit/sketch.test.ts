import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geneOrder } from '../../src/audit/genes.ts';
import { geneHash } from '../../src/audit/hash.ts';
import { OrderedCells } from '../../src/audit/ordered-cells.ts';
import { NO_GENE, SketchBuilder, type SketchSource } from '../../src/audit/sketch.ts';
import { LEAST_ELEMENTS, SketchMatcher } from '../../src/audit/sketch-matcher.ts';
import { SketchScan } from '../../src/audit/sketch-scan.ts';
import { gene, noise, rowsOf } from './support.ts';

type Cell = (readonly [number, number])[];

function sketchOf(cells: readonly Cell[], ensembl: readonly string[], size: number): SketchSource {
  const builder = new SketchBuilder(geneOrder(ensembl), cells.length, size);
  const block = rowsOf(cells);
  for (let row = 0; row < cells.length; row++) builder.add(block, row);
  return builder.build('study', ['D'], new Int32Array(cells.length));
}

function matches(source: SketchSource, cell: Cell, ensembl: readonly string[]): readonly number[] | null {
  const order = geneOrder(ensembl);
  const cells = new OrderedCells(order);
  return new SketchMatcher(source, order).match(cells, cells.read(rowsOf([cell]), 0));
}

const genes = Array.from({ length: 200 }, (_, n) => gene(n + 1));

function randomCell(seed: number, expressed: number): Cell {
  const random = noise(seed);
  return genes.flatMap((_, column) =>
    random() < expressed ? [[column, 1 + Math.floor(random() * 4)] as const] : [],
  );
}

/** Elements of a cell's sketch that are of shared genes. */
function told(
  { genes, places }: SketchSource,
  cell: number,
  size: number,
  shared: ReadonlySet<number>,
): number {
  return places.subarray(cell * size, (cell + 1) * size).filter((place) => shared.has(genes[place])).length;
}

describe('a sketch', () => {
  it('keeps the genes whose hashes are smallest, ascending, and fills the rest', () => {
    const order = geneOrder(genes);
    const source = sketchOf([randomCell(1, 0.5), [[3, 2]], []], genes, 10);
    const expressed = randomCell(1, 0.5).map(([column]) => order.places[column]);
    expect([...source.places.subarray(0, 10)]).toEqual(expressed.sort((a, b) => a - b).slice(0, 10));
    expect([...source.places.subarray(10, 12)]).toEqual([order.places[3], NO_GENE]);
    expect(source.places.subarray(20).every((place) => place === NO_GENE)).toBe(true);
  });

  it('takes all genes of a cell as one that is not full says it has no others', () => {
    const cell = randomCell(5, 0.1);
    expect(matches(sketchOf([cell], genes, 64), cell, genes)).toEqual([0]);
    const free = genes.findIndex((_, column) => !cell.some(([used]) => used === column));
    expect(matches(sketchOf([cell], genes, 64), [...cell, [free, 1]], genes)).toEqual([]);
  });

  it('finds a cell on the genes that two files share, in both directions, and no other', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 12, max: 60 }), (seed, size) => {
        const cells = Array.from({ length: 6 }, (_, i) => randomCell(seed + 7 * i, 0.4));
        // The other file has every second gene, in another order, and fifty of its own.
        const kept = genes.map((_, column) => column).filter((column) => (column + seed) % 2 === 0);
        const there = [
          ...Array.from({ length: 50 }, (_, n) => gene(5000 + n)),
          ...kept.map((c) => genes[c]).reverse(),
        ];
        const moved = cells.map(
          (cell, i): Cell => [
            ...cell.flatMap(([column, count]) => {
              const at = there.indexOf(genes[column]);
              return at < 0 ? [] : [[at, count] as const];
            }),
            ...Array.from({ length: 20 }, (_, n) => [(n * 2 + i) % 50, 1] as const),
          ],
        );
        const shared = new Set(kept.map((column) => geneHash(genes[column])));
        const source = sketchOf(cells, genes, size);
        const backward = sketchOf(moved, there, size);
        for (const [i, cell] of moved.entries()) {
          const enough = (told: number) => (told >= LEAST_ELEMENTS ? [i] : []);
          expect(matches(source, cell, there)).toEqual(enough(told(source, i, size, shared)));
          expect(matches(backward, cells[i], genes)).toEqual(enough(told(backward, i, size, shared)));
        }
      }),
      { numRuns: 12 },
    );
  });

  it('does not take a cell for one whose count differs within what the sketch tells', () => {
    const cell = randomCell(11, 0.5);
    const order = geneOrder(genes);
    const source = sketchOf([cell], genes, 20);
    const last = source.places[19];
    for (const changed of cell.keys()) {
      const other = cell.map(([column, count], i) => [column, i === changed ? count + 1 : count] as const);
      const told = order.places[cell[changed][0]] <= last;
      expect(matches(source, other, genes)).toEqual(told ? [] : [0]);
    }
  });

  it('cannot compare a cell that expresses too few shared genes', () => {
    const few: Cell = Array.from({ length: LEAST_ELEMENTS - 1 }, (_, i) => [i, 1] as const);
    const source = sketchOf([few, randomCell(3, 0.5)], genes, 32);
    expect(new SketchMatcher(source, geneOrder(genes)).comparable).toBe(1);
    expect(matches(source, few, genes)).toBeNull();
    expect(matches(source, randomCell(3, 0.5), [gene(9999)])).toBeNull();
    expect(matches(sketchOf([], genes, 32), randomCell(3, 0.5), genes)).toEqual([]);
  });

  it('finds every copy it has of a cell', () => {
    const cell = randomCell(21, 0.5);
    const found = matches(sketchOf([cell, randomCell(22, 0.5), cell], genes, 32), cell, genes);
    expect([...(found ?? [])].sort()).toEqual([0, 2]);
  });

  it('counts what a file has of it, by donor', () => {
    const cells = [randomCell(31, 0.5), randomCell(32, 0.5), randomCell(33, 0.5)];
    const source = { ...sketchOf(cells, genes, 32), donors: ['D', 'E'], donorOf: Int32Array.of(0, 1, -1) };
    const order = geneOrder(genes);
    const scan = new SketchScan(source, order, { names: ['here'], codes: Int32Array.of(0, 0, -1, 0) });
    const reader = new OrderedCells(order);
    const block = rowsOf([cells[1], randomCell(99, 0.5), cells[2], []]);
    for (let row = 0; row < 4; row++) scan.add(row, reader, reader.read(block, row));
    const overlap = scan.overlap();
    expect(overlap).toMatchObject({
      name: 'study',
      genes: 200,
      cells: 3,
      comparable: 3,
      incomparable: 1,
      found: 2,
    });
    expect([...overlap.rows]).toEqual([0, 2]);
    expect(overlap.pairs).toEqual([
      { group: 'here', other: 'E', cells: 1 },
      { group: null, other: null, cells: 1 },
    ]);
  });
});
