import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { crc32 } from 'hash-wasm';
import { parquetWriteBuffer } from 'hyparquet-writer';
import pl from 'nodejs-polars';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { chooseCounts } from '../../src/data/choose-counts.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { DataError } from '../../src/data/errors.ts';
import { openDataset } from '../../src/data/open.ts';
import { verifyPages } from '../../src/data/parquet/pages.ts';

const runtime = nodeRuntime();
const folder = mkdtempSync(join(tmpdir(), 'teddy-parquet-'));
afterAll(() => rmSync(folder, { recursive: true }));

const GENES = ['ENSG00000000003', 'ENSG00000000005', 'ENSG00000000419', 'ENSG00000000457'];
/** 5 cells × 4 genes, one of them empty. */
const COUNTS = [
  [3, 0, 4, 0],
  [0, 0, 0, 0],
  [0, 5, 0, 1],
  [70_000, 0, 0, 2],
  [0, 0, 9, 0],
];
const NAMES = ['a', 'b', 'c', 'd', 'e'];
const DONORS = ['x', 'x', null, 'y', 'y'];

const listed = (row: readonly number[]) => row.flatMap((count, gene) => (count > 0 ? [gene] : []));

async function dense(dataset: Dataset): Promise<number[][]> {
  const { indptr, indices, values, rowCount } = await dataset.rows('X', 0, dataset.nObs);
  return Array.from({ length: rowCount }, (_, row) => {
    const cell = new Array<number>(dataset.nVars).fill(0);
    for (let k = indptr[row]; k < indptr[row + 1]; k++) cell[indices[k]] = values[k];
    return cell;
  });
}

function written(name: string, bytes: ArrayBuffer | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, new Uint8Array(bytes));
  return path;
}

/** Two row groups, lists of positions and counts, genes in the metadata. */
function sparseFile(codec: 'SNAPPY' | 'UNCOMPRESSED'): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'obs_names', data: NAMES },
        { name: 'donor_id', data: DONORS },
        { name: 'age', data: [1.5, null, 3, 4, 5] },
        { name: 'severe', data: [true, false, null, true, true] },
        { name: 'gene_indices', data: COUNTS.map(listed) },
        { name: 'counts', data: COUNTS.map((row) => row.filter((count) => count > 0)) },
      ],
      schema: [
        { name: 'root', num_children: 6 },
        { name: 'obs_names', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
        { name: 'donor_id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
        { name: 'age', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
        { name: 'severe', type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
        ...['gene_indices', 'counts'].flatMap((name) => [
          { name, converted_type: 'LIST' as const, repetition_type: 'OPTIONAL' as const, num_children: 1 },
          { name: 'list', repetition_type: 'REPEATED' as const, num_children: 1 },
          { name: 'element', type: 'INT32' as const, repetition_type: 'OPTIONAL' as const },
        ]),
      ],
      codec,
      rowGroupSize: 3,
      kvMetadata: [{ key: 'gene_ids', value: JSON.stringify(GENES) }],
    }),
  );
}

