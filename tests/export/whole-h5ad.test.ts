import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { nodeDatasetEnvironment } from '../../src/cli/node-environment.ts';
import { mountHandle, type SyncFile } from '../../src/data/h5ad/handle-files.ts';
import type { H5Library } from '../../src/data/h5ad/runtime.ts';
import { patchBooleans } from '../../src/export/boolean-type.ts';
import { type Addition, addToH5ad } from '../../src/export/whole-h5ad.ts';
import { LocalDatasetService } from '../../src/run/dataset-service.ts';
import type { CellResults, Provenance } from '../../src/run/results.ts';
import type { WholeExport } from '../../src/run/services.ts';
import { StoreError } from '../../src/store/errors.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'teddy-whole-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const provenance: Provenance = {
  model: 'test',
  modelSha256: 'ab',
  engine: 'reference (float64)',
  pooling: 'gene_mean',
  matrix: 'X',
  qc: 'none',
  seed: 17,
  trainingData: 'nothing',
  version: '0.1.0',
};

/** Rows 7, 2 and 5 of a file, in that order. */
const results: CellResults = {
  rows: Uint32Array.of(7, 2, 5),
  dimension: 3,
  embedding: Float32Array.of(70, 71, 72, 20, 21, 22, 50, 51, 52),
  predictions: {
    disease: {
      classes: ['normal', 'COVID-19'],
      probabilities: Float32Array.of(0.25, 0.75, 0.5, 0.5, 0.875, 0.125),
    },
  },
  withheld: Uint8Array.of(0, 1, 0),
  tokens: Uint32Array.of(1, 2, 3),
  umap: Float32Array.of(7, 7.5, 2, 2.5, 5, 5.5),
  qcPass: Uint8Array.of(1, 0, 1),
};

/** What anndata makes of the original and the file with results: everything original must be equal. */
const COMPARE = `
import sys, json, hashlib, warnings
warnings.filterwarnings('ignore')
import anndata, h5py, numpy as np, pandas as pd
original, whole = sys.argv[1:]
def digest(path):
    out = {}
    with h5py.File(path, 'r') as f:
        def visit(name, item):
            if isinstance(item, h5py.Dataset) and item.shape is not None:
                v = item[()]
                out[name] = hashlib.sha256(repr(v.tolist() if hasattr(v, 'tolist') else v).encode()).hexdigest() + str(item.dtype)
        f.visititems(visit)
    return out
before, after = digest(original), digest(whole)
a, b = anndata.read_h5ad(original), anndata.read_h5ad(whole)
pd.testing.assert_frame_equal(b.obs[list(a.obs.columns)], a.obs)
pd.testing.assert_frame_equal(a.var, b.var)
new = [c for c in b.obs.columns if c not in a.obs.columns]
plain = lambda v: None if v is pd.NA or v != v else (v.item() if hasattr(v, 'item') else v)
print(json.dumps({
  'changed': [k for k in before if after.get(k) != before[k]],
  'xEqual': before.get('X', before.get('X/data')) == after.get('X', after.get('X/data')),
  'obsPrefix': list(b.obs.columns)[:len(a.obs.columns)] == list(a.obs.columns),
  'new': new, 'dtypes': {c: str(b.obs[c].dtype) for c in new},
  'values': {c: [plain(v) for v in b.obs[c].tolist()[:9]] for c in new},
  'missing': {c: int(b.obs[c].isna().sum()) for c in new}, 'n': b.n_obs,
  'obsmKeys': sorted(set(b.obsm.keys()) - set(a.obsm.keys())),
  'obsm': {k: [[plain(x) for x in r] for r in np.asarray(b.obsm[k])[:9]] for k in b.obsm.keys() if k not in a.obsm.keys()},
  'nanRows': {k: int(np.isnan(np.asarray(b.obsm[k])).all(axis=1).sum()) for k in b.obsm.keys() if k not in a.obsm.keys()},
  'obsmDtype': {k: str(b.obsm[k].dtype) for k in b.obsm.keys() if k not in a.obsm.keys()},
  'colors': {k: (list(v), list(b.obs[k[:-7]].cat.categories)) for k, v in b.uns.items() if k.endswith('_colors') and k not in a.uns},
  'teddy': {k: {m: plain(v) for m, v in b.uns[k].items()} for k in b.uns if k.startswith('teddy') and k not in a.uns and not k.endswith('_colors')},
}))
`;

