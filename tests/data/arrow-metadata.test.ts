import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC, tableToIPC } from 'apache-arrow';
import pl from 'nodejs-polars';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { FlatTable, type TableRule } from '../../src/data/arrow/flatbuffer.ts';
import { DataError } from '../../src/data/errors.ts';
import { openDataset } from '../../src/data/open.ts';

const runtime = nodeRuntime();
const folder = mkdtempSync(join(tmpdir(), 'teddy-arrow-metadata-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = pl
  .DataFrame([
    pl.Series('barcode', ['a', 'b']),
    pl.Series('ENSG00000000003', [1, 2], pl.Int64),
    pl.Series('ENSG00000000005', [0, 7], pl.Int64),
  ])
  .writeIPC();
const stream = tableToIPC(tableFromIPC(file), 'stream');

describe('every word of the metadata in turn', () => {
  it.each([
    ['a file', file],
    ['a stream', stream],
  ])(
    '%s with 2³¹ − 1 in its place is read or refused at once',
    async (_name, whole) => {
      const path = join(folder, 'mutated.arrow');
      for (let at = 8; at + 4 <= whole.length; at += 4) {
        const bytes = new Uint8Array(whole);
        new DataView(bytes.buffer).setInt32(at, 0x7fffffff, true);
        writeFileSync(path, bytes);
        const read = openDataset(path, runtime).then((dataset) => dataset.rows('X', 0, dataset.nObs));
        await read.catch((error: unknown) => expect(error, `at ${at}`).toBeInstanceOf(DataError));
      }
    },
    30_000,
  );
});

describe('a flatbuffer', () => {
  /** Root at 12; vtable at 4 of one field at offset 4, whose target is `offset` after its place at 16. */
  const buffer = (offset: number, ...rest: number[]) => {
    const bytes = new Uint8Array(20 + 4 * rest.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 12, true);
    view.setUint16(4, 6, true);
    view.setUint16(6, 8, true);
    view.setUint16(8, 4, true);
    view.setInt32(12, 8, true);
    view.setUint32(16, offset, true);
    for (const [i, word] of rest.entries()) view.setUint32(20 + 4 * i, word, true);
    return view;
  };
  const NESTED: TableRule = [{ kind: 'tables', of: () => NESTED }];
  const rejected = (view: DataView, rule: TableRule) =>
    expect(() => FlatTable.verified(view, rule)).toThrow(expect.objectContaining({ code: 'corrupt' }));

  it('is taken where all lies within', () => {
    expect(() => FlatTable.verified(buffer(4, 3, 0), [{ kind: 'text' }])).not.toThrow();
    expect(() => FlatTable.verified(buffer(4, 1, 7), [{ kind: 'values', size: 4 }])).not.toThrow();
    expect(() => FlatTable.verified(buffer(4, 0), NESTED)).not.toThrow();
  });

  it.each([
    ['a text longer than the bytes', buffer(4, 5, 0), [{ kind: 'text' }]],
    ['more values than bytes', buffer(4, 2 ** 31, 0), [{ kind: 'values', size: 16 }]],
    ['more tables than bytes', buffer(4, 2 ** 31 - 1, 0), NESTED],
    ['an offset beyond the end', buffer(400), [{ kind: 'text' }]],
    ['a table that holds itself', buffer(4, 1, 0xffffffff - 11), NESTED],
    ['nothing', new DataView(new ArrayBuffer(3)), NESTED],
  ] as [string, DataView, TableRule][])('%s is refused', (_name, view, rule) => rejected(view, rule));

  it('whose tables are all one another, many levels deep, is refused before they are counted', () => {
    const view = buffer(4, 4, ...[0, 1, 2, 3].map((i) => 2 ** 32 - (12 + 4 * i)));
    rejected(view, NESTED);
  });
});