describe('Parquet', () => {
  it.each(['SNAPPY', 'UNCOMPRESSED'] as const)('lists of gene positions and counts, %s', async (codec) => {
    const dataset = await openDataset(written(`sparse-${codec}.parquet`, sparseFile(codec)), runtime);
    expect([dataset.format, dataset.nObs, dataset.nVars]).toEqual(['parquet', 5, 4]);
    expect(await dense(dataset)).toEqual(COUNTS);
    expect(await dataset.varNames('X')).toEqual(GENES);
    expect(await dataset.obsNames()).toEqual(NAMES);
    expect(await dataset.obs('donor_id')).toEqual({ kind: 'string', values: DONORS });
    expect(await dataset.obs('age')).toEqual({
      kind: 'numeric',
      values: Float64Array.of(1.5, Number.NaN, 3, 4, 5),
      integer: false,
    });
    expect(await dataset.obs('severe')).toMatchObject({ missing: Uint8Array.of(0, 0, 1, 0, 0) });
    expect((await chooseCounts(dataset)).firstCellSum).toBe(7);
    expect((await dataset.rows('X', 2, 4)).values).toEqual(Float64Array.of(5, 1, 70_000, 2));
  });

  it.each(['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4', 'brotli'] as const)(
    'by polars, %s: gene names, and one column a gene',
    async (compression) => {
      const named = join(folder, `named-${compression}.parquet`);
      pl.DataFrame([
        pl.Series('obs_names', NAMES),
        pl.Series(
          'genes',
          COUNTS.map((row) => listed(row).map((gene) => GENES[gene])),
          pl.List(pl.Utf8),
        ),
        pl.Series(
          'counts',
          COUNTS.map((row) => row.filter((count) => count > 0)),
          pl.List(pl.Float32),
        ),
      ]).writeParquet(named, { compression });
      const byName = await openDataset(named, runtime);
      const order = (await byName.varNames('X')).map((gene) => GENES.indexOf(gene));
      expect(await dense(byName)).toEqual(COUNTS.map((row) => order.map((gene) => row[gene])));

      const wide = join(folder, `wide-${compression}.parquet`);
      pl.DataFrame([
        pl.Series('barcode', NAMES),
        pl.Series('age', [1, null, 3, 4, 5], pl.Float64),
        ...GENES.map((gene, at) =>
          pl.Series(
            gene,
            COUNTS.map((row) => row[at]),
            pl.Int64,
          ),
        ),
      ]).writeParquet(wide, { compression });
      const columns = await openDataset(wide, runtime);
      expect([await dense(columns), columns.obsColumns]).toEqual([COUNTS, ['age']]);
    },
  );

  it('lists as long as the genes stand for dense rows', async () => {
    const bytes = parquetWriteBuffer({
      columnData: [{ name: 'counts', data: COUNTS }],
      schema: [
        { name: 'root', num_children: 1 },
        { name: 'counts', converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'FLOAT', repetition_type: 'OPTIONAL' },
      ],
      kvMetadata: [{ key: 'gene_ids', value: JSON.stringify(GENES) }],
    });
    const dataset = await openDataset(written('dense.parquet', bytes), runtime);
    expect([await dense(dataset), dataset.matrices[0].storage]).toEqual([COUNTS, 'dense']);
  });

  it('one clear error for what is no file of cells, cut off or encrypted', async () => {
    const plain = written('plain.parquet', parquetWriteBuffer({ columnData: [{ name: 'a', data: [1, 2] }] }));
    await expect(openDataset(plain, runtime)).rejects.toMatchObject({ code: 'bad-schema' });
    const whole = sparseFile('SNAPPY');
    const cut = written('cut.parquet', whole.subarray(0, whole.length - 9));
    await expect(openDataset(cut, runtime)).rejects.toMatchObject({ code: 'truncated' });
    const locked = whole.slice();
    locked.set(new TextEncoder().encode('PARE'), locked.length - 4);
    await expect(openDataset(written('locked.parquet', locked), runtime)).rejects.toMatchObject({
      code: 'unsupported-format',
    });
  });

  it('a changed byte ends in our error or in numbers, never in another error', async () => {
    const whole = sparseFile('SNAPPY');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = whole.slice();
        bytes[at] ^= flip;
        try {
          const dataset = await openDataset(written('mutated.parquet', bytes), runtime);
          await dense(dataset);
          for (const column of dataset.obsColumns) await dataset.obs(column);
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe('pages before they are decoded', () => {
  /** A header in Thrift's compact protocol: small integers as zigzag varints. */
  function header(fields: {
    size: number;
    unpacked?: number;
    crc?: number;
    values?: number;
    encoding?: number;
  }): number[] {
    const int = (value: number) => {
      let rest = BigInt(value) * 2n;
      if (value < 0) rest = -rest - 1n;
      const bytes: number[] = [];
      do {
        bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
        rest >>= 7n;
      } while (rest > 0n);
      return bytes;
    };
    const { size, unpacked = size, crc, values, encoding } = fields;
    return [
      ...[0x15, ...int(0), 0x15, ...int(unpacked), 0x15, ...int(size)],
      ...(crc === undefined ? [] : [0x15, ...int(crc | 0)]),
      crc === undefined ? 0x2c : 0x1c,
      ...(values === undefined ? [] : [0x15, ...int(values)]),
      ...(encoding === undefined ? [] : [0x15, ...int(encoding)]),
      ...[0x00, 0x00],
    ];
  }
  const PAGE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const chunk = (parts: readonly number[]) => Uint8Array.from([...parts, ...PAGE]);

  it('compares the checksum of a page', async () => {
    const crc = Number.parseInt(await crc32(PAGE), 16);
    await expect(
      verifyPages(chunk(header({ size: 8, crc, values: 2, encoding: 0 })), 2, 'c'),
    ).resolves.toBeUndefined();
    await expect(
      verifyPages(chunk(header({ size: 8, crc: crc ^ 1, values: 2, encoding: 0 })), 2, 'c'),
    ).rejects.toThrow(/checksum/);
  });

  it.each([
    ['without a number of values', header({ size: 8, encoding: 0 }), 2],
    ['without an encoding', header({ size: 8, values: 2 }), 2],
    ['longer than the column', header({ size: 9, values: 2, encoding: 0 }), 2],
    ['of negative length', header({ size: -8, values: 2, encoding: 0 }), 2],
    ['that unpacks to more than memory', header({ size: 8, unpacked: 2 ** 30, values: 2, encoding: 0 }), 2],
    ['of more values than the column', header({ size: 8, values: 3, encoding: 0 }), 2],
    ['of fewer values than the column', header({ size: 8, values: 1, encoding: 0 }), 2],
    ['of no header at all', [0xff, 0xff], 2],
  ])('a page %s', async (_name, parts, values) => {
    await expect(verifyPages(chunk(parts), values, 'c')).rejects.toMatchObject({
      name: 'DataError',
      code: 'corrupt',
    });
  });
});
