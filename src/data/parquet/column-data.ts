import {
  Bool,
  type Data,
  DataType,
  type FixedSizeList,
  type List,
  makeData,
  Null,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
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
  if (DataType.isUtf8(type))
    return vectorFromArray(allOf<string>(blocks, 'string'), new Utf8()).data[0] ?? noData(0);
  if (DataType.isBool(type))
    return vectorFromArray(allOf<boolean>(blocks, 'boolean'), new Bool()).data[0] ?? noData(0);
  if (DataType.isInt(type) || DataType.isFloat(type)) return numberData(type, blocks, length);
  return noData(length);
}

function allOf<T>(blocks: ColumnBlocks, kind: 'string' | 'boolean'): (T | null)[] {
  const all: (T | null)[] = [];
  for (const block of blocks) {
    for (let i = 0; i < block.length; i++) {
      const value = block[i] ?? null;
      if (value !== null && typeof value !== kind)
        throw parquetCorrupt('a column holds values of another type');
      all.push(value as T | null);
    }
  }
  return all;
}

/** Numbers with a bit for each that is there. */
function numberData(type: DataType, blocks: ColumnBlocks, length: number): Data {
  const values = new type.ArrayType(length) as { [at: number]: unknown };
  const isBig = values instanceof BigInt64Array || values instanceof BigUint64Array;
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
      if (typeof value !== (isBig ? 'bigint' : 'number'))
        throw parquetCorrupt('a column holds values of another type');
      values[at] = value;
      valid[at >> 3] |= 1 << (at & 7);
    }
  }
  return makeData({
    type,
    length,
    nullCount,
    nullBitmap: nullCount > 0 ? valid : null,
    data: values,
  } as never);
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
