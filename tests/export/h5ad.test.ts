import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { unzipSync } from 'fflate';
import { parquetMetadata } from 'hyparquet';
import pl from 'nodejs-polars';
import { afterAll, describe, expect, it } from 'vitest';
import { get, open, root } from 'zarrita';
import { nodeDatasetEnvironment } from '../../src/cli/node-environment.ts';
import type { Column, Dataset } from '../../src/data/dataset.ts';
import { DataError } from '../../src/data/errors.ts';
import { openDataFrame } from '../../src/data/h5ad/dataframe.ts';
import { H5Reader } from '../../src/data/h5ad/reader.ts';
import { readNodes } from '../../src/data/zarr/nodes.ts';
import { ZarrReader } from '../../src/data/zarr/reader.ts';
import { zipStore } from '../../src/data/zarr/store.ts';
import { toParquet } from '../../src/export/parquet.ts';
import type { ExportTable } from '../../src/export/table.ts';
import { type ZarrFiles, zarrPlace } from '../../src/export/zarr-place.ts';
import { WITHHELD_REASONS } from '../../src/model/token-batch.ts';
import { exportTable } from '../../src/run/export-table.ts';
import { DISCLAIMER, WITHHELD_SENTENCES } from '../../src/run/messages.ts';
import type { CellResults, Provenance } from '../../src/run/results.ts';
import type { ExportFormat } from '../../src/run/services.ts';
import { exportResults } from '../../src/run/write-export.ts';

