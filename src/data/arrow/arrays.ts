import { type Data, DataType, type RecordBatch, Type, Vector } from 'apache-arrow';
import { DataError } from '../errors.ts';

/** The column at a position of a batch, with as many rows as the batch says. */
export function columnData(batch: RecordBatch, column: number): Data {
  const data = batch.data.children[column];
  if (!data || data.length !== batch.numRows) throw corrupt('a column is shorter than its batch');
  return data;
}

/** Numbers of a numeric column or list child; missing ones are NaN. */
export function numbersOf(data: Data): ArrayLike<number> {
  if (!DataType.isInt(data.type) && !DataType.isFloat(data.type)) throw corrupt('a column changed its type');
  const raw = data.values as ArrayLike<number> | BigInt64Array | BigUint64Array;
  if (raw.length < data.length) throw corrupt('a column holds fewer values than it says');
  const big = raw instanceof BigInt64Array || raw instanceof BigUint64Array;
  const values = big ? Float64Array.from(raw.subarray(0, data.length), Number) : (raw as ArrayLike<number>);
  if (data.nullCount === 0) return values;
  const copy = Float64Array.from({ length: data.length }, (_, i) => values[i]);
  for (let i = 0; i < copy.length; i++) if (!data.getValid(i)) copy[i] = Number.NaN;
  return copy;
}

/** Texts of a string or dictionary column; null where missing. */
export function textsOf(data: Data): (string | null)[] {
  const dictionary = dictionaryOf(data);
  if (dictionary) {
    const codes = codesOf(data, dictionary.length);
    return Array.from(codes, (code) => (code < 0 ? null : dictionary[code]));
  }
  if (data.length > 0 && data.valueOffsets === undefined && data.typeId !== Type.Utf8View) {
    throw corrupt('a text column has no offsets');
  }
  const needed = data.typeId === Type.Utf8View ? 0 : data.length + 1;
  if ((data.valueOffsets?.length ?? 0) < needed && data.length > 0) throw corrupt('a text column is cut off');
  return Array.from(new Vector([data]), (value) => (value == null ? null : String(value)));
}

/** The categories of a dictionary column, or null for other columns. */
export function dictionaryOf(data: Data): readonly string[] | null {
  if (!DataType.isDictionary(data.type)) return null;
  if (!data.dictionary) throw corrupt('a dictionary is missing');
  return Array.from(data.dictionary, (value) => String(value ?? ''));
}

/** Codes of a dictionary column, −1 = missing. */
export function codesOf(data: Data, categories: number): Int32Array {
  const raw = data.values as ArrayLike<number | bigint>;
  if (raw.length < data.length) throw corrupt('a column holds fewer values than it says');
  const codes = new Int32Array(data.length);
  for (let i = 0; i < codes.length; i++) {
    const code = data.getValid(i) ? Number(raw[i]) : -1;
    if (code >= categories)
      throw new DataError('bad-index', `a column has the code ${code} of ${categories}`);
    codes[i] = Math.max(code, -1);
  }
  return codes;
}

/** Booleans of a bit-packed column: 1, 0, or −1 where missing. */
export function booleansOf(data: Data): Int8Array {
  const bits = data.values as Uint8Array;
  if (bits.length * 8 < data.length) throw corrupt('a column holds fewer values than it says');
  const values = new Int8Array(data.length);
  for (let i = 0; i < values.length; i++) {
    values[i] = data.getValid(i) ? (bits[i >> 3] >> (i & 7)) & 1 : -1;
  }
  return values;
}

/**
 * Offsets [rows + 1] of a list column, checked to ascend within its items; a missing list must be empty.
 */
export function listOffsets(data: Data): Float64Array {
  const raw = data.valueOffsets as ArrayLike<number | bigint> | undefined;
  if (data.length === 0) return new Float64Array(1);
  if (!raw || raw.length < data.length + 1) throw corrupt('a list column has no offsets');
  const offsets = Float64Array.from({ length: data.length + 1 }, (_, i) => Number(raw[i]));
  const items = data.children[0]?.length ?? 0;
  for (let i = 0; i < data.length; i++) {
    const valid = offsets[i] >= 0 && offsets[i + 1] >= offsets[i] && offsets[i + 1] <= items;
    if (!valid) throw new DataError('bad-index', `the lists of a column run over at row ${i}`);
    if (offsets[i + 1] > offsets[i] && !data.getValid(i)) {
      throw new DataError('bad-schema', `a column has a missing list that is not empty at row ${i}`);
    }
  }
  return offsets;
}

function corrupt(detail: string): DataError {
  return new DataError('corrupt', `the table is damaged: ${detail}`);
}