interface Compared {
  readonly changed: string[];
  readonly xEqual: boolean;
  readonly obsPrefix: boolean;
  readonly new: string[];
  readonly dtypes: Record<string, string>;
  readonly values: Record<string, unknown[]>;
  readonly missing: Record<string, number>;
  readonly n: number;
  readonly obsmKeys: string[];
  readonly obsm: Record<string, (number | null)[][]>;
  readonly nanRows: Record<string, number>;
  readonly obsmDtype: Record<string, string>;
  readonly colors: Record<string, [string[], string[]]>;
  readonly teddy: Record<string, Record<string, unknown>>;
}

function compare(original: string, whole: string): Compared {
  return JSON.parse(
    execFileSync('/usr/bin/python3', ['-c', COMPARE, original, whole], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    }),
  );
}

async function whole(path: string, signal?: AbortSignal): Promise<WholeExport> {
  const service = new LocalDatasetService(nodeDatasetEnvironment(folder));
  await service.open(path, {});
  try {
    return await service.exportWhole(results, provenance, signal ? { signal } : {});
  } finally {
    await service.close();
  }
}

function pathOf({ content }: WholeExport): string {
  if (content instanceof Blob || !('path' in content)) throw new Error('a file of the disk was expected');
  return content.path;
}

const leftOver = () => readdirSync(folder).filter((name) => name.startsWith('.teddy-web-'));

