import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pl from 'nodejs-polars';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { chooseCounts } from '../../src/data/choose-counts.ts';
import type { Dataset, SparseRows } from '../../src/data/dataset.ts';
import { openDataset } from '../../src/data/open.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const runtime = nodeRuntime();
const folder = mkdtempSync(join(tmpdir(), 'teddy-arrow-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Cells spread over the donors of the COMBAT file. */
const CELLS = [0, 799, 1500, 2222, 3001, 3777, 4590];

interface RealCells {
  readonly rows: readonly SparseRows[];
  readonly genes: readonly string[];
  readonly names: readonly string[];
  readonly donors: readonly (string | null)[];
}

async function readCombat(): Promise<RealCells> {
  const path = sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');
  const combat = await openDataset(path, runtime);
  const rows: SparseRows[] = [];
  for (const cell of CELLS) rows.push(await combat.rows('X', cell, cell + 1));
  const names = await combat.obsNames();
  const donor = await combat.obs('donor_id');
  if (donor.kind !== 'categorical') throw new Error('donor_id is categorical');
  const genes = await combat.varNames('X');
  combat.close();
  return {
    rows,
    genes,
    names: CELLS.map((cell) => names[cell]),
    donors: CELLS.map((cell) => donor.categories[donor.codes[cell]]),
  };
}

/** Gene name → count of each cell, however the columns are numbered. */
async function byName(dataset: Dataset): Promise<Record<string, number>[]> {
  const genes = await dataset.varNames('X');
  const rows = await dataset.rows('X', 0, dataset.nObs);
  return Array.from({ length: rows.rowCount }, (_, row) => {
    const cell: Record<string, number> = {};
    for (let k = rows.indptr[row]; k < rows.indptr[row + 1]; k++)
      cell[genes[rows.indices[k]]] = rows.values[k];
    return cell;
  });
}

describeShared('real COMBAT cells in Arrow files written by polars', () => {
  let cells: RealCells;
  let expected: Record<string, number>[];
  beforeAll(async () => {
    cells = await readCombat();
    expected = cells.rows.map(({ indices, values }) =>
      Object.fromEntries(Array.from(indices, (gene, k) => [cells.genes[gene], values[k]])),
    );
  });

  it.each(['uncompressed', 'lz4', 'zstd'] as const)(
    'lists of gene names and counts, %s',
    async (compression) => {
      const path = join(folder, `sparse-${compression}.arrow`);
      pl.DataFrame([
        pl.Series('obs_names', cells.names),
        pl.Series('donor_id', cells.donors),
        pl.Series(
          'genes',
          cells.rows.map(({ indices }) => Array.from(indices, (gene) => cells.genes[gene])),
          pl.List(pl.Utf8),
        ),
        pl.Series(
          'counts',
          cells.rows.map(({ values }) => Array.from(values)),
          pl.List(pl.Float32),
        ),
      ]).writeIPC(path, { compression });
      const dataset = await openDataset(path, runtime);
      expect([dataset.format, dataset.nObs, dataset.obsColumns]).toEqual([
        'arrow',
        CELLS.length,
        ['donor_id'],
      ]);
      expect(await byName(dataset)).toEqual(expected);
      expect(await dataset.obsNames()).toEqual(cells.names);
      expect(await dataset.obs('donor_id')).toEqual({ kind: 'string', values: cells.donors });
      const choice = await chooseCounts(dataset);
      expect([choice.counts, choice.firstCellSum]).toEqual(['X', 3836]);
    },
  );

  it('one column a gene, with other columns as obs', async () => {
    const path = join(folder, 'columns.arrow');
    const wanted = [...new Set(cells.rows.flatMap(({ indices }) => Array.from(indices.slice(0, 300))))];
    const dense = (gene: number) =>
      cells.rows.map(({ indices, values }) => values[indices.indexOf(gene)] ?? 0);
    pl.DataFrame([
      pl.Series('barcode', cells.names),
      pl.Series('age', [31, null, 52, 47, 60, 28, null], pl.Float64),
      pl.Series('severe', [true, false, null, true, false, false, true], pl.Bool),
      pl.Series('donor_id', [...cells.donors], pl.Categorical),
      ...wanted.map((gene) => pl.Series(cells.genes[gene], dense(gene), pl.Int64)),
    ]).writeIPC(path, { compression: 'lz4' });
    const dataset = await openDataset(path, runtime);
    expect([dataset.nVars, dataset.obsColumns]).toEqual([wanted.length, ['age', 'severe', 'donor_id']]);
    const kept = new Set(wanted.map((gene) => cells.genes[gene]));
    const subset = expected.map((cell) =>
      Object.fromEntries(Object.entries(cell).filter(([gene]) => kept.has(gene))),
    );
    expect(await byName(dataset)).toEqual(subset);
    expect(await dataset.obs('age')).toMatchObject({
      values: Float64Array.of(31, Number.NaN, 52, 47, 60, 28, Number.NaN),
    });
    expect(await dataset.obs('severe')).toMatchObject({ missing: Uint8Array.of(0, 0, 1, 0, 0, 0, 0) });
    const donor = await dataset.obs('donor_id');
    expect(donor.kind === 'categorical' && Array.from(donor.codes, (code) => donor.categories[code])).toEqual(
      cells.donors,
    );
  });
});

function filesBelow(path: string): string[] {
  return statSync(path).isDirectory()
    ? readdirSync(path).flatMap((name) => filesBelow(join(path, name)))
    : [path];
}

describeShared('the crashers of arrow-testing', () => {
  it.each([
    'arrow-ipc-file',
    'arrow-ipc-stream',
    'arrow-ipc-tensor-stream',
    'csv',
    'parquet',
    'forward-compatibility',
  ])('%s: one DataError each', async (part) => {
    const outcomes: string[] = [];
    for (const path of filesBelow(sharedPath('data', 'formats', 'arrow_testing', 'data', part))) {
      const counts = openDataset(path, runtime).then((dataset) => chooseCounts(dataset));
      const outcome = await counts.then(
        () => 'opened',
        (error: unknown) => (error instanceof Error ? error.name : String(error)),
      );
      if (outcome !== 'DataError') outcomes.push(`${path}: ${outcome}`);
    }
    expect(outcomes).toEqual([]);
  });
});
