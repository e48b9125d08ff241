import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/data/dataset.ts';
import type { TokenBatch } from '../../src/model/token-batch.ts';
import { RunError } from '../../src/run/errors.ts';
import { defaultStudy } from '../../src/run/train-defaults.ts';
import { gatherStudy, joinStudies } from '../../src/run/training-cells.ts';
import type { TrainData } from '../../src/train/config.ts';

const text = (values: readonly (string | null)[]): Column => ({ kind: 'string', values });

/** A dataset whose cell r has r + 1 tokens, all of them its row. */
function datasetOf(columns: Readonly<Record<string, Column>>) {
  return {
    async obs(name: string) {
      if (!Object.hasOwn(columns, name)) throw new RunError('unknown-column', `no ${name}`, name);
      return columns[name];
    },
    async tokenize(rows: Uint32Array<ArrayBuffer>): Promise<TokenBatch> {
      const ids = Array.from(rows, (row) => Array.from({ length: row + 1 }, () => row));
      let end = 0;
      return {
        rows,
        cuSeqlens: Uint32Array.from([0, ...ids.map((own) => (end += own.length))]),
        geneIds: Uint32Array.from(ids.flat()),
        withheld: new Uint8Array(rows.length),
      };
    },
    logCounts: async () => {
      throw new Error('not asked for');
    },
  };
}

const study = (name: string, changes: Partial<TrainData>): TrainData => ({
  ...defaultStudy(name, [`${name}.h5ad`]),
  ...changes,
});

const A = study('A', {
  donorColumn: 'donor',
  studyColumn: 'batch',
  cellTypeColumn: 'type',
  labels: { disease: { column: 'dx', table: { HC: 'normal', SLE: 'lupus', odd: null } } },
});
const inA = datasetOf({
  donor: text(['P1', 'P2', 'P1', null, 'P3']),
  batch: text(['x', 'y', 'x', 'y', 'y']),
  type: text(['T', 'B', 'T', null, 'B']),
  dx: text(['HC', 'SLE', 'odd', 'HC', 'unseen']),
});
const B = study('B', {
  labels: { disease: { column: 'state', table: { ill: 'COVID-19', well: 'normal' } } },
});
const inB = datasetOf({ state: text(['ill', 'well']) });

const rows = (...list: number[]) => Uint32Array.from(list);

describe('cells of several studies', () => {
  it('are joined with their donors, classes and tokens', async () => {
    const training = { trainingDonors: { elsewhere: ['p3'] }, heldOutDonors: {} };
    const first = await gatherStudy(inA, A, rows(0, 1, 2, 3, 4), { training, sha256: { 'A.h5ad': 'ff' } });
    const second = await gatherStudy(inB, B, rows(0, 1), { training: null });
    const cells = joinStudies([first, second]);
    const { classes, codes } = cells.labels.disease;
    expect(classes).toEqual(['normal', 'COVID-19', 'lupus']);
    expect(Array.from(codes, (code) => classes[code] ?? null)).toEqual([
      'normal',
      'lupus',
      null,
      'normal',
      null,
      'COVID-19',
      'normal',
    ]);
    expect(cells.donors.names).toEqual(['P1', 'P2', 'P3']);
    expect(Array.from(cells.donors.codes)).toEqual([0, 1, 0, -1, 2, -1, -1]);
    expect(cells.donors.seen).toEqual([0, 0, 1]);
    expect(cells.sources).toMatchObject([
      { study: 'A', files: { 'A.h5ad': 'ff' }, hasDonors: true },
      { study: 'B', files: {}, hasDonors: false },
    ]);
    expect(Array.from(cells.studies)).toEqual([0, 0, 0, 0, 0, 1, 1]);
    expect(cells.batches.names).toEqual(['A: x', 'A: y', 'B']);
    expect(Array.from(cells.batches.codes)).toEqual([0, 1, 0, 1, 1, 2, 2]);
    expect(Array.from(cells.cellTypes?.codes ?? [])).toEqual([0, 1, 0, -1, 1, -1, -1]);
    expect(Array.from(cells.tokens.cuSeqlens)).toEqual([0, 1, 3, 6, 10, 15, 16, 18]);
    expect(Array.from(cells.tokens.geneIds.subarray(10))).toEqual([4, 4, 4, 4, 4, 0, 1, 1]);
  });

  it('keep equal donor names of two studies apart', async () => {
    const data = { ...A, studyColumn: null, cellTypeColumn: null };
    const first = await gatherStudy(inA, data, rows(0, 1), { training: null });
    const second = await gatherStudy(inA, { ...data, study: 'C' }, rows(0, 2), { training: null });
    const { donors } = joinStudies([first, second]);
    expect(donors.names).toEqual(['P1', 'P2', 'P1']);
    expect(donors.studies).toEqual([0, 0, 1]);
    expect(Array.from(donors.codes)).toEqual([0, 1, 2, 2]);
  });

  it('of one study keep the names of its batches', async () => {
    const cells = joinStudies([await gatherStudy(inA, A, rows(1, 4), { training: null })]);
    expect(cells.batches.names).toEqual(['y']);
    expect(Array.from(cells.tokens.rows)).toEqual([1, 4]);
  });

  it('need cells, and columns that are there', async () => {
    await expect(gatherStudy(inA, A, rows(), { training: null })).rejects.toMatchObject({
      code: 'no-cells-chosen',
    });
    const wrong = { ...A, donorColumn: 'nobody' };
    await expect(gatherStudy(inA, wrong, rows(0), { training: null })).rejects.toMatchObject({
      code: 'unknown-column',
    });
  });
});
