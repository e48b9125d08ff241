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
  makeData,
  makeVector,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Utf8,
} from 'apache-arrow';
import type { Column } from '../data/dataset.ts';
import type { ExportTable } from './table.ts';

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
  const taken = new Set(table.columns.map(({ name }) => name));
  add(taken.has('cell') ? 'cell_name' : 'cell', utf8Data(table.obsNames));
  for (const { name, column } of table.columns) add(name, columnData(column));
  for (const { key, data, columns } of table.embeddings) {
    const item = data instanceof Float64Array ? new Float64() : new Float32();
    const values: Data = makeData({ type: item, length: length * columns, data });
    const type = new FixedSizeList(columns, new Field<DataType>('item', item, false));
    add(key, makeData({ type, length, nullCount: 0, child: values }));
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
      const valid = Uint8Array.from(column.values, (value) => (Number.isNaN(value) ? 0 : 1));
      const int32 =
        column.integer && column.values.every((value) => Number.isNaN(value) || (value | 0) === value);
      const { length } = column.values;
      return int32
        ? makeData({
            type: new Int32(),
            length,
            ...validity(valid),
            data: Int32Array.from(column.values, (v) => v | 0),
          })
        : makeData({ type: new Float64(), length, ...validity(valid), data: column.values });
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
