import {
  Bool,
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  Null,
  Schema,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { type FileMetaData, parquetSchema, type SchemaElement, type SchemaTree } from 'hyparquet';
import { DataError } from '../errors.ts';

const PLAIN_INTEGERS = /^U?INT_(8|16|32|64)$/;

/**
 * The schema as Arrow has it, so that the layout of cells is read off it by the same rules (docs/arrow-schema.md).
 * What has no place in them becomes a column of type null. Lists as long as there are genes are of fixed size:
 * Parquet does not know such.
 */
export function arrowSchemaOf(metadata: FileMetaData): Schema {
  const about = new Map(
    metadata.key_value_metadata?.flatMap(({ key, value }) => (value === undefined ? [] : [[key, value]])),
  );
  const genes = geneCount(about);
  const rows = Number(metadata.num_rows);
  let leaf = 0;
  const fields = parquetSchema(metadata).children.map((node) => {
    const first = leaf;
    leaf += leavesOf(node);
    const type = typeOf(node);
    const isFixed = genes !== null && rows > 0 && type instanceof List && !isIndexName(node.element.name);
    const values = isFixed ? valuesOf(metadata, first) : 0;
    const child = type instanceof List ? type.children[0] : null;
    const fixed = child && isFixed && values === rows * genes ? new FixedSizeList(genes, child) : type;
    return new Field(node.element.name, fixed, true);
  });
  return new Schema(fields, about);
}

/** Lists of positions are as long as those of counts, and must not be taken for rows of a dense matrix. */
function isIndexName(name: string): boolean {
  return /ind(ex|ices)|gene/i.test(name);
}

function geneCount(about: ReadonlyMap<string, string>): number | null {
  for (const text of [about.get('gene_ids'), about.get('teddy')]) {
    if (text === undefined) continue;
    try {
      const value: unknown = JSON.parse(text);
      const list = Array.isArray(value) ? value : (value as { gene_ids?: unknown } | null)?.gene_ids;
      if (Array.isArray(list)) return list.length;
    } catch {
      throw new DataError('bad-schema', 'the schema metadata is not the JSON it should be');
    }
  }
  return null;
}

function valuesOf(metadata: FileMetaData, leaf: number): number {
  return metadata.row_groups.reduce(
    (sum, { columns }) => sum + Number(columns[leaf].meta_data?.num_values ?? 0),
    0,
  );
}

/** Physical columns below a node. */
export function leavesOf(node: SchemaTree): number {
  return node.children.length === 0 ? 1 : node.children.reduce((sum, child) => sum + leavesOf(child), 0);
}

function typeOf(node: SchemaTree): DataType {
  const item = itemOf(node);
  if (item) {
    const type = elementType(item.element);
    return type instanceof Null ? type : new List(new Field('item', type, true));
  }
  return node.children.length > 0 ? new Null() : elementType(node.element);
}

/** The leaf of a list of values; null for all else. */
function itemOf(node: SchemaTree): SchemaTree | null {
  if (node.children.length === 0) return node.element.repetition_type === 'REPEATED' ? node : null;
  const isList = node.element.converted_type === 'LIST' || node.element.logical_type?.type === 'LIST';
  const [repeated, ...others] = node.children;
  if (!isList || others.length > 0 || repeated.element.repetition_type !== 'REPEATED') return null;
  if (repeated.children.length === 0) return repeated;
  return repeated.children.length === 1 && repeated.children[0].children.length === 0
    ? repeated.children[0]
    : null;
}

function elementType({ type, converted_type, logical_type }: SchemaElement): DataType {
  const logical = logical_type?.type;
  switch (type) {
    case 'BOOLEAN':
      return new Bool();
    case 'FLOAT':
      return new Float32();
    case 'DOUBLE':
      return new Float64();
    case 'BYTE_ARRAY':
      return [undefined, 'UTF8', 'ENUM'].includes(converted_type) &&
        [undefined, 'STRING', 'ENUM'].includes(logical)
        ? new Utf8()
        : new Null();
    case 'INT32':
    case 'INT64': {
      const isPlain =
        (converted_type === undefined || PLAIN_INTEGERS.test(converted_type)) &&
        (logical === undefined || logical === 'INTEGER');
      if (!isPlain) return new Null();
      const unsigned =
        converted_type?.startsWith('U') || (logical_type?.type === 'INTEGER' && !logical_type.isSigned);
      if (type === 'INT32') return unsigned ? new Uint32() : new Int32();
      return unsigned ? new Uint64() : new Int64();
    }
    default:
      return new Null();
  }
}
