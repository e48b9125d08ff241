import type { Column, SparseRows } from '../dataset.ts';
import { DataError } from '../errors.ts';
import { canonicalRows } from '../sparse-rows.ts';
import { tableOf } from '../table.ts';
import type { TenxGroup } from './open-tenx.ts';

/**
 * The genomes of a mixed experiment as one matrix: a cell for each barcode of any genome, the columns of all
 * genomes side by side (`genome` of var tells them apart). A cell has no counts in a genome that does not list it.
 */
export async function joinGenomes(groups: readonly TenxGroup[]): Promise<TenxGroup> {
  const cells = new Map<string, number>();
  /** For each genome: its row of each joint cell, −1 = none. */
  const ownRows: number[][] = [];
  for (const { name, barcodes } of groups) {
    const own: number[] = [];
    for (const [row, barcode] of barcodes.entries()) {
      const cell = cells.get(barcode) ?? cells.size;
      cells.set(barcode, cell);
      if (own[cell] !== undefined)
        throw new DataError('bad-index', `${name} has the barcode ${barcode} twice`, name);
      own[cell] = row;
    }
    ownRows.push(own);
  }
  const names: string[] = [];
  const columns = new Map<string, Column>();
  const shifts: number[] = [];
  for (const { genes } of groups) {
    shifts.push(names.length);
    names.push(...(await genes.names()));
  }
  for (const column of ['feature_name', 'genome']) {
    const values: (string | null)[] = [];
    for (const { genes } of groups) {
      const part = await genes.column(column);
      if (part.kind === 'string') for (const value of part.values) values.push(value);
    }
    columns.set(column, { kind: 'string', values });
  }
  const info = {
    name: 'X',
    storage: 'csr',
    rows: cells.size,
    columns: names.length,
    stored: groups.reduce((sum, { reader }) => sum + reader.info.stored, 0),
  } as const;

  async function rows(start: number, end: number): Promise<SparseRows> {
    const parts: SparseRows[] = [];
    for (const [g, group] of groups.entries()) {
      const wanted = Array.from({ length: end - start }, (_, i) => ownRows[g][start + i] ?? -1);
      parts.push(await pickRows(group, wanted));
    }
    return sideBySide(parts, shifts, names.length);
  }

  return {
    name: groups.map(({ name }) => name).join(' and '),
    barcodes: [...cells.keys()],
    genes: tableOf(names, columns),
    reader: { info, rows },
  };
}

/** Rows of one genome by number, −1 = an empty one; neighbours are read together. */
async function pickRows({ reader }: TenxGroup, wanted: readonly number[]): Promise<SparseRows> {
  const offsets = new Float64Array(wanted.length + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let at = 0; at < wanted.length; ) {
    let end = at + 1;
    while (wanted[at] >= 0 && end < wanted.length && wanted[end] === wanted[end - 1] + 1) end++;
    const block = wanted[at] < 0 ? null : await reader.rows(wanted[at], wanted[at] + end - at);
    for (; at < end; at++) {
      const row = block === null ? -1 : at - (end - block.rowCount);
      if (block !== null) {
        for (let k = block.indptr[row]; k < block.indptr[row + 1]; k++) {
          indices.push(block.indices[k]);
          values.push(block.values[k]);
        }
      }
      offsets[at + 1] = indices.length;
    }
  }
  return canonicalRows({ offsets, indices, values }, reader.info.columns, reader.info.name);
}

/** Blocks of the same rows with their columns moved by `shifts`. */
function sideBySide(parts: readonly SparseRows[], shifts: readonly number[], columns: number): SparseRows {
  const [{ rowCount }] = parts;
  const offsets = new Float64Array(rowCount + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < rowCount; row++) {
    for (const [g, part] of parts.entries()) {
      for (let k = part.indptr[row]; k < part.indptr[row + 1]; k++) {
        indices.push(part.indices[k] + shifts[g]);
        values.push(part.values[k]);
      }
    }
    offsets[row + 1] = indices.length;
  }
  return canonicalRows({ offsets, indices, values }, columns, 'X');
}
