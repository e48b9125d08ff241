import { Bool, type Data, DataType, type FixedSizeList, type List, makeData, Null, Utf8 } from 'apache-arrow';
import { parquetCorrupt } from './metadata.ts';

/** Values of one column as hyparquet hands them out, in order. */
export type ColumnBlocks = readonly ArrayLike<unknown>[];

/** A column in Arrow's form, so that one code reads the cells of both. */
export function arrowData(type: DataType, blocks: ColumnBlocks, rows: number): Data {
  const count = blocks.reduce((sum, { length }) => sum + length, 0);
  if (count !== rows) throw parquetCorrupt(`a column has ${count} values for ${rows} rows`);
  if (DataType.isList(type)) return listData(type, blocks, rows);
  if (DataType.isFixedSizeList(type)) return fixedData(type, blocks, rows);
  return flatData(type, blocks, rows);
}

/** Stands for a column that was not asked for. */
export function noData(rows: number): Data {
  return makeData({ type: new Null(), length: rows });
}

function flatData(type: DataType, blocks: ColumnBlocks, length: number): Data {
  if (DataType.isUtf8(type)) return textData(blocks, length);
  if (DataType.isBool(type)) return booleanData(blocks, length);
  if (DataType.isInt(type) || DataType.isFloat(type)) return numberData(type, blocks, length);
  return noData(length);
}

/** Calls back for each value that is there and marks it; apache-arrow's builders need eval, which the page forbids. */
function eachValue(
  blocks: ColumnBlocks,
  length: number,
  kind: 'string' | 'boolean' | 'number' | 'bigint',
  take: (at: number, value: unknown) => void,
): { readonly nullCount: number; readonly nullBitmap: Uint8Array | null } {
  const valid = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  let at = 0;
  for (const block of blocks) {
    for (let i = 0; i < block.length; i++, at++) {
      const value = block[i];
      if (value === null || value === undefined) {
        nullCount++;
        continue;
      }
      if (typeof value !== kind) throw parquetCorrupt('a column holds values of another type');
      valid[at >> 3] |= 1 << (at & 7);
      take(at, value);
    }
  }
  return { nullCount, nullBitmap: nullCount > 0 ? valid : null };
}

function textData(blocks: ColumnBlocks, length: number): Data {
  const texts = new Array<Uint8Array | undefined>(length);
  const encoder = new TextEncoder();
  const nulls = eachValue(blocks, length, 'string', (at, value) => {
    texts[at] = encoder.encode(value as string);
  });
  const valueOffsets = new Int32Array(length + 1);
  for (let at = 0; at < length; at++) valueOffsets[at + 1] = valueOffsets[at] + (texts[at]?.length ?? 0);
  const data = new Uint8Array(valueOffsets[length]);
  for (let at = 0; at < length; at++) data.set(texts[at] ?? [], valueOffsets[at]);
  return makeData({ type: new Utf8(), length, valueOffsets, data, ...nulls });
}

function booleanData(blocks: ColumnBlocks, length: number): Data {
  const data = new Uint8Array(Math.ceil(length / 8));
  const nulls = eachValue(blocks, length, 'boolean', (at, value) => {
    if (value) data[at >> 3] |= 1 << (at & 7);
  });
  return makeData({ type: new Bool(), length, data, ...nulls });
}

function numberData(type: DataType, blocks: ColumnBlocks, length: number): Data {
  const data = new type.ArrayType(length) as { [at: number]: unknown };
  const isBig = data instanceof BigInt64Array || data instanceof BigUint64Array;
  const nulls = eachValue(blocks, length, isBig ? 'bigint' : 'number', (at, value) => {
    data[at] = value;
  });
  return makeData({ type, length, data, ...nulls } as never);
}

function listData(type: List, blocks: ColumnBlocks, rows: number): Data {
  const valueOffsets = new Int32Array(rows + 1);
  const { items, count } = itemsOf(blocks, (row, end) => {
    valueOffsets[row + 1] = end;
  });
  const child = flatData(type.children[0].type, items, count);
  return makeData({ type, length: rows, nullCount: 0, valueOffsets, child });
}

function fixedData(type: FixedSizeList, blocks: ColumnBlocks, rows: number): Data {
  const { items, count } = itemsOf(blocks, (row, end) => {
    if (end !== (row + 1) * type.listSize) throw parquetCorrupt('a list has another length than the genes');
  });
  const child = flatData(type.children[0].type, items, count);
  return makeData({ type, length: rows, nullCount: 0, child });
}

/** The lists of all rows one after the other; a missing list counts as an empty one. */
function itemsOf(blocks: ColumnBlocks, ends: (row: number, end: number) => void) {
  const items: ArrayLike<unknown>[] = [];
  let count = 0;
  let row = 0;
  for (const block of blocks) {
    for (let i = 0; i < block.length; i++) {
      const list = block[i] ?? [];
      if (!Array.isArray(list) && !ArrayBuffer.isView(list)) throw parquetCorrupt('a list is none');
      const values = list as ArrayLike<unknown>;
      items.push(values);
      count += values.length;
      ends(row++, count);
    }
  }
  return { items, count };
}
