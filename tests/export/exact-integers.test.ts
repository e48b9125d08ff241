import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import pl from 'nodejs-polars';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { longOf, numeric } from '../../src/data/columns.ts';
import type { Column } from '../../src/data/dataset.ts';
import { openDataFrame } from '../../src/data/h5ad/dataframe.ts';
import { H5Reader } from '../../src/data/h5ad/reader.ts';
import { toArrow } from '../../src/export/arrow.ts';
import { withBooleans } from '../../src/export/boolean-type.ts';
import { toCsv } from '../../src/export/csv.ts';
import { writeH5ad } from '../../src/export/h5ad.ts';
import { toParquet } from '../../src/export/parquet.ts';
import { type ExportTable, takeColumn } from '../../src/export/table.ts';

const folder = mkdtempSync(join(tmpdir(), 'teddy-exact-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BIG = [2n ** 53n + 1n, -(2n ** 63n), 7n, 0n];
const UNSIGNED = [2n ** 64n - 1n, 2n ** 63n + 3n, 1n, 0n];

function column(integers: readonly bigint[], missing?: readonly number[]): Column {
  return numeric(integers.map(Number), true, missing, longOf(integers));
}

function table(columns: Readonly<Record<string, Column>>): ExportTable {
  return {
    obsNames: ['a', 'b', 'c', 'd'],
    columns: Object.entries(columns).map(([name, value]) => ({ name, column: value })),
    embeddings: [],
    colors: {},
    about: {},
  };
}

/** polars hands integers to JavaScript as doubles, but can spell them. */
function inWords(frame: pl.DataFrame, name: string): unknown[] {
  return frame.getColumn(name).cast(pl.Utf8).toArray();
}

const both = table({
  signed: column(BIG),
  unsigned: column(UNSIGNED),
  gaps: column(BIG, [0, 0, 1, 0]),
});

describe('64-bit integers that a double cannot hold', () => {
  it('are carried only where they are needed', () => {
    expect(column([2n ** 53n - 1n, 1n])).not.toHaveProperty('exact');
    expect(column([2n ** 53n + 1n, 1n])).toHaveProperty('exact', BigInt64Array.of(2n ** 53n + 1n, 1n));
    expect(longOf([-1n, 2n ** 64n - 1n])).toBeUndefined();
  });

  it('stay with their rows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1, maxLength: 20 }),
        fc.infiniteStream(fc.nat()),
        (integers, picks) => {
          const rows = Uint32Array.from(
            { length: 5 },
            () => (picks.next().value as number) % integers.length,
          );
          const taken = takeColumn(column(integers), rows);
          expect(taken.kind).toBe('numeric');
          if (taken.kind !== 'numeric') return;
          rows.forEach((row, i) => {
            expect(taken.exact?.[i] ?? BigInt(taken.values[i])).toBe(integers[row]);
          });
        },
      ),
    );
  });

  it('leave as CSV and Arrow as they are; another implementation agrees', async () => {
    const csv = new TextDecoder().decode(await toCsv(both, async () => undefined)).split('\r\n');
    expect(csv[1]).toBe('a,9007199254740993,18446744073709551615,9007199254740993');
    expect(csv[3]).toBe('c,7,1,');
    const frame = pl.readIPC(Buffer.from(toArrow(both)));
    expect(inWords(frame, 'signed')).toEqual(BIG.map(String));
    expect(inWords(frame, 'unsigned')).toEqual(UNSIGNED.map(String));
    expect(frame.getColumn('gaps').nullCount()).toBe(1);
  });

  it('leave as Parquet as they are; another implementation agrees', async () => {
    const frame = pl.readParquet(Buffer.from(await toParquet(both, async () => undefined)));
    expect(inWords(frame, 'signed')).toEqual(BIG.map(String));
    expect(inWords(frame, 'unsigned')).toEqual(UNSIGNED.map(String));
    expect(frame.getColumn('gaps').nullCount()).toBe(1);
  });

  it('leave as .h5ad, and are read from it again', async () => {
    const runtime = nodeRuntime();
    const path = join(folder, 'long.h5ad');
    writeH5ad(await runtime.library(), path, both);
    writeFileSync(path, withBooleans(new Uint8Array(readFileSync(path))));
    // Results hold no matrix, and so are no dataset: the columns are read by themselves.
    const reader = await H5Reader.open(path, runtime);
    const obs = openDataFrame(reader, 'obs');
    expect(await obs.column('signed')).toMatchObject({ exact: BigInt64Array.from(BIG) });
    expect(await obs.column('unsigned')).toMatchObject({ exact: BigUint64Array.from(UNSIGNED) });
    const gaps = await obs.column('gaps');
    expect(gaps).toMatchObject({ exact: BigInt64Array.of(BIG[0], BIG[1], 0n, 0n) });
    expect(gaps.kind === 'numeric' && Number.isNaN(gaps.values[2])).toBe(true);
    reader.close();
  });
});
