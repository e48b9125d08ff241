import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { gzipSync, zipSync } from 'fflate';
import { crc32 } from 'hash-wasm';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { DataError } from '../../src/data/errors.ts';
import { openDataset } from '../../src/data/open.ts';

const runtime = nodeRuntime();
const folder = mkdtempSync(join(tmpdir(), 'teddy-zarr-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Files = Record<string, Uint8Array>;

const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** Texts as numcodecs' vlen-utf8 packs them. */
function packed(texts: readonly string[]): Uint8Array {
  const encoded = texts.map((item) => new TextEncoder().encode(item));
  const bytes = new Uint8Array(4 + encoded.reduce((sum, item) => sum + 4 + item.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, texts.length, true);
  let at = 4;
  for (const item of encoded) {
    view.setUint32(at, item.length, true);
    bytes.set(item, at + 4);
    at += 4 + item.length;
  }
  return bytes;
}

function table(path: string, names: readonly string[]): Files {
  return {
    [`${path}/.zgroup`]: text({ zarr_format: 2 }),
    [`${path}/.zattrs`]: text({ _index: 'na?me', 'column-order': [], 'encoding-type': 'dataframe' }),
    [`${path}/na?me/.zarray`]: text({
      zarr_format: 2,
      shape: [names.length],
      chunks: [names.length],
      dtype: '|O',
      compressor: null,
      filters: [{ id: 'vlen-utf8' }],
      fill_value: 0,
      order: 'C',
    }),
    [`${path}/na?me/0`]: packed(names),
  };
}

/** 3 cells × 2 genes around an X. */
function store(x: Files): Files {
  return {
    '.zgroup': text({ zarr_format: 2 }),
    ...table('obs', ['a', 'b', 'c']),
    ...table('var', ['A', 'B']),
    ...x,
  };
}

const X_META = {
  zarr_format: 2,
  shape: [3, 2],
  chunks: [2, 2],
  dtype: '<f4',
  compressor: null,
  filters: null,
  fill_value: 0,
  order: 'C',
};
const float32 = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const X: Files = {
  'X/.zarray': text(X_META),
  'X/0.0': float32(1, 2, 3, 4),
  'X/1.0': float32(5, 6, 0, 0),
};

function zip(files: Files, name = 'store.zarr.zip'): string {
  const path = join(folder, name);
  writeFileSync(path, zipSync(files, { level: 0 }));
  return path;
}

async function values(dataset: Dataset): Promise<number[]> {
  return [...(await dataset.rows('X', 0, dataset.nObs)).values];
}

async function readAll(path: string): Promise<number[]> {
  const dataset = await openDataset(path, runtime);
  await dataset.obsNames();
  await dataset.varNames('X');
  return values(dataset);
}

describe('zarr', () => {
  it('v2, in pieces, twice the same; names that mean something in a URL', async () => {
    const dataset = await openDataset(zip(store(X)), runtime);
    expect([dataset.format, dataset.nObs, dataset.nVars]).toEqual(['zarr', 3, 2]);
    expect(await dataset.obsNames()).toEqual(['a', 'b', 'c']);
    for (const _ of [1, 2]) expect(await values(dataset)).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await dataset.rows('X', 1, 3)).values).toEqual(Float64Array.of(3, 4, 5, 6));
  });

  it.each([
    [
      'big-endian',
      { dtype: '>f4' },
      [4, 3, 2, 1],
      float32(1, 2, 3, 4).reverse(),
      float32(0, 0, 6, 5).reverse(),
    ],
    ['by column', { order: 'F' }, [1, 3, 2, 4], float32(1, 2, 3, 4), float32(5, 0, 6, 0)],
    [
      'gzip',
      { compressor: { id: 'gzip', level: 5 } },
      [1, 2, 3, 4],
      gzipSync(float32(1, 2, 3, 4)),
      gzipSync(float32(5, 6, 0, 0)),
    ],
  ])('%s', async (_name, meta, firstRows, first, second) => {
    const files = { 'X/.zarray': text({ ...X_META, ...meta }), 'X/0.0': first, 'X/1.0': second };
    const dataset = await openDataset(zip(store(files)), runtime);
    for (const _ of [1, 2]) expect(await values(dataset)).toEqual([...firstRows, 5, 6]);
  });

  it('what is not stored is the fill value; below a folder in the zip as well', async () => {
    const { 'X/1.0': _, ...rest } = store(X);
    const moved = Object.fromEntries(
      Object.entries(rest).map(([path, bytes]) => [`deep/er.zarr/${path}`, bytes]),
    );
    expect(await readAll(zip(moved))).toEqual([1, 2, 3, 4]);
  });

  it('a part of a sparse matrix that is not stored was lost, and is no zeros', async () => {
    const array = (dtype: string, length: number) => text({ ...X_META, shape: [length], chunks: [2], dtype });
    const int32 = (...values: number[]) => new Uint8Array(Int32Array.from(values).buffer);
    const sparse = store({
      'X/.zgroup': text({ zarr_format: 2 }),
      'X/.zattrs': text({ 'encoding-type': 'csr_matrix', shape: [3, 2] }),
      'X/data/.zarray': array('<f4', 4),
      'X/data/0': float32(1, 2),
      'X/data/1': float32(3, 4),
      'X/indices/.zarray': array('<i4', 4),
      'X/indices/0': int32(0, 1),
      'X/indices/1': int32(1, 0),
      'X/indptr/.zarray': array('<i4', 4),
      'X/indptr/0': int32(0, 2),
      'X/indptr/1': int32(3, 4),
    });
    expect(await readAll(zip(sparse))).toEqual([1, 2, 3, 4]);
    for (const lost of ['X/data/1', 'X/indices/0']) {
      const { [lost]: _, ...rest } = sparse;
      await expect(readAll(zip(rest))).rejects.toMatchObject({ name: 'DataError', code: 'missing' });
    }
  });

  it('v3 with crc32c: the checksum is compared', async () => {
    const meta = {
      zarr_format: 3,
      node_type: 'array',
      shape: [3, 2],
      data_type: 'float32',
      chunk_grid: { name: 'regular', configuration: { chunk_shape: [3, 2] } },
      chunk_key_encoding: { name: 'default' },
      codecs: [{ name: 'bytes', configuration: { endian: 'little' } }, { name: 'crc32c' }],
      fill_value: 0,
      attributes: {},
    };
    const body = float32(1, 2, 3, 4, 5, 6);
    const sum = new Uint8Array(Uint32Array.of(Number.parseInt(await crc32(body, 0x82f63b78), 16)).buffer);
    const files = (bytes: Uint8Array) =>
      store({ 'X/zarr.json': text(meta), 'X/c/0/0': Uint8Array.from([...bytes, ...sum]) });
    expect(await readAll(zip(files(body)))).toEqual([1, 2, 3, 4, 5, 6]);
    await expect(readAll(zip(files(float32(1, 2, 3, 4, 5, 7))))).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('checksum'),
    });
  });

  it.each([
    ['a group that is {}', { 'obs/.zgroup': text({}) }, 'corrupt'],
    ['metadata that is null', { 'X/.zarray': text(null) }, 'corrupt'],
    ['a shape that is text', { 'X/.zarray': text({ ...X_META, shape: 'oops' }) }, 'corrupt'],
    ['a negative shape', { 'X/.zarray': text({ ...X_META, shape: [-3, 2] }) }, 'corrupt'],
    ['chunks of no length', { 'X/.zarray': text({ ...X_META, chunks: [0, 2] }) }, 'corrupt'],
    ['a chunk too short', { 'X/0.0': float32(1) }, 'corrupt'],
    ['a chunk too long', { 'X/0.0': float32(1, 2, 3, 4, 5) }, 'corrupt'],
    ['a shape of another table', { 'X/.zarray': text({ ...X_META, shape: [3, 4] }) }, 'bad-shape'],
    ['chunks beyond memory', { 'X/.zarray': text({ ...X_META, chunks: [2 ** 20, 2 ** 20] }) }, 'too-large'],
    [
      'a codec we do not have',
      { 'X/.zarray': text({ ...X_META, compressor: { id: 'pcodec' } }) },
      'unsupported-filter',
    ],
    ['not JSON', { 'X/.zarray': new TextEncoder().encode('{') }, 'corrupt'],
    ['text cut off', { 'obs/na?me/0': packed(['a', 'b', 'c']).subarray(0, 10) }, 'corrupt'],
    [
      'a bomb',
      {
        'X/.zarray': text({ ...X_META, compressor: { id: 'gzip', level: 9 } }),
        'X/0.0': gzipSync(new Uint8Array(2 ** 24), { level: 9 }),
      },
      'corrupt',
    ],
  ])('%s: one error', async (_name, change, code) => {
    await expect(readAll(zip(store({ ...X, ...change })))).rejects.toMatchObject({ name: 'DataError', code });
  });

  it.each<[string, Files]>([
    ['is of no axis of its array', { 'X/1.0.0': float32(5, 6, 0, 0) }],
    ['lies beyond its array', { 'X/9.0': float32(5, 6, 0, 0) }],
    ['is no key at all', { 'X/1,0': float32(5, 6, 0, 0) }],
    ['is of an array that is not there', { 'Z/1.0': float32(5, 6, 0, 0) }],
  ])('a chunk whose name %s is not taken for one that was never stored', async (_name, moved) => {
    const { 'X/1.0': _, ...rest } = store(X);
    await expect(readAll(zip({ ...rest, ...moved }))).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('belongs to no array'),
    });
  });

  it('files beside a whole array, and those of the system, are no damage', async () => {
    const beside = { 'X/README': text(''), 'X/5.0': float32(1), 'X/.DS_Store': text(''), LICENSE: text('') };
    expect(await readAll(zip(store({ ...X, ...beside })))).toEqual([1, 2, 3, 4, 5, 6]);
    const { 'X/1.0': _, ...sparse } = store(X);
    expect(await readAll(zip({ ...sparse, 'X/.DS_Store': text('') }))).toEqual([1, 2, 3, 4]);
  });

  it('a name that the directory and the file itself do not agree on is damage', async () => {
    const whole = Buffer.from(zipSync(store(X), { level: 0 }));
    whole[whole.lastIndexOf('X/1.0') + 2] = 0x30;
    const path = join(folder, 'renamed.zip');
    writeFileSync(path, whole);
    await expect(readAll(path)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('another name'),
    });
  });

  it('a zip of something else', async () => {
    const path = zip({ 'matrix.mtx': text('x') });
    await expect(openDataset(path, runtime)).rejects.toMatchObject({ code: 'unsupported-format' });
  });

  it('a changed byte ends in our error or in numbers, never in another error', async () => {
    const whole = zipSync(store(X), { level: 6 });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = whole.slice();
        bytes[at] ^= flip;
        const path = join(folder, 'mutated.zip');
        writeFileSync(path, bytes);
        await readAll(path).catch((error: unknown) => expect(error).toBeInstanceOf(DataError));
      }),
      { numRuns: 300, seed: 5 },
    );
  });
});
