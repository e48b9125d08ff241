import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { chooseCounts } from '../../src/data/choose-counts.ts';
import { donorColumn } from '../../src/data/donor-column.ts';
import { openDataset } from '../../src/data/open.ts';
import { joinColumns } from '../../src/data/samples/cells.ts';
import { sampleNames } from '../../src/data/samples/sample-names.ts';
import { droppedFiles } from '../support/input-files.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const runtime = nodeRuntime();
const folder = mkdtempSync(join(tmpdir(), 'teddy-samples-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One mtx sample: [gene, cell, count] from 1. */
function sample(
  name: string,
  genes: readonly string[],
  cells: readonly string[],
  entries: readonly number[][],
) {
  return {
    [`${name}_matrix.mtx`]: `%%MatrixMarket matrix coordinate integer general\n${genes.length} ${cells.length} ${entries.length}\n${entries.map((e) => e.join(' ')).join('\n')}\n`,
    [`${name}_barcodes.tsv`]: `${cells.join('\n')}\n`,
    [`${name}_genes.tsv`]: `${genes.join('\n')}\n`,
  };
}

describe('several datasets as one', () => {
  it('tells mtx samples of one folder apart whose names come behind: matrix_P1.mtx', async () => {
    const files = Object.fromEntries(
      ['P1', 'P2'].flatMap((name) =>
        Object.entries(sample(name, ['A', 'B'], [`x${name}`], [[1, 1, name === 'P1' ? 3 : 4]])).map(
          ([path, text]) => [path.replace(/^(P\d)_(\w+)\./, '$2_$1.'), text],
        ),
      ),
    );
    const dataset = await openDataset(droppedFiles(folder, files), runtime);
    expect(await dataset.obsNames()).toEqual(['xP1', 'xP2']);
    expect(await dataset.obs('sample')).toMatchObject({
      categories: ['P1', 'P2'],
      codes: Int32Array.of(0, 1),
    });
    expect((await dataset.rows('X', 0, 2)).values).toEqual(Float64Array.of(3, 4));
  });

  it('joins cells over the union of genes', async () => {
    const files = {
      ...sample(
        'P1',
        ['A', 'B', 'C'],
        ['x', 'y'],
        [
          [1, 1, 1],
          [3, 1, 2],
          [2, 2, 3],
        ],
      ),
      ...sample(
        'P2',
        ['C', 'D', 'A'],
        ['x'],
        [
          [1, 1, 4],
          [2, 1, 5],
          [3, 1, 6],
        ],
      ),
    };
    const dataset = await openDataset(droppedFiles(folder, files), runtime);
    expect([dataset.format, dataset.nObs, dataset.nVars, dataset.obsColumns]).toEqual([
      'mtx',
      3,
      4,
      ['sample'],
    ]);
    expect(await dataset.varNames('X')).toEqual(['A', 'B', 'C', 'D']);
    expect(await dataset.obsNames()).toEqual(['x-P1', 'y-P1', 'x-P2']);
    expect(await dataset.obs('sample')).toMatchObject({
      categories: ['P1', 'P2'],
      codes: Int32Array.of(0, 0, 1),
    });
    const { indptr, indices, values } = await dataset.rows('X', 0, 3);
    expect([[...indptr], [...indices], [...values]]).toEqual([
      [0, 2, 3, 6],
      [0, 2, 1, 0, 2, 3],
      [1, 2, 3, 6, 4, 5],
    ]);
    expect((await dataset.rows('X', 1, 2)).values).toEqual(Float64Array.of(3));
    expect(donorColumn(dataset.obsColumns)).toBe('sample');
  });

  it('goes by Ensembl ids without version, wherever they stand', async () => {
    const id = (n: number) => `ENSG0000000000${n}`;
    const files = {
      ...sample(
        'a',
        [`${id(1)}.3\tG1`, `${id(2)}.1\tG2`],
        ['x'],
        [
          [1, 1, 1],
          [2, 1, 2],
        ],
      ),
      ...sample(
        'b',
        [`${id(2)}\tOTHER`, `${id(1)}\tG1`],
        ['y'],
        [
          [1, 1, 3],
          [2, 1, 4],
        ],
      ),
    };
    const dataset = await openDataset(droppedFiles(folder, files), runtime);
    expect(dataset.nVars).toBe(2);
    expect((await dataset.rows('X', 0, 2)).values).toEqual(Float64Array.of(1, 2, 4, 3));
  });

  it('one sentence where they do not fit, naming the file', async () => {
    const files = {
      ...sample('human', ['CD4', 'CD8A', 'MS4A1'], ['x'], [[1, 1, 1]]),
      ...sample('mouse', ['Cd4', 'Cd8a', 'Ms4a1'], ['x'], [[1, 1, 1]]),
    };
    await expect(openDataset(droppedFiles(folder, files), runtime)).rejects.toMatchObject({
      code: 'not-together',
      message: expect.stringMatching(/mouse shares 0 of its 3 genes with human/),
    });
    const notes = droppedFiles(folder, {
      ...sample('a', ['CD4'], ['x'], [[1, 1, 1]]),
      'notes.pdf': '%PDF-1.4',
    });
    await expect(openDataset(notes, runtime)).rejects.toMatchObject({
      code: 'unsupported-format',
      file: 'notes.pdf',
    });
  });

  it('passes over what else lies in a dropped folder, and the twins Cell Ranger writes', async () => {
    const of = (name: string, cells: readonly string[]) =>
      Object.fromEntries(
        Object.entries(sample('q', ['A', 'B'], cells, [[1, 1, 1]])).map(([path, text]) => [
          `run/${name}/${path.replace('q_', '')}`,
          text,
        ]),
      );
    const files = {
      ...of('filtered_feature_bc_matrix', ['x']),
      ...of('raw_feature_bc_matrix', ['x', 'y', 'z']),
      'run/web_summary.html': '<html>',
      'run/notes.pdf': '%PDF-1.4',
    };
    const dataset = await openDataset(droppedFiles(folder, files), runtime);
    expect([dataset.format, dataset.nObs, dataset.fileName]).toEqual(['mtx', 1, 'run']);
  });

  it.each([
    [
      ['a.h5ad', 'b.h5ad.gz'],
      ['a', 'b'],
    ],
    [
      ['P1/outs/filtered_feature_bc_matrix.h5', 'P2/outs/filtered_feature_bc_matrix.h5'],
      ['P1', 'P2'],
    ],
    [
      ['P1_filtered_feature_bc_matrix.h5', 'x/P1.h5'],
      ['P1', 'P1 (2)'],
    ],
    [
      ['d/GSM1_P1', 'd/GSM2_P2'],
      ['GSM1_P1', 'GSM2_P2'],
    ],
    [
      ['matrix', 'matrix'],
      ['matrix', 'matrix (2)'],
    ],
    [
      ['store.zarr.zip', ''],
      ['store', 'sample'],
    ],
  ])('names of samples: %j', (paths, names) => {
    expect(sampleNames(paths)).toEqual(names);
  });

  it('columns of different kinds', () => {
    const numbers = { kind: 'numeric', values: Float64Array.of(1, Number.NaN), integer: true } as const;
    const texts = { kind: 'string', values: ['a', null] } as const;
    const flags = { kind: 'boolean', values: Uint8Array.of(1) } as const;
    const levels = {
      kind: 'categorical',
      codes: Int32Array.of(1, -1),
      categories: ['low', 'high'],
      ordered: true,
    } as const;
    expect(
      joinColumns(
        [
          { rows: 2, column: numbers },
          { rows: 1, column: null },
        ],
        'n',
      ),
    ).toEqual({
      kind: 'numeric',
      values: Float64Array.of(1, Number.NaN, Number.NaN),
      integer: true,
    });
    expect(
      joinColumns(
        [
          { rows: 2, column: texts },
          { rows: 2, column: numbers },
        ],
        'm',
      ),
    ).toMatchObject({
      categories: ['a', '1'],
      codes: Int32Array.of(0, -1, 1, -1),
    });
    expect(
      joinColumns(
        [
          { rows: 1, column: flags },
          { rows: 1, column: null },
        ],
        'b',
      ),
    ).toEqual({
      kind: 'boolean',
      values: Uint8Array.of(1, 0),
      missing: Uint8Array.of(0, 1),
    });
    expect(
      joinColumns(
        [
          { rows: 2, column: levels },
          { rows: 2, column: levels },
        ],
        'l',
      ),
    ).toMatchObject({
      categories: ['low', 'high'],
      codes: Int32Array.of(1, -1, 1, -1),
      ordered: true,
    });
  });
});

describeShared('the same cells as 10x and h5ad', () => {
  it('two formats joined hold the same counts', async () => {
    const h5 = sharedPath('data', 'formats', 'tenx', 'generated_combat_H00049_10x_v3.h5');
    const old = sharedPath('data', 'formats', 'tenx', 'generated_combat_H00049_10x_v2.h5');
    const h5ad = sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');
    const together = (...files: string[]) => files.map((file) => ({ path: file, file, named: true }));
    await expect(openDataset(together(h5, old), runtime)).rejects.toMatchObject({
      code: 'not-together',
      message: expect.stringContaining('hold the same cells'),
    });
    const dataset = await openDataset(together(h5, h5ad), runtime);
    expect([dataset.format, dataset.nObs, dataset.nVars]).toEqual(['several', 5391, 25454]);
    expect((await chooseCounts(dataset)).firstCellSum).toBe(3836);
    const first = await dataset.rows('X', 0, 40);
    expect(await dataset.rows('X', 800, 840)).toEqual(first);
    expect(donorColumn(dataset.obsColumns)).toBe('donor_id');
    const donors = await dataset.obs('donor_id');
    expect(donors.kind === 'categorical' && [donors.codes[0], donors.categories[donors.codes[800]]]).toEqual([
      -1,
      'H00049',
    ]);
    dataset.close();
  });
});
