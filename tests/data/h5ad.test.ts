import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type h5wasm from 'h5wasm/node';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { chooseCounts } from '../../src/data/choose-counts.ts';
import { openDataset } from '../../src/data/open.ts';
import { type SparseParts, writeH5ad } from '../support/h5ad-writer.ts';

const runtime = nodeRuntime();
const folder = mkdtempSync(join(tmpdir(), 'teddy-h5ad-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

async function written(cells: number, genes: number, matrices: Record<string, SparseParts>): Promise<string> {
  const path = join(folder, `${++files}.h5ad`);
  await writeH5ad(path, { cells, genes, matrices });
  return path;
}

/** 3 cells × 5 genes: [5 0 0 0 1], [0 0 0 0 0], [0 2 9 0 0], by row and by column (one is empty). */
const BY_ROW: SparseParts = {
  encoding: 'csr_matrix',
  shape: [3, 5],
  indptr: [0, 2, 2, 4],
  indices: [0, 4, 1, 2],
  data: [5, 1, 2, 9],
};
const BY_COLUMN: SparseParts = {
  encoding: 'csc_matrix',
  shape: [3, 5],
  indptr: [0, 1, 2, 3, 3, 4],
  indices: [0, 2, 2, 0],
  data: [5, 2, 9, 1],
};
const ROWS = {
  rowCount: 3,
  indptr: Uint32Array.of(0, 2, 2, 4),
  indices: Uint32Array.of(0, 4, 1, 2),
  values: Float64Array.of(5, 1, 2, 9),
};

describe('a sparse matrix of an h5ad file', () => {
  it('reads the same by row and by column', async () => {
    const dataset = await openDataset(
      await written(3, 5, { X: BY_ROW, 'layers/columns': BY_COLUMN }),
      runtime,
    );
    expect(dataset.matrices.map(({ name, storage }) => [name, storage])).toEqual([
      ['X', 'csr'],
      ['layers/columns', 'csc'],
    ]);
    expect(await dataset.rows('X', 0, 3)).toEqual(ROWS);
    expect(await dataset.rows('layers/columns', 0, 3)).toEqual(ROWS);
    expect(await dataset.rows('layers/columns', 2, 3)).toMatchObject({ indices: Uint32Array.of(1, 2) });
    dataset.close();
  });

  it('sums repeats, orders columns, leaves zeros out', async () => {
    const messy = { ...BY_ROW, indptr: [0, 4, 4, 6], indices: [3, 0, 3, 1, 2, 2], data: [1, 5, 7, 0, 4, -4] };
    const dataset = await openDataset(await written(3, 5, { X: messy }), runtime);
    expect(await dataset.rows('X', 0, 3)).toEqual({
      rowCount: 3,
      indptr: Uint32Array.of(0, 2, 2, 2),
      indices: Uint32Array.of(0, 3),
      values: Float64Array.of(5, 8),
    });
    dataset.close();
  });

  it.each([
    [
      'more rows claimed than obs has',
      'bad-shape',
      { ...BY_ROW, shape: [7, 5], indptr: [0, 2, 2, 4, 4, 4, 4, 4] },
    ],
    ['a giant shape', 'bad-shape', { ...BY_ROW, shape: [1e12, 5] }],
    ['a negative shape', 'bad-shape', { ...BY_ROW, shape: [-3, 5] }],
    ['indptr of another length', 'bad-shape', { ...BY_ROW, indptr: [0, 2, 4] }],
    ['indptr that descends', 'bad-index', { ...BY_ROW, indptr: [0, 3, 2, 4] }],
    ['indptr that starts late', 'bad-index', { ...BY_ROW, indptr: [1, 2, 2, 4] }],
    ['indptr that ends early', 'bad-shape', { ...BY_ROW, indptr: [0, 2, 2, 3] }],
    ['fewer indices than values', 'bad-shape', { ...BY_ROW, indices: [0, 4, 1] }],
    ['a column beyond the last', 'bad-index', { ...BY_ROW, indices: [0, 5, 1, 2] }],
    ['a negative column', 'bad-index', { ...BY_ROW, indices: [0, -1, 1, 2] }],
    ['a row beyond the last, by column', 'bad-index', { ...BY_COLUMN, indices: [0, 2, 3, 0] }],
  ] as [string, string, SparseParts][])('%s: %s', async (_, code, matrix) => {
    const read = openDataset(await written(3, 5, { X: matrix }), runtime).then((d) => d.rows('X', 0, 3));
    await expect(read).rejects.toMatchObject({ name: 'DataError', code });
  });
});

type Writable = Parameters<NonNullable<Parameters<typeof writeH5ad>[2]>>[0];

function obsGroup(file: Writable): ReturnType<Writable['create_group']> {
  return file.get('obs') as ReturnType<Writable['create_group']>;
}

describe('embeddings of the file', () => {
  it('are kept in double where float32 cannot hold them', async () => {
    const path = join(folder, `${++files}.h5ad`);
    await writeH5ad(path, { cells: 3, genes: 5, matrices: { X: BY_ROW } }, (file) => {
      file.create_group('obsm');
      const shape = [3, 2];
      const thirds = Float64Array.of(1 / 3, 2, 3, 4, 5, 6);
      file.create_dataset({ name: 'obsm/X_pca', data: thirds, shape });
      file.create_dataset({ name: 'obsm/halves', data: thirds.map((v) => Math.round(v) / 2), shape });
    });
    const dataset = await openDataset(path, runtime);
    const exact = Float64Array.of(1 / 3, 2, 3, 4, 5, 6);
    expect(await dataset.obsm('X_pca')).toEqual({ data: Float32Array.from(exact), columns: 2, exact });
    expect(await dataset.obsm('halves')).not.toHaveProperty('exact');
    dataset.close();
  });
});

describe('obs columns', () => {
  it('nullable numbers and text, categories that are numbers, 64-bit integers', async () => {
    const path = join(folder, `${++files}.h5ad`);
    await writeH5ad(path, { cells: 3, genes: 5, matrices: { X: BY_ROW } }, (file) => {
      const column = (
        name: string,
        encoding: string,
        members: Record<string, string[] | Int32Array | Int8Array>,
      ) => {
        const group = file.create_group(`obs/${name}`);
        group.create_attribute('encoding-type', encoding);
        for (const [member, data] of Object.entries(members)) group.create_dataset({ name: member, data });
      };
      const mask = Int8Array.of(0, 1, 0);
      column('age', 'nullable-integer', { values: Int32Array.of(31, 0, 52), mask });
      column('site', 'nullable-string-array', { values: ['left', '', 'right'], mask });
      column('pool', 'categorical', { codes: Int8Array.of(1, -1, 0), categories: Int32Array.of(7, 9) });
      column('odd', 'awkward-array', { nodes: ['x'] });
      column('a', 'folder', { 'b c': ['x', 'y', 'z'] });
      obsGroup(file).create_attribute('column-order', ['a/b c', 'age']);
      file.create_dataset({ name: 'obs/reads', data: BigInt64Array.of(1n, 2n ** 40n, 3n) });
      file.create_dataset({ name: 'obs/short', data: Int32Array.of(1, 2) });
    });
    const dataset = await openDataset(path, runtime);
    expect([...dataset.obsColumns].sort()).toEqual(['a/b c', 'age', 'pool', 'reads', 'site']);
    expect(await dataset.obs('a/b c')).toEqual({ kind: 'string', values: ['x', 'y', 'z'] });
    const age = { kind: 'numeric', integer: true, values: Float64Array.of(31, Number.NaN, 52) };
    expect(await dataset.obs('age')).toEqual(age);
    expect(await dataset.obs('site')).toEqual({ kind: 'string', values: ['left', null, 'right'] });
    expect(await dataset.obs('pool')).toMatchObject({
      codes: Int32Array.of(1, -1, 0),
      categories: ['7', '9'],
      categoryKind: 'integer',
    });
    expect(await dataset.obs('reads')).toMatchObject({ values: Float64Array.of(1, 2 ** 40, 3) });
    dataset.close();
  });

  it('a code beyond the categories is refused', async () => {
    const path = join(folder, `${++files}.h5ad`);
    await writeH5ad(path, { cells: 3, genes: 5, matrices: { X: BY_ROW } }, (file) => {
      const group = file.create_group('obs/pool');
      group.create_dataset({ name: 'codes', data: Int8Array.of(0, 2, 1) });
      group.create_dataset({ name: 'categories', data: ['a', 'b'] });
    });
    const dataset = await openDataset(path, runtime);
    await expect(dataset.obs('pool')).rejects.toMatchObject({ name: 'DataError', code: 'bad-index' });
    dataset.close();
  });
});

describe('the matrix of raw counts', () => {
  const scaled = { ...BY_ROW, data: [5.5, -1, 2, 9] };
  const raw = { ...BY_ROW, data: [6, 1, 2, 9] };

  it.each([
    ['X before layers', { X: BY_ROW, 'layers/counts': BY_ROW, 'layers/a': BY_ROW }, 'X', 6],
    [
      'a named layer before others',
      { X: scaled, 'layers/a': BY_ROW, 'layers/counts': raw, 'layers/b': BY_ROW },
      'layers/counts',
      7,
    ],
    ['spliced counts last', { X: scaled, 'layers/spliced': BY_ROW, 'layers/zz': raw }, 'layers/zz', 7],
    ['none', { X: scaled, 'layers/a': scaled }, null, null],
  ] as [string, Record<string, SparseParts>, string | null, number | null][])(
    '%s',
    async (_, matrices, counts, firstCellSum) => {
      const dataset = await openDataset(await written(3, 5, matrices), runtime);
      expect(await chooseCounts(dataset)).toMatchObject({ counts, firstCellSum });
      dataset.close();
    },
  );
});

describe('a matrix that cannot be read', () => {
  /** X as text, which is no matrix; the layer holds counts. */
  const withTextData = async (matrices: Record<string, SparseParts>): Promise<string> => {
    const path = join(folder, `${++files}.h5ad`);
    await writeH5ad(path, { cells: 3, genes: 5, matrices }, (file) => {
      const x = file.create_group('X');
      x.create_attribute('encoding-type', 'csr_matrix');
      x.create_attribute('shape', BigInt64Array.of(3n, 5n));
      x.create_dataset({ name: 'indptr', data: Int32Array.of(0, 1, 1, 1) });
      x.create_dataset({ name: 'indices', data: Int32Array.of(2) });
      x.create_dataset({ name: 'data', data: ['many'] });
    });
    return path;
  };

  it('is passed over for one that can', async () => {
    const dataset = await openDataset(await withTextData({ 'layers/counts': BY_ROW }), runtime);
    const choice = await chooseCounts(dataset);
    expect(choice).toMatchObject({ counts: 'layers/counts', firstCellSum: 6 });
    expect(choice.reason).toMatch(/Not taken: X: cannot be read/);
    dataset.close();
  });

  it('is the error where there is no other', async () => {
    const dataset = await openDataset(await withTextData({}), runtime);
    await expect(chooseCounts(dataset)).rejects.toMatchObject({ code: 'unsupported-type' });
    dataset.close();
  });
});

describe('files that are none', () => {
  it.each([
    ['an empty file', '', 'unsupported-format', /empty/],
    ['a CSV', 'gene,cell\nA,1\n', 'unsupported-format', /CSV/],
    ['a Matrix Market file', '%%MatrixMarket matrix coordinate\n', 'missing-parts', /list of barcodes/],
    ['a Parquet file', 'PAR1\0\0\0\0PAR1', 'corrupt', /Parquet/],
    ['a zip', 'PK\x03\x04\0\0\0\0', 'truncated', /zip/],
    ['rubbish', '\x01\x02\x03\x04\x05\x06\x07\x08\x09', 'not-a-dataset', /no file we know/],
    ['an HDF5 signature alone', '\x89HDF\r\n\x1a\n', 'truncated|corrupt|not-a-dataset', /HDF5/],
    ['an Arrow magic alone', 'ARROW1\0\0\0\0\0\0', 'truncated|corrupt', /Arrow/],
  ])('%s', async (_, contents, code, message) => {
    const path = join(folder, `${++files}.h5ad`);
    writeFileSync(path, Buffer.from(contents, 'latin1'));
    const error = await openDataset(path, runtime).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'DataError', code: expect.stringMatching(`^(${code})$`) });
    expect((error as Error).message).toMatch(message);
  });

  it('a file that was cut off', async () => {
    const path = await written(3, 5, { X: BY_ROW });
    truncateSync(path, 3000);
    await expect(openDataset(path, runtime)).rejects.toMatchObject({ name: 'DataError', code: 'truncated' });
  });

  it('a path that does not exist', async () => {
    const missing = openDataset(join(folder, 'none.h5ad'), runtime);
    await expect(missing).rejects.toMatchObject({ name: 'DataError', code: 'unreadable' });
  });
});

