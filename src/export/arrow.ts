import {
  Bool,
  type Data,
  type DataType,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  Int64,
  makeData,
  makeVector,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Uint64,
  Utf8,
} from 'apache-arrow';
import type { Column } from '../data/dataset.ts';
import { type ExportTable, flatNames, integersOf } from './table.ts';

/**
 * The table as an Arrow IPC file: `cell`, all columns (categoricals as dictionaries, missing values as
 * nulls), each embedding as one fixed-size list of float32. Built from typed arrays: apache-arrow's
 * Builder compiles functions, which the page's policy forbids.
 */
export function toArrow(table: ExportTable): Uint8Array<ArrayBuffer> {
  const length = table.obsNames.length;
  const fields: Field[] = [];
  const children: Data[] = [];
  const add = (name: string, data: Data) => {
    fields.push(new Field(name, data.type, true));
    children.push(data);
  };
  const names = flatNames(table);
  add(names.cell, utf8Data(table.obsNames));
  for (const { name, column } of table.columns) add(name, columnData(column));
  for (const [e, { data, columns }] of table.embeddings.entries()) {
    const item = data instanceof Float64Array ? new Float64() : new Float32();
    const values: Data = makeData({ type: item, length: length * columns, data });
    const type = new FixedSizeList(columns, new Field<DataType>('item', item, false));
    add(names.embeddings[e], makeData({ type, length, nullCount: 0, child: values }));
  }
  const metadata = new Map([['teddy', JSON.stringify(table.about)]]);
  for (const [name, colors] of Object.entries(table.colors)) {
    metadata.set(`${name}_colors`, JSON.stringify(colors));
  }
  const schema = new Schema(fields, metadata);
  const batch = new RecordBatch(
    schema,
    makeData({ type: new Struct(fields), length, nullCount: 0, children }),
  );
  return new Uint8Array(tableToIPC(new Table(schema, [batch]), 'file'));
}

function columnData(column: Column): Data {
  switch (column.kind) {
    case 'categorical': {
      const valid = Uint8Array.from(column.codes, (code) => (code >= 0 ? 1 : 0));
      return makeData({
        type: new Dictionary(new Utf8(), new Int32(), null, column.ordered),
        length: column.codes.length,
        ...validity(valid),
        data: column.codes.map((code) => Math.max(0, code)),
        dictionary: makeVector(utf8Data(column.categories)),
      });
    }
    case 'string':
      return utf8Data(column.values);
    case 'numeric': {
      const { values } = column;
      const valid = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1));
      const common = { length: values.length, ...validity(valid) };
      const data = integersOf(column);
      if (data instanceof Int32Array) return makeData({ type: new Int32(), ...common, data });
      if (data instanceof BigInt64Array) return makeData({ type: new Int64(), ...common, data });
      if (data instanceof BigUint64Array) return makeData({ type: new Uint64(), ...common, data });
      return makeData({ type: new Float64(), ...common, data: values });
    }
    case 'boolean': {
      const valid = column.values.map((_, i) => (column.missing?.[i] ? 0 : 1));
      return makeData({
        type: new Bool(),
        length: column.values.length,
        ...validity(valid),
        data: packed(column.values),
      });
    }
  }
}

function utf8Data(values: readonly (string | null)[]): Data<Utf8> {
  const encoder = new TextEncoder();
  const encoded = values.map((value) => encoder.encode(value ?? ''));
  const valueOffsets = new Int32Array(values.length + 1);
  for (const [i, bytes] of encoded.entries()) valueOffsets[i + 1] = valueOffsets[i] + bytes.length;
  const data = new Uint8Array(valueOffsets[values.length]);
  for (const [i, bytes] of encoded.entries()) data.set(bytes, valueOffsets[i]);
  const valid = Uint8Array.from(values, (value) => (value === null ? 0 : 1));
  return makeData({ type: new Utf8(), length: values.length, ...validity(valid), valueOffsets, data });
}

/** Arrow's bitmap of values that are there; left out where all are. */
function validity(valid: Uint8Array): { nullCount: number; nullBitmap?: Uint8Array } {
  const nullCount = valid.reduce((sum, bit) => sum + 1 - bit, 0);
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap: packed(valid) };
}

/** Bits, least significant first, padded to 8 bytes. */
function packed(flags: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(flags.length / 64) * 8);
  for (let i = 0; i < flags.length; i++) if (flags[i]) bits[i >> 3] |= 1 << (i & 7);
  return bits;
}
