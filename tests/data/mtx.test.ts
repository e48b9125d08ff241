import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { MatrixMarketParser } from '../../src/data/mtx/matrix-market.ts';
import { openDataset } from '../../src/data/open.ts';
import { droppedFiles } from '../support/input-files.ts';

const runtime = nodeRuntime();
const folder = mkdtempSync(join(tmpdir(), 'teddy-mtx-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** 3 genes × 2 cells. */
const MATRIX = '%%MatrixMarket matrix coordinate integer general\n%\n3 2 3\n1 1 5\n3 2 2\n2 2 7\n';
const BARCODES = 'AAA-1\nCCC-1\n';
const FEATURES = 'ENSG01\tCD4\tGene Expression\nENSG02\tMS4A1\tGene Expression\nP1\tCD4\tAntibody Capture\n';

describe('mtx', () => {
  it.each([
    ['plain', { 'matrix.mtx': MATRIX, 'barcodes.tsv': BARCODES, 'features.tsv': FEATURES }],
    ['gzip', { 'matrix.mtx.gz': MATRIX, 'barcodes.tsv.gz': BARCODES, 'features.tsv.gz': FEATURES }],
    ['with a prefix', { 's1_matrix.mtx': MATRIX, 's1_barcodes.tsv': BARCODES, 's1_genes.tsv': FEATURES }],
    ['names that do not tell', { 'a.txt': MATRIX, 'b.txt': BARCODES, 'c.txt': FEATURES }],
    [
      'with headers',
      { 'matrix.mtx': MATRIX, 'cells.tsv': `cell\n${BARCODES}`, 'genes.tsv': `id\tname\n${FEATURES}` },
    ],
    [
      'cells × genes',
      {
        'matrix.mtx': MATRIX.replace('3 2 3\n1 1 5\n3 2 2\n2 2 7', '2 3 3\n1 1 5\n2 3 2\n2 2 7'),
        'barcodes.tsv': BARCODES,
        'features.tsv': FEATURES,
      },
    ],
  ])('%s', async (_name, files) => {
    const dataset = await openDataset(droppedFiles(folder, files), runtime);
    expect([dataset.format, dataset.nObs, dataset.nVars]).toEqual(['mtx', 2, 3]);
    expect(await dataset.obsNames()).toEqual(['AAA-1', 'CCC-1']);
    expect(await dataset.varNames('X')).toEqual(['ENSG01', 'ENSG02', 'P1']);
    expect(await dataset.varColumn('X', 'feature_types')).toEqual({
      kind: 'string',
      values: ['Gene Expression', 'Gene Expression', 'Antibody Capture'],
    });
    expect(await dataset.rows('X', 0, 2)).toEqual({
      rowCount: 2,
      indptr: Uint32Array.of(0, 1, 3),
      indices: Uint32Array.of(0, 1, 2),
      values: Float64Array.of(5, 7, 2),
    });
  });

  it.each([
    ['the matrix alone', { 'matrix.mtx': MATRIX }, 'missing-parts', /barcodes.*features/],
    ['without genes', { 'matrix.mtx': MATRIX, 'barcodes.tsv': BARCODES }, 'missing-parts', /list of genes/],
    ['the lists alone', { 'barcodes.tsv': BARCODES, 'genes.tsv': FEATURES }, 'missing-parts', /matrix\.mtx/],
    [
      'lists of other lengths',
      { 'matrix.mtx': MATRIX, 'barcodes.tsv': 'A\nB\nC\nD\n', 'features.tsv': FEATURES },
      'bad-shape',
      /3 × 2 beside/,
    ],
    [
      'fewer entries than announced',
      { 'matrix.mtx': MATRIX.replace('2 2 7\n', ''), 'barcodes.tsv': BARCODES, 'genes.tsv': FEATURES },
      'truncated',
      /2 of 3/,
    ],
    [
      'a gene out of range',
      { 'matrix.mtx': MATRIX.replace('3 2 2', '4 2 2'), 'barcodes.tsv': BARCODES, 'genes.tsv': FEATURES },
      'bad-index',
      /4 of 3/,
    ],
    [
      'a symmetric matrix',
      {
        'matrix.mtx': MATRIX.replace('general', 'symmetric'),
        'barcodes.tsv': BARCODES,
        'genes.tsv': FEATURES,
      },
      'unsupported-type',
      /symmetric/,
    ],
  ])('%s', async (_name, files, code, message) => {
    await expect(openDataset(droppedFiles(folder, files), runtime)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('reads the same in whatever pieces the bytes come', () => {
    const entry = fc.tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 7 }),
      fc.oneof(fc.integer({ min: 0, max: 2 ** 30 }), fc.constantFrom(0.1, 1e-3, 2.5e10, -4, 16777217)),
    );
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 40 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        fc.constantFrom('\n', '\r\n', ' \n\n'),
        (entries, sizes, ending) => {
          const lines = entries.map((parts) => parts.join(' ') + ending).join('');
          const bytes = new TextEncoder().encode(
            `%%MatrixMarket matrix coordinate real general\n9 7 ${entries.length}\n${lines}`,
          );
          const parser = new MatrixMarketParser();
          for (let at = 0; at < bytes.length; ) {
            const size = sizes.next().value;
            parser.push(bytes.subarray(at, at + size));
            at += size;
          }
          parser.finish();
          const { offsets, columns, values } = parser.entries.takeByCell(7, true);
          const found = entries.map(() => [0, 0, 0]);
          found.length = 0;
          for (let cell = 0; cell < 7; cell++)
            for (let k = offsets[cell]; k < offsets[cell + 1]; k++)
              found.push([columns[k] + 1, cell + 1, values[k]]);
          const order = (list: readonly (readonly number[])[]) => list.map(String).sort();
          expect(order(found)).toEqual(order(entries));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('says what is wrong with a line', () => {
    for (const line of ['1 1', '1 1 x', '1 1 2 3', '0 1 2', '1 -1 2', '1 1 5e', '1.5 1 2']) {
      const parser = new MatrixMarketParser();
      const push = () => {
        parser.push(
          new TextEncoder().encode(`%%MatrixMarket matrix coordinate real general\n2 2 1\n${line}\n`),
        );
        parser.finish();
      };
      expect(push, line).toThrow(expect.objectContaining({ name: 'DataError' }));
    }
  });
});
