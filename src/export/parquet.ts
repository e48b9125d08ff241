import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { Column } from '../data/dataset.ts';
import { type ExportTable, flatNames, integersOf, type NamedEmbedding, textAt, uniqueName } from './table.ts';

/** Cells written at once: lists become arrays of JavaScript while they are encoded. */
const ROWS_AT_ONCE = 2048;
/** Two plain columns instead of a list, for tools that plot. */
const LAYOUT_KEY = 'X_teddy_umap';

/**
 * The table as Parquet: `cell`, all columns (missing values as nulls), each embedding as one list of numbers, our layout as
 * `X_teddy_umap_1` and `_2`. How the numbers came about stands as JSON under `teddy` of the key-value metadata, colours
 * under `<column>_colors`.
 * @param pause called between blocks of cells with how many are done; it may throw to cancel
 */
export async function toParquet(
  table: ExportTable,
  pause: (done: number) => Promise<void>,
): Promise<Uint8Array<ArrayBuffer>> {
  const fields = fieldsOf(table);
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: [{ name: 'schema', num_children: fields.length }, ...fields.flatMap(({ schema }) => schema)],
    kvMetadata: [
      { key: 'teddy', value: JSON.stringify(table.about) },
      ...Object.entries(table.colors).map(([name, colors]) => ({
        key: `${name}_colors`,
        value: JSON.stringify(colors),
      })),
    ],
    createdBy: 'teddy-web',
  });
  const cells = table.obsNames.length;
  for (let from = 0; from < cells; from += ROWS_AT_ONCE) {
    await pause(from);
    const to = Math.min(from + ROWS_AT_ONCE, cells);
    const columnData = fields.map(
      ({ schema, values, packed }): ColumnSource => ({
        name: schema[0].name,
        data: values(from, to),
        ...(packed ? {} : { codec: 'UNCOMPRESSED', statistics: false }),
      }),
    );
    await parquet.write({ columnData, rowGroupSize: ROWS_AT_ONCE });
  }
  await parquet.finish();
  return new Uint8Array(writer.getBuffer());
}

/** A column of the file: its schema, and the values of some rows. */
interface Field {
  readonly schema: readonly SchemaElement[];
  readonly values: (from: number, to: number) => ColumnSource['data'];
  /** Whether packing is worth it: embeddings do not shrink. */
  readonly packed: boolean;
}

function fieldsOf(table: ExportTable): Field[] {
  const names = flatNames(table);
  const taken = new Set([names.cell, ...table.columns.map(({ name }) => name), ...names.embeddings]);
  return [
    textField(names.cell, (i) => table.obsNames[i]),
    ...table.columns.map(({ name, column }) => columnField(name, column)),
    ...table.embeddings.flatMap((embedding, e) =>
      embedding.key === LAYOUT_KEY
        ? axisFields(embedding, taken)
        : [listField(names.embeddings[e], embedding)],
    ),
  ];
}

function columnField(name: string, column: Column): Field {
  switch (column.kind) {
    case 'categorical':
    case 'string':
      return textField(name, (i) => textAt(column, i));
    case 'boolean':
      return field({ name, type: 'BOOLEAN' }, (i) => (column.missing?.[i] ? null : column.values[i] === 1));
    case 'numeric': {
      const { values } = column;
      const integers = integersOf(column);
      if (!integers) return field({ name, type: 'DOUBLE' }, (i) => orNull(values[i]));
      return field(
        {
          name,
          type: integers instanceof Int32Array ? 'INT32' : 'INT64',
          ...(integers instanceof BigUint64Array ? { converted_type: 'UINT_64' } : {}),
        },
        (i) => (Number.isNaN(values[i]) ? null : integers[i]),
      );
    }
  }
}

function textField(name: string, text: (row: number) => string | null): Field {
  return field({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8' }, text);
}

function field(
  schema: SchemaElement,
  value: (row: number) => string | number | bigint | boolean | null,
): Field {
  return {
    schema: [{ ...schema, repetition_type: 'OPTIONAL' }],
    values: (from, to) => Array.from({ length: to - from }, (_, i) => value(from + i)),
    packed: true,
  };
}

function listField(name: string, { data, columns }: NamedEmbedding): Field {
  const type = data instanceof Float64Array ? 'DOUBLE' : 'FLOAT';
  return {
    schema: [
      { name, repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type, repetition_type: 'REQUIRED' },
    ],
    values: (from, to) =>
      Array.from({ length: to - from }, (_, i) =>
        Array.from(data.subarray((from + i) * columns, (from + i + 1) * columns)),
      ),
    packed: false,
  };
}

function axisFields({ key, data, columns }: NamedEmbedding, taken: Set<string>): Field[] {
  const type = data instanceof Float64Array ? 'DOUBLE' : 'FLOAT';
  return Array.from({ length: columns }, (_, axis) => {
    const name = uniqueName(`${key}_${axis + 1}`, taken);
    return { ...field({ name, type }, (i) => orNull(data[i * columns + axis])), packed: false };
  });
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
