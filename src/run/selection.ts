import type { Column } from '../data/dataset.ts';
import { RunError } from './errors.ts';
import type { CellSelection } from './services.ts';

/** A column as text, cell by cell; null where missing. */
export function textOf(column: Column): (cell: number) => string | null {
  switch (column.kind) {
    case 'categorical':
      return (cell) => column.categories[column.codes[cell]] ?? null;
    case 'string':
      return (cell) => column.values[cell] ?? null;
    case 'numeric':
      return (cell) => (Number.isNaN(column.values[cell]) ? null : String(column.values[cell]));
    case 'boolean':
      return (cell) => (column.missing?.[cell] ? null : column.values[cell] ? 'true' : 'false');
  }
}

/**
 * Rows of the file a selection means, ascending.
 * @param obs reads a column of the file
 * @throws RunError 'no-cells-chosen'
 */
export async function selectRows(
  selection: CellSelection,
  nObs: number,
  obs: (column: string) => Promise<Column>,
): Promise<Uint32Array<ArrayBuffer>> {
  const rows = await chosenRows(selection, nObs, obs);
  if (rows.length === 0) throw new RunError('no-cells-chosen', 'no cell fits this choice');
  return rows;
}

async function chosenRows(
  selection: CellSelection,
  nObs: number,
  obs: (column: string) => Promise<Column>,
): Promise<Uint32Array<ArrayBuffer>> {
  switch (selection.kind) {
    case 'all':
      return upTo(nObs);
    case 'first':
      return upTo(Math.min(nObs, selection.count));
    case 'rows':
      return selection.rows.filter((row) => row < nObs);
    case 'values': {
      const text = textOf(await obs(selection.column));
      const wanted = new Set(selection.values);
      return upTo(nObs).filter((row) => wanted.has(text(row) ?? ''));
    }
    case 'random': {
      const { balanceBy } = selection;
      const text = balanceBy === null ? () => null : textOf(await obs(balanceBy));
      const groups = new Map<string | null, number[]>();
      for (let row = 0; row < nObs; row++) {
        const group = text(row);
        const members = groups.get(group);
        if (members) members.push(row);
        else groups.set(group, [row]);
      }
      return drawEqually([...groups.values()], selection.count, selection.seed);
    }
  }
}

/**
 * `count` rows at random, as many from each group as it has, none more than one above another that
 * still had rows to give. The same groups, count and seed give the same rows, ascending.
 */
export function drawEqually(
  groups: readonly (readonly number[])[],
  count: number,
  seed: number,
): Uint32Array<ArrayBuffer> {
  const random = mulberry32(seed);
  const shares = equalShares(
    groups.map((group) => group.length),
    count,
    random,
  );
  const drawn: number[] = [];
  for (const [g, group] of groups.entries()) {
    const rows = [...group];
    for (let i = 0; i < shares[g]; i++) {
      const j = i + Math.floor(random() * (rows.length - i));
      [rows[i], rows[j]] = [rows[j], rows[i]];
      drawn.push(rows[i]);
    }
  }
  return Uint32Array.from(drawn).sort();
}

/** How many to take from groups of these sizes; what cannot be divided goes to groups at random. */
function equalShares(sizes: readonly number[], count: number, random: () => number): number[] {
  const shares = sizes.map(() => 0);
  let left = Math.min(
    count,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  while (left > 0) {
    const open = sizes.flatMap((size, g) => (shares[g] < size ? [g] : []));
    const each = Math.floor(left / open.length);
    if (each === 0) {
      for (let i = 0; i < left; i++) {
        const j = i + Math.floor(random() * (open.length - i));
        [open[i], open[j]] = [open[j], open[i]];
        shares[open[i]]++;
      }
      return shares;
    }
    for (const g of open) {
      const taken = Math.min(each, sizes[g] - shares[g]);
      shares[g] += taken;
      left -= taken;
    }
  }
  return shares;
}

/**
 * One sentence where the chosen cells all come from one donor, as far as donors are named, though the
 * file has several: real files are sorted, and a "first N" of one donor tells nothing of the others. Null
 * otherwise.
 */
export function oneDonorWarning(donors: Column, rows: Uint32Array): string | null {
  const text = textOf(donors);
  const chosen = new Set(Array.from(rows, text).filter((donor) => donor !== null));
  if (chosen.size !== 1) return null;
  const all = donors.kind === 'categorical' ? donors.codes.length : donors.values.length;
  const [only] = chosen;
  for (let row = 0; row < all; row++) {
    const donor = text(row);
    if (donor !== null && donor !== only) {
      return `These ${rows.length} cells all come from one donor (${only}): the file is sorted. Draw them at random to see every donor.`;
    }
  }
  return null;
}

/** Small seeded generator of numbers in [0, 1) (Tommy Ettinger's mulberry32, public domain). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function upTo(count: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: count }, (_, row) => row);
}
