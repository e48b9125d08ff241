import type { CellGroups, Duplicates, GroupShare, Overlap, SharedCells } from './findings.ts';
import { FingerprintIndex, type Fingerprints } from './fingerprints.ts';

/** Cells that occur more than once in one file, and between which groups. */
export function findDuplicates(prints: Fingerprints, groups: CellGroups | null): Duplicates {
  const { firsts } = new FingerprintIndex(prints);
  const repeated = new Set(firsts.filter((first, cell) => first >= 0 && first !== cell));
  const copies = copiesOf(repeated, firsts, groups);
  const tally = new PairTally(groups, groups);
  const rows: number[] = [];
  const rowsAcross: number[] = [];
  for (let cell = 0; cell < firsts.length; cell++) {
    const set = copies.get(firsts[cell]);
    if (set === undefined) continue;
    rows.push(cell);
    const own = groups?.codes[cell] ?? -1;
    const others = [...set.groups].filter((group) => group !== own);
    if (others.length > 0) rowsAcross.push(cell);
    for (const other of others) tally.add(own, other);
  }
  return {
    genes: prints.columns.genes,
    incomparable: countIncomparable(prints),
    rows: Uint32Array.from(rows),
    rowsAcross: Uint32Array.from(rowsAcross),
    pairs: tally.pairs(),
  };
}

/**
 * Cells of one file that are also in another.
 * @param here fingerprints of both files over the genes they share
 */
export function findShared(
  here: Fingerprints,
  groups: CellGroups | null,
  there: Fingerprints,
  groupsThere: CellGroups | null,
  name: string,
): Overlap {
  const index = new FingerprintIndex(there);
  const matches = Int32Array.from({ length: here.cells }, (_, cell) => index.find(here, cell));
  const copies = copiesOf(new Set(matches), index.firsts, groupsThere);
  const tally = new PairTally(groups, groupsThere);
  const rows: number[] = [];
  for (const [cell, first] of matches.entries()) {
    if (first < 0) continue;
    rows.push(cell);
    for (const other of copies.get(first)?.groups ?? []) tally.add(groups?.codes[cell] ?? -1, other);
  }
  let found = 0;
  for (const { cells } of copies.values()) found += cells;
  return {
    name,
    genes: here.columns.genes,
    cells: there.cells,
    comparable: there.cells - countIncomparable(there),
    incomparable: countIncomparable(here),
    rows: Uint32Array.from(rows),
    found,
    pairs: tally.pairs(),
  };
}

/** Groups of the file by how many of their cells are among `rows`; those without any are left out. */
export function groupShares(groups: CellGroups | null, rows: Uint32Array): readonly GroupShare[] {
  if (groups === null) return [];
  const cells = new Uint32Array(groups.names.length);
  for (const code of groups.codes) if (code >= 0) cells[code]++;
  const found = new Uint32Array(groups.names.length);
  for (const row of rows) if (groups.codes[row] >= 0) found[groups.codes[row]]++;
  return groups.names
    .map((name, group) => ({ name, cells: cells[group], found: found[group] }))
    .filter((share) => share.found > 0)
    .sort((a, b) => b.found - a.found);
}

/** Counts cells by the pair of their groups. */
export class PairTally {
  readonly #counts = new Map<string, { readonly group: number; readonly other: number; cells: number }>();

  constructor(
    private readonly groups: CellGroups | null,
    private readonly others: Pick<CellGroups, 'names'> | null,
  ) {}

  /** Group codes, −1 = none. */
  add(group: number, other: number): void {
    const key = `${group},${other}`;
    const known = this.#counts.get(key);
    if (known) known.cells++;
    else this.#counts.set(key, { group, other, cells: 1 });
  }

  pairs(): readonly SharedCells[] {
    return [...this.#counts.values()]
      .map(({ group, other, cells }) => ({
        group: this.groups?.names[group] ?? null,
        other: this.others?.names[other] ?? null,
        cells,
      }))
      .sort((a, b) => b.cells - a.cells);
  }
}

interface Copies {
  cells: number;
  readonly groups: Set<number>;
}

/** Of the wanted first cells: how many cells are the same, and in which groups. */
function copiesOf(
  wanted: ReadonlySet<number>,
  firsts: Int32Array,
  groups: CellGroups | null,
): ReadonlyMap<number, Copies> {
  const found = new Map<number, Copies>();
  for (const [cell, first] of firsts.entries()) {
    if (first < 0 || !wanted.has(first)) continue;
    const copies = found.get(first) ?? { cells: 0, groups: new Set() };
    found.set(first, copies);
    copies.cells++;
    copies.groups.add(groups?.codes[cell] ?? -1);
  }
  return found;
}

function countIncomparable(prints: Fingerprints): number {
  let n = 0;
  for (let cell = 0; cell < prints.cells; cell++) if (!prints.comparable(cell)) n++;
  return n;
}