const folder = mkdtempSync(join(tmpdir(), 'teddy-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const obs: Record<string, Column> = {
  'donor/id': {
    kind: 'categorical',
    codes: Int32Array.of(0, 1, -1, 1, 0),
    categories: ['Zoë', 'a,"b"/c', 'unused'],
    ordered: true,
  },
  teddy_disease: { kind: 'string', values: ['old', 'old', null, 'x', 'y'] },
  plain: { kind: 'string', values: ['α', '', ' b', '"q"', 'line\nbreak'] },
  n_counts: { kind: 'numeric', values: Float64Array.of(1.5, Number.NaN, 3, -4, 5e9), integer: false },
  n_genes: { kind: 'numeric', values: Float64Array.of(1, 2, 3, 4, 5e9), integer: true },
  is_doublet: { kind: 'boolean', values: Uint8Array.of(1, 0, 1, 1, 0) },
  maybe: { kind: 'boolean', values: Uint8Array.of(1, 0, 1, 0, 0), missing: Uint8Array.of(0, 1, 0, 0, 1) },
  _index: { kind: 'numeric', values: Float64Array.of(9, 8, 7, 6, 5), integer: true },
  'n / a': { kind: 'numeric', values: Float64Array.of(1, Number.NaN, 3, -4, 5e9), integer: true },
  plate: {
    kind: 'categorical',
    codes: Int32Array.of(0, 1, -1, 1, 0),
    categories: ['7', '12'],
    categoryKind: 'integer',
    ordered: false,
  },
  dose: {
    kind: 'categorical',
    codes: Int32Array.of(0, 1, -1, 1, 0),
    categories: ['0.5', '2'],
    categoryKind: 'float',
    ordered: false,
  },
  treated: {
    kind: 'categorical',
    codes: Int32Array.of(0, 1, -1, 1, 0),
    categories: ['False', 'True'],
    categoryKind: 'boolean',
    ordered: false,
  },
  'bytes \udc00': { kind: 'string', values: ['', '\udfff', 'a', 'b\0\ud800', '😀'] },
  'kinds of bytes': {
    kind: 'categorical',
    codes: Int32Array.of(0, 1, -1, 0, 1),
    categories: ['\ud800x', '\udc00x'],
    ordered: false,
  },
};
/** Many booleans and categoricals: more than one header chunk. */
for (let i = 0; i < 120; i++) {
  obs[`flag ${i}`] = { kind: 'boolean', values: Uint8Array.from({ length: 5 }, (_, k) => (i >> k) & 1) };
}

const dataset = {
  obsColumns: Object.keys(obs),
  obs: async (name: string) => obs[name],
  obsNames: async () => ['c0', 'same', 'same', 'ü', 'c4'],
  colors: async (name: string) => (name === 'donor/id' ? ['#ff0000', '#00ff00', '#0000ff'] : null),
  obsmKeys: ['X_umap', 'X_teddy', 'spatial'],
  obsm: async (key: string) => ({
    data: Float32Array.from({ length: 15 }, (_, i) => i / 3),
    columns: 3,
    ...(key === 'spatial' ? { exact: Float64Array.from({ length: 15 }, (_, i) => i / 3) } : {}),
  }),
} as unknown as Dataset;

/** Three cells, not in file order: rows 4, 1, 3; row 1 withheld. */
const results: CellResults = {
  rows: Uint32Array.of(4, 1, 3),
  dimension: 2,
  embedding: Float32Array.of(40, 41.5, 10, 11.5, 30, 31.5),
  predictions: {
    disease: {
      classes: ['normal', 'COVID-19'],
      probabilities: Float32Array.of(0.25, 0.75, 0.5, 0.5, 0.875, 0.125),
    },
  },
  withheld: Uint8Array.of(0, WITHHELD_REASONS.indexOf('distance'), 0),
  tokens: Uint32Array.of(7, 8, 9),
  umap: Float32Array.of(4, 4.5, 1, 1.5, 3, 3.5),
  qcPass: Uint8Array.of(1, 0, 1),
};

const provenance: Provenance = {
  model: 'test',
  modelSha256: 'ab',
  engine: 'reference (float64)',
  pooling: 'gene_mean',
  matrix: 'raw/X',
  qc: 'none',
  seed: 17,
  trainingData: 'nothing – really',
  oneStudyClasses: 'disease: COVID-19',
  version: '0.1.0',
};

async function write(format: ExportFormat): Promise<Uint8Array<ArrayBuffer>> {
  const { runtime, scratch } = nodeDatasetEnvironment();
  return (await exportResults(format, dataset, results, provenance, runtime, scratch)).content;
}

/** What anndata makes of a file, as JSON. */
function readBack(path: string): Record<string, unknown> {
  const program = `
import sys, json, warnings
warnings.filterwarnings('ignore')
import anndata
a = anndata.read_h5ad(sys.argv[1])
def plain(v):
    return None if v != v else (v.item() if hasattr(v, 'item') else v)
c = a.obs.columns
print(json.dumps({
  'version': anndata.__version__, 'shape': list(a.shape), 'names': list(a.obs_names), 'columns': list(c),
  'dtypes': {k: str(a.obs[k].dtype) for k in c},
  'values': {k: [plain(v) if v is not __import__('pandas').NA else None for v in a.obs[k].tolist()] for k in c},
  'ordered': bool(a.obs['donor|id'].cat.ordered), 'categories': list(a.obs['donor|id'].cat.categories),
  'obsm': {k: v.tolist() for k, v in a.obsm.items()}, 'obsm_dtype': {k: str(v.dtype) for k, v in a.obsm.items()},
  'colors': {k: list(v) for k, v in a.uns.items() if k.endswith('_colors')},
  'teddy': {k: plain(v) for k, v in a.uns['teddy'].items()},
  'seed_type': a.uns['teddy']['seed'].dtype.name,
}))
`;
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', program, path], { encoding: 'utf8' }));
}

describe('files of results', () => {
  it('anndata reads the h5ad: every obs column, ours, obsm, colours, provenance', async () => {
    const path = join(folder, 'out.h5ad');
    writeFileSync(path, await write('h5ad'));
    const found = readBack(path) as {
      values: Record<string, unknown[]>;
      dtypes: Record<string, string>;
      columns: string[];
    };
    expect(found).toMatchObject({
      shape: [3, 0],
      names: ['same', 'ü', 'c4'],
      ordered: true,
      categories: ['Zoë', 'a,"b"/c', 'unused'],
      obsm: {
        X_umap: [3, 4, 5, 9, 10, 11, 12, 13, 14].reduce<number[][]>(
          (rows, v, i) => {
            rows[Math.floor(i / 3)].push(Math.fround(v / 3));
            return rows;
          },
          [[], [], []],
        ),
        X_teddy: [
          [10, 11.5],
          [30, 31.5],
          [40, 41.5],
        ],
        X_teddy_umap: [
          [1, 1.5],
          [3, 3.5],
          [4, 4.5],
        ],
      },
      obsm_dtype: { X_umap: 'float32', spatial: 'float64', X_teddy: 'float32', X_teddy_umap: 'float32' },
      teddy: { model: 'test', model_sha256: 'ab', matrix: 'raw/X', seed: 17, disclaimer: DISCLAIMER },
      seed_type: 'int64',
    });
    expect(found.values).toMatchObject({
      'donor|id': ['a,"b"/c', 'a,"b"/c', 'Zoë'],
      teddy_disease_in_file: ['old', 'x', 'y'],
      plain: ['', '"q"', 'line\nbreak'],
      'bytes \ufffd': ['\ufffd', 'b\ufffd', '😀'],
      'kinds of bytes': ['\ufffdx_2', '\ufffdx', '\ufffdx_2'],
      n_counts: [null, -4, 5e9],
      n_genes: [2, 4, 5e9],
      is_doublet: [false, true, false],
      maybe: [null, false, null],
      'n | a': [null, -4, 5e9],
      plate: [12, 12, 7],
      dose: [2, 2, 0.5],
      treated: [true, true, false],
      teddy_row: [1, 3, 4],
      teddy_qc_pass: [false, true, true],
      teddy_disease: [null, 'normal', 'COVID-19'],
      teddy_disease_probability: [null, 0.875, 0.75],
      teddy_withheld: [WITHHELD_SENTENCES.distance, '', ''],
      'flag 119': [true, false, true],
    });
    expect(String(found.values.teddy_note[0])).toMatch(/^research demonstration.*disease: COVID-19$/);
    expect(found.dtypes).toMatchObject({
      is_doublet: 'bool',
      maybe: 'boolean',
      n_genes: 'int64',
      'n | a': 'Int64',
      teddy_qc_pass: 'bool',
      teddy_disease: 'category',
    });
    expect(found.columns.length).toBe(Object.keys(obs).length + 6);
    expect((found as unknown as { obsm: Record<string, number[][]> }).obsm.spatial[0]).toEqual([
      1,
      4 / 3,
      5 / 3,
    ]);
    const { colors } = found as unknown as { colors: Record<string, string[]> };
    expect(colors['donor|id_colors']).toEqual(['#ff0000', '#00ff00', '#0000ff']);
    expect(colors.teddy_disease_colors).toHaveLength(2);
    expect(Object.keys(colors)).not.toContain('teddy_note_colors');
  });

  it('a column or an array that cannot be read is left out and named; the results are written', async () => {
    const damaged = (what: string) => async () => {
      throw new DataError('bad-index', `${what} has the code 9 of 4 categories`, what);
    };
    const broken = {
      ...dataset,
      obsColumns: ['bad', 'donor/id'],
      obs: (name: string) => (name === 'bad' ? damaged('obs/bad')() : dataset.obs(name)),
      obsm: damaged('obsm'),
    };
    const { table } = await exportTable(broken, results, provenance);
    expect(table.columns.map(({ name }) => name)).not.toContain('bad');
    expect(table.columns.map(({ name }) => name)).toContain('donor/id');
    expect(table.embeddings.map(({ key }) => key)).toEqual(['X_teddy', 'X_teddy_umap']);
    expect(table.about.left_out).toMatch(/^obs bad: obs\/bad has the code 9.*; obsm X_umap: /);
    const { runtime, scratch } = nodeDatasetEnvironment();
    const { note } = await exportResults('csv', broken, results, provenance, runtime, scratch);
    expect(note).toMatch(/^Left out, because the file is damaged there: obs bad: /);
    const gone = { ...dataset, obs: () => Promise.reject(new Error('worker died')) };
    await expect(exportTable(gone, results, provenance)).rejects.toThrow('worker died');
  });

  it('CSV keeps commas, quotes, breaks and missing values', async () => {
    const text = new TextDecoder().decode(await write('csv'));
    const [header, first] = text.split('\r\n');
    expect(header.startsWith('cell,donor/id,teddy_disease_in_file,plain,')).toBe(true);
    expect(header.endsWith('X_teddy_1,X_teddy_2,X_teddy_umap_1,X_teddy_umap_2')).toBe(true);
    expect(first.startsWith('same,"a,""b""/c",old,,,2,false,,8,')).toBe(true);
    expect(first.endsWith('10,11.5,1,1.5')).toBe(true);
    expect(text).toContain('"line\nbreak"');
  });

  it('Arrow holds the same, missing values as nulls', async () => {
    const table = tableFromIPC(await write('arrow'));
    expect(table.numRows).toBe(3);
    const column = (name: string) => [...(table.getChild(name) ?? [])];
    expect(column('cell')).toEqual(['same', 'ü', 'c4']);
    expect(column('donor/id')).toEqual(['a,"b"/c', 'a,"b"/c', 'Zoë']);
    expect(column('teddy_disease')).toEqual([null, 'normal', 'COVID-19']);
    expect(column('teddy_disease_probability')).toEqual([null, 0.875, 0.75]);
    expect(column('maybe')).toEqual([null, false, null]);
    expect(column('is_doublet')).toEqual([false, true, false]);
    expect([...column('spatial')[0]]).toEqual([1, 4 / 3, 5 / 3]);
    expect(column('X_teddy').map((v) => [...v])).toEqual([
      [10, 11.5],
      [30, 31.5],
      [40, 41.5],
    ]);
    expect(JSON.parse(table.schema.metadata.get('teddy') ?? '')).toMatchObject({ disclaimer: DISCLAIMER });
  });

  it('polars reads the Arrow file: names, types, missing values', async () => {
    const frame = pl.readIPC(Buffer.from(await write('arrow')));
    expect(frame.shape).toEqual({ height: 3, width: Object.keys(obs).length + 1 + 6 + 5 });
    expect(frame.getColumn('teddy_disease').cast(pl.Utf8).toArray()).toEqual([null, 'normal', 'COVID-19']);
    expect(frame.getColumn('n_genes').toArray()).toEqual([2, 4, 5e9]);
    expect(frame.getColumn('maybe').toArray()).toEqual([null, false, null]);
  });

  it('polars reads the Parquet file: everything in it, and what it says of itself', async () => {
    const bytes = await write('parquet');
    const frame = pl.readParquet(Buffer.from(bytes));
    expect(frame.height).toBe(3);
    const column = (name: string) => frame.getColumn(name).toArray();
    expect(column('cell')).toEqual(['same', 'ü', 'c4']);
    expect(column('donor/id')).toEqual(['a,"b"/c', 'a,"b"/c', 'Zoë']);
    expect(column('teddy_disease_in_file')).toEqual(['old', 'x', 'y']);
    expect(column('plain')).toEqual(['', '"q"', 'line\nbreak']);
    expect(column('n_counts')).toEqual([null, -4, 5e9]);
    expect(column('n_genes')).toEqual([2, 4, 5e9]);
    expect(column('n / a')).toEqual([null, -4, 5e9]);
    expect(column('maybe')).toEqual([null, false, null]);
    expect(column('is_doublet')).toEqual([false, true, false]);
    expect(column('teddy_disease')).toEqual([null, 'normal', 'COVID-19']);
    expect(column('teddy_disease_probability')).toEqual([null, 0.875, 0.75]);
    expect(column('X_teddy_umap_1')).toEqual([1, 3, 4]);
    expect(column('X_teddy_umap_2')).toEqual([1.5, 3.5, 4.5]);
    expect(frame.columns).not.toContain('X_teddy_umap');
    expect(
      frame
        .getColumn('X_teddy')
        .toArray()
        .map((v) => [...(v as Iterable<number>)]),
    ).toEqual([
      [10, 11.5],
      [30, 31.5],
      [40, 41.5],
    ]);
    expect(String(frame.getColumn('n_genes').dtype)).toContain('Int64');
    const { key_value_metadata } = parquetMetadata(bytes.buffer);
    const said = Object.fromEntries((key_value_metadata ?? []).map(({ key, value }) => [key, value]));
    expect(JSON.parse(said.teddy ?? '')).toMatchObject({ model: 'test', seed: 17, disclaimer: DISCLAIMER });
    expect(JSON.parse(said['donor/id_colors'] ?? '')).toEqual(['#ff0000', '#00ff00', '#0000ff']);
  });

  it('Parquet of more cells than are written at once; a cancel stops between', async () => {
    const cells = 5000;
    const table: ExportTable = {
      obsNames: Array.from({ length: cells }, (_, i) => `cell ${i}`),
      columns: [
        {
          name: 'i',
          column: {
            kind: 'numeric',
            values: Float64Array.from({ length: cells }, (_, i) => i),
            integer: true,
          },
        },
      ],
      embeddings: [
        {
          key: 'X_teddy',
          columns: 3,
          data: Float32Array.from({ length: 3 * cells }, (_, i) => Math.fround(Math.sin(i))),
        },
      ],
      colors: {},
      about: {},
    };
    const done: number[] = [];
    const bytes = await toParquet(table, async (cell) => void done.push(cell));
    expect(done).toEqual([0, 2048, 4096]);
    const frame = pl.readParquet(Buffer.from(bytes));
    expect(frame.getColumn('i').toArray()).toEqual([...Array(cells).keys()]);
    const vectors = frame
      .getColumn('X_teddy')
      .toArray()
      .flatMap((v) => [...(v as Iterable<number>)]);
    expect(Float32Array.from(vectors)).toEqual(table.embeddings[0].data);
    const stop = toParquet(table, async (cell) => {
      if (cell > 0) throw new DOMException('cancelled', 'AbortError');
    });
    await expect(stop).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('our zarr reader and zarrita read the zarr.zip as the .h5ad is read', async () => {
    const bytes = await write('zarr');
    const store = await zipStore({
      size: bytes.length,
      read: async (offset, length) => bytes.slice(offset, offset + length),
    });
    const reader = new ZarrReader(store, await readNodes(store), '');
    const path = join(folder, 'same.h5ad');
    writeFileSync(path, await write('h5ad'));
    const hdf5 = await H5Reader.open(path, nodeDatasetEnvironment().runtime);
    const [zarr, h5] = [openDataFrame(reader, 'obs'), openDataFrame(hdf5, 'obs')];
    expect(zarr.columns).toEqual(h5.columns);
    expect(await zarr.names()).toEqual(['same', 'ü', 'c4']);
    for (const name of h5.columns) expect(await zarr.column(name), name).toEqual(await h5.column(name));
    expect([...(await reader.numbers('obsm/X_teddy'))]).toEqual([10, 11.5, 30, 31.5, 40, 41.5]);
    expect([...(await reader.numbers('obsm/spatial', 0, 1))]).toEqual([1, 4 / 3, 5 / 3]);
    expect(reader.describe('obsm/spatial')).toEqual({ shape: [3, 3], kind: 'float', size: 8 });
    expect(await reader.read('uns/teddy/disclaimer')).toBe(DISCLAIMER);
    expect(Number(await reader.read('uns/teddy/seed'))).toBe(17);
    expect(await reader.strings('uns/donor|id_colors')).toEqual(['#ff0000', '#00ff00', '#0000ff']);
    expect(reader.textAttribute('/', 'encoding-type')).toBe('anndata');
    expect(reader.textAttribute('obs/maybe', 'encoding-type')).toBe('nullable-boolean');
    hdf5.close();

    const files = unzipSync(bytes);
    const plain = await open(
      root({ get: async (key: string) => files[key.slice(1)] }).resolve('obsm/X_teddy_umap'),
      { kind: 'array' },
    );
    expect((await get(plain, null)).data).toEqual(Float32Array.of(1, 1.5, 3, 3.5, 4, 4.5));
    expect(await write('zarr')).toEqual(bytes);
  });

  it('zarr arrays of several chunks, the last one padded', async () => {
    const rows = 2 ** 22 + 3;
    const files: ZarrFiles = new Map();
    const values = Float32Array.from({ length: rows }, (_, i) => i % 1000);
    zarrPlace(files).numbers('long', values, [rows], {});
    expect([...files.keys()].filter((name) => /^long\/\d/.test(name))).toEqual(['long/0', 'long/1']);
    const array = await open(root({ get: async (key: string) => files.get(key.slice(1)) }).resolve('long'), {
      kind: 'array',
    });
    const { data } = await get(array, null);
    expect((data as Float32Array).length).toBe(rows);
    expect((data as Float32Array)[rows - 1]).toBe((rows - 1) % 1000);
  });
});