describeShared('the original with the results added', () => {
  const files: [string, string][] = [
    ['anndata 0.7', sharedPath('data', 'formats', 'anndata_archives', 'v0.7.0', 'adata.h5ad')],
    ['anndata 0.7.8', sharedPath('data', 'formats', 'anndata_archives', 'v0.7.8', 'adata.h5ad')],
    ['anndata 0.8', sharedPath('data', 'demo', 'pbmc3k_2638x13714_raw_counts_recovered.h5ad')],
    [
      'CELLxGENE, 0.7 encodings',
      sharedPath('data', 'formats', 'cellxgene_schema', 'example_with_labels.h5ad'),
    ],
  ];

  it.each(files)('of %s: what was there is as it was, ours is there for every cell', async (_name, path) => {
    const exported = await whole(path);
    expect(exported.note).toBeNull();
    const found = compare(path, pathOf(exported));
    expect(found).toMatchObject({ changed: [], xEqual: true, obsPrefix: true });
    expect(found.new).toEqual([
      'teddy_embedded',
      'teddy_qc_pass',
      'teddy_disease',
      'teddy_disease_probability',
      'teddy_withheld',
      'teddy_note',
    ]);
    expect(found.dtypes).toMatchObject({ teddy_embedded: 'bool', teddy_disease: 'category' });
    const none = null;
    expect(found.values.teddy_embedded).toEqual([false, false, true, false, false, true, false, true, false]);
    expect(found.values.teddy_disease).toEqual([
      none,
      none,
      none,
      none,
      none,
      'normal',
      none,
      'COVID-19',
      none,
    ]);
    expect(found.values.teddy_disease_probability).toEqual([
      ...[none, none, none, none, none, 0.875, none, 0.75, none],
    ]);
    expect(
      found.values.teddy_qc_pass.map((value) => (value === null ? value : String(value).toLowerCase())),
    ).toEqual([...[none, none, 'false', none, none, 'true', none, 'true', none]]);
    expect(found.missing).toMatchObject({
      teddy_embedded: 0,
      teddy_disease: found.n - 2,
      teddy_note: found.n - 3,
    });
    expect(found.obsmKeys).toEqual(['X_teddy', 'X_teddy_umap']);
    expect(found.obsmDtype).toEqual({ X_teddy: 'float32', X_teddy_umap: 'float32' });
    expect(found.nanRows).toEqual({ X_teddy: found.n - 3, X_teddy_umap: found.n - 3 });
    expect(found.obsm.X_teddy[7]).toEqual([70, 71, 72]);
    expect(found.obsm.X_teddy_umap[2]).toEqual([2, 2.5]);
    expect(found.obsm.X_teddy[0]).toEqual([none, none, none]);
    const [colors, categories] = found.colors.teddy_disease_colors;
    expect(categories).toEqual(['normal', 'COVID-19']);
    expect(colors).toHaveLength(2);
    expect(found.teddy.teddy).toMatchObject({ model: 'test', seed: 17 });
  });

  it('the file is opened by us again, counts and all', async () => {
    const [, path] = files[2];
    const exported = pathOf(await whole(path));
    const service = new LocalDatasetService(nodeDatasetEnvironment());
    const before = await service.open(path, {});
    const after = await service.open(exported, {});
    expect(after.counts).toBe(before.counts);
    expect(after.firstCellSum).toBe(before.firstCellSum);
    expect(after.obsmKeys).toEqual([...before.obsmKeys, 'X_teddy', 'X_teddy_umap']);
    expect((await service.obs('teddy_embedded')).kind).toBe('boolean');
    await service.close();
  });

  it('names of ours that a file has already stay its own; ours get a number, and that is said', async () => {
    const once = pathOf(await whole(files[2][1]));
    const again = await whole(once);
    expect(again.note).toContain('teddy_disease is teddy_disease_2');
    expect(again.note).toContain('X_teddy is X_teddy_2');
    const found = compare(once, pathOf(again));
    expect(found).toMatchObject({ changed: [], obsPrefix: true });
    expect(found.new).toContain('teddy_embedded_2');
    expect(found.colors).toHaveProperty('teddy_disease_2_colors');
    expect(found.teddy).toHaveProperty('teddy_2');
    expect(found.obsmKeys).toEqual(['X_teddy_2', 'X_teddy_umap_2']);
  });

  it.each([
    ['anndata 0.5', sharedPath('data', 'formats', 'anndata_archives', 'v0.5.0', 'adata.h5ad'), 'before 0.7'],
    ['zarr', sharedPath('data', 'demo', '10x_pbmc68k_reduced.zarr.zip'), 'Only an .h5ad'],
  ])('%s: the results alone, with the reason', async (_name, path, reason) => {
    const before = leftOver();
    const { content, note } = await whole(path);
    expect(note).toMatch(/^The original could not be added to: this file holds the results alone\. /);
    expect(note).toContain(reason);
    expect(content).toBeInstanceOf(Uint8Array);
    expect(leftOver()).toEqual(before);
  });

  it('a file packed with gzip: the results alone', async () => {
    const { gzipSync } = await import('node:zlib');
    const packed = join(folder, 'packed.h5ad.gz');
    writeFileSync(packed, gzipSync(readFileSync(files[1][1])));
    expect((await whole(packed)).note).toContain('packed with gzip');
  });

  it('no room for a copy: the results alone', async () => {
    const environment = nodeDatasetEnvironment(folder);
    const copy = vi.fn(async () => {
      throw new StoreError('store-full', 'no room');
    });
    const service = new LocalDatasetService({ ...environment, scratch: { ...environment.scratch, copy } });
    await service.open(files[1][1], {});
    const { note } = await service.exportWhole(results, provenance, {});
    expect(note).toContain('no more storage');
    await service.close();
  });

  it('a cancel leaves nothing behind', async () => {
    const before = leftOver();
    const controller = new AbortController();
    const service = new LocalDatasetService(nodeDatasetEnvironment(folder));
    await service.open(files[2][1], {});
    const stopped = service.exportWhole(results, provenance, {
      signal: controller.signal,
      onProgress: ({ stage }) => {
        if (stage === 'results') controller.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    await service.close();
    expect(leftOver()).toEqual(before);
  });
});

/** A file of the disk as a browser's worker has one in its private file system. */
function syncFile(path: string): SyncFile & { close(): void } {
  const file = openSync(path, 'r+');
  const viewOf = (data: AllowSharedBufferSource) =>
    ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
  return {
    getSize: () => statSync(path).size,
    truncate: (size) => ftruncateSync(file, size),
    read: (buffer, options) => readSync(file, viewOf(buffer), { position: options?.at ?? 0 }),
    write: (buffer, options) => writeSync(file, viewOf(buffer), 0, buffer.byteLength, options?.at ?? 0),
    close: () => closeSync(file),
  };
}

/** The library's build for browsers, which asks for nothing that a worker has and Node has not but these two names. */
async function browserLibrary(): Promise<H5Library> {
  vi.stubGlobal('WorkerGlobalScope', class {});
  vi.stubGlobal('location', { href: 'http://localhost/' });
  const { default: library } = (await import(
    // @ts-expect-error the package names no types for its build for browsers
    '../../node_modules/h5wasm/dist/esm/hdf5_hl.js'
  )) as { default: H5Library };
  (await library.ready).activate_throwing_error_handler();
  return library;
}

describeShared('in a browser, by way of a file handle', () => {
  it('adds to a file beyond 4 GiB, holding nothing of it', async () => {
    const path = join(folder, 'large.h5ad');
    const cells = 2638;
    const source = sharedPath('data', 'demo', 'pbmc3k_2638x13714_raw_counts_recovered.h5ad');
    writeFileSync(path, readFileSync(source));
    // A dataset as large as that, of which nothing is stored: its room makes the file long, and sparse on the disk.
    execFileSync('/usr/bin/python3', [
      '-c',
      `
import h5py, sys
with h5py.File(sys.argv[1], 'r+') as f:
    p = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    p.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY); p.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    h5py.h5d.create(f['uns'].id, b'room', h5py.h5t.NATIVE_INT64, h5py.h5s.create_simple((5 * 2**27,)), p)
`,
      path,
    ]);
    const size = statSync(path).size;
    expect(size).toBeGreaterThan(2 ** 32);
    const library = await browserLibrary();
    const handle = syncFile(path);
    const failures: unknown[] = [];
    const mounted = mountHandle(await library.ready, handle, (error) => failures.push(error));
    const addition: Addition = {
      cells,
      rows: Uint32Array.of(0, 2637),
      columns: [
        { name: 'teddy_embedded', column: { kind: 'boolean', values: new Uint8Array(cells).fill(1, 0, 1) } },
      ],
      embeddings: [{ key: 'X_teddy', data: Float32Array.of(1, 2, 3, 4), columns: 2 }],
      colors: {},
      about: { model: 'test' },
    };
    const added = await addToH5ad(library, mounted.path, addition, async () => undefined);
    mounted.unmount();
    const bytes = {
      size: async () => handle.getSize(),
      read: async (offset: number, length: number) => {
        const part = new Uint8Array(length);
        handle.read(part, { at: offset });
        return part;
      },
      write: async (offset: number, part: Uint8Array<ArrayBuffer>) => void handle.write(part, { at: offset }),
    };
    expect(await patchBooleans(bytes, size, async () => undefined)).toBe(added.booleans);
    handle.close();
    expect(failures).toEqual([]);
    const seen = execFileSync(
      '/usr/bin/python3',
      [
        '-W',
        'ignore',
        '-c',
        `
import h5py, sys, json
with h5py.File(sys.argv[1], 'r') as f:
    print(json.dumps([int(f['obs/teddy_embedded'][()].sum()), str(f['obs/teddy_embedded'].dtype), f['obsm/X_teddy'][2637].tolist(), f['obs'].attrs['column-order'][-1]]))
`,
        path,
      ],
      { encoding: 'utf8' },
    );
    expect(JSON.parse(seen)).toEqual([1, 'bool', [3, 4], 'teddy_embedded']);
  });

  it('says what the browser threw where there is no more room', async () => {
    const path = join(folder, 'full.h5ad');
    writeFileSync(
      path,
      readFileSync(sharedPath('data', 'formats', 'anndata_archives', 'v0.7.8', 'adata.h5ad')),
    );
    const library = await browserLibrary();
    const handle = syncFile(path);
    const full = new DOMException('full', 'QuotaExceededError');
    const failures: unknown[] = [];
    const mounted = mountHandle(
      await library.ready,
      {
        ...handle,
        write() {
          throw full;
        },
      },
      (error) => failures.push(error),
    );
    const addition: Addition = {
      cells: 30,
      rows: new Uint32Array(0),
      columns: [],
      embeddings: [],
      colors: {},
      about: {},
    };
    await expect(addToH5ad(library, mounted.path, addition, async () => undefined)).rejects.toThrow();
    expect(failures[0]).toBe(full);
    handle.close();
  });
});