describe('what other writers make of an h5ad file', () => {
  it('reads half-precision numbers of either byte order, compressed too', async () => {
    const path = join(folder, 'halves.h5ad');
    const script = `
import h5py, numpy as np
with h5py.File(${JSON.stringify(path)}, 'w') as f:
    for table, names in (('obs', 'abc'), ('var', 'uvwxy')):
        f.create_group(table).attrs['_index'] = '_index'
        f[table]['_index'] = list(names)
    f['obs']['score'] = np.array([0.5, np.nan, -3], 'f2')
    f['obs']['extended'] = np.zeros(3, np.longdouble)
    f['obsm/X_extended'] = np.zeros((3, 2), np.longdouble)
    f.create_dataset('X', data=np.array([[5, 0, 0, 0, 1], [0] * 5, [0, 2, 9, 0, 0]], 'f2'), chunks=(2, 2), compression='gzip')
    f['layers/swapped'] = f['X'][()].astype('>f2')
    f['obsm/X_two'] = np.array([[1, 2], [3, 4], [5, 0.25]], 'f2')
`;
    execFileSync('/usr/bin/python3', ['-c', script]);
    const dataset = await openDataset(path, runtime);
    expect(await dataset.rows('X', 0, 3)).toEqual(ROWS);
    expect(await dataset.rows('layers/swapped', 0, 3)).toEqual(ROWS);
    expect(await dataset.rows('X', 2, 3)).toMatchObject({ values: Float64Array.of(2, 9) });
    // Extended precision is left out rather than failing an export hours later.
    expect([dataset.obsColumns, dataset.obsmKeys]).toEqual([['score'], ['X_two']]);
    expect(await dataset.obs('score')).toMatchObject({ values: Float64Array.of(0.5, Number.NaN, -3) });
    expect(await dataset.obsm('X_two')).toEqual({ data: Float32Array.of(1, 2, 3, 4, 5, 0.25), columns: 2 });
    dataset.close();
  });

  it('takes an attribute that is a list of one text, and leaves out layers of three dimensions', async () => {
    const path = join(folder, 'listed.h5ad');
    await writeH5ad(path, { cells: 3, genes: 5, matrices: { X: BY_ROW } }, (file) => {
      const x = file.get('X') as InstanceType<typeof h5wasm.Group>;
      x.delete_attribute('encoding-type');
      x.create_attribute('encoding-type', ['csr_matrix']);
      file
        .create_group('layers')
        .create_dataset({ name: 'cube', data: new Float32Array(30), shape: [3, 5, 2] });
    });
    const dataset = await openDataset(path, runtime);
    expect(dataset.matrices.map(({ name, storage }) => [name, storage])).toEqual([['X', 'csr']]);
    dataset.close();
  });
});
