import {
  type Data,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Int16,
  type Int32,
  LargeList,
  List,
  makeData,
  makeVector,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { openArrow } from '../../src/data/arrow/open-arrow.ts';
import type { ByteSource } from '../../src/model/byte-source.ts';

const GENES = ['ENSG00000000003', 'ENSG00000000005', 'ENSG00000000419', 'ENSG00000000457', 'ENSG00000000460'];
const METADATA = new Map([['gene_ids', JSON.stringify(GENES)]]);

function source(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: async (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length)),
  };
}

interface Part {
  readonly name: string;
  readonly data: Data;
}

function batchOf(parts: readonly Part[], metadata: Map<string, string>): RecordBatch {
  const fields = parts.map(({ name, data }) => new Field(name, data.type, true));
  const schema = new Schema(fields, metadata);
  const { length } = parts[0].data;
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(fields), length, children: parts.map(({ data }) => data) }),
  );
}

function file(batches: readonly RecordBatch[]): ByteSource {
  return source(RecordBatchFileWriter.writeAll(batches).toUint8Array(true));
}

const int32 = (values: number[]) => makeVector(Int32Array.from(values)).data[0];
const float32 = (values: number[]) => makeVector(Float32Array.from(values)).data[0];

function listOf(offsets: number[], child: Data): Data {
  const type = new List(new Field('item', child.type, true));
  return makeData({
    type,
    length: offsets.length - 1,
    nullCount: 0,
    valueOffsets: Int32Array.from(offsets),
    child,
  });
}

/** Two batches: cells 0–2 and 3–4; the second cell is empty, the fifth out of order with a repeat and a zero. */
function sparseBatches(metadata = METADATA, names = ['gene_indices', 'counts']): RecordBatch[] {
  const strings = (values: string[]) => vectorFromArray(values, new Utf8()).data[0];
  const labels = vectorFromArray(['T', 'B', null, 'NK', 'T'], new Dictionary(new Utf8(), new Int16(), 7));
  return [
    batchOf(
      [
        { name: 'barcode', data: strings(['AAA', 'AAC', 'AAG']) },
        { name: 'cell_type', data: labels.slice(0, 3).data[0] },
        { name: names[0], data: listOf([0, 2, 2, 5], int32([0, 4, 1, 2, 3])) },
        { name: names[1], data: listOf([0, 2, 2, 5], float32([3, 1, 7, 2, 9])) },
      ],
      metadata,
    ),
    batchOf(
      [
        { name: 'barcode', data: strings(['AAT', 'ACA']) },
        { name: 'cell_type', data: labels.slice(3, 5).data[0] },
        { name: names[0], data: listOf([0, 1, 5], int32([2, 4, 0, 4, 1])) },
        { name: names[1], data: listOf([0, 1, 5], float32([6, 1, 5, 2, 0])) },
      ],
      metadata,
    ),
  ];
}

describe('an Arrow table with lists of gene indices and counts', () => {
  it('a wide table keeps every gene: ids among symbols, symbols that look like measures', async () => {
    const genes = [
      ...['EPCAM', 'PCTP', 'PROB1', 'PCA3', 'HPCAL1', 'ENSG00000228327', 'ENSG00000237491'],
      ...Array.from({ length: 60 }, (_, i) => `GENE${i}`),
    ];
    const measures = [
      'nCount_RNA',
      'pct_counts_mt',
      'percent.mt',
      'S_score',
      'doubletScore',
      'UMAP_1',
      'umap2',
    ];
    const more = ['X_pca_1', 'cell_type_prob', 'total_counts'];
    const parts = [...genes, ...measures, ...more].map((name, i) => ({ name, data: int32([i]) }));
    const dataset = await openArrow(file([batchOf(parts, new Map())]), 'wide.arrow');
    expect(await dataset.varNames('X')).toEqual(genes);
    expect(dataset.obsColumns).toEqual([...measures, ...more]);
  });

  it('a few numbers beside ids are of the cells', async () => {
    const parts = [...GENES, 'age'].map((name, i) => ({ name, data: int32([i]) }));
    const dataset = await openArrow(file([batchOf(parts, new Map())]), 'narrow.arrow');
    expect(await dataset.varNames('X')).toEqual(GENES);
    expect(dataset.obsColumns).toEqual(['age']);
  });

  it('reads rows across batches: ascending, repeats summed, zeros left out', async () => {
    const dataset = await openArrow(file(sparseBatches()), 'cells.arrow');
    expect([dataset.nObs, dataset.nVars, dataset.matrices[0].stored]).toEqual([5, 5, 10]);
    expect(await dataset.varNames('X')).toEqual(GENES);
    expect(await dataset.rows('X', 1, 5)).toEqual({
      rowCount: 4,
      indptr: Uint32Array.of(0, 0, 3, 4, 6),
      indices: Uint32Array.of(1, 2, 3, 2, 0, 4),
      values: Float64Array.of(7, 2, 9, 6, 5, 3),
    });
    expect(await dataset.obsNames()).toEqual(['AAA', 'AAC', 'AAG', 'AAT', 'ACA']);
    expect(await dataset.obs('cell_type')).toEqual({
      kind: 'categorical',
      codes: Int32Array.of(0, 1, -1, 2, 0),
      categories: ['T', 'B', 'NK'],
      ordered: false,
    });
  });

  it('reads the same from a stream, and under names told in the metadata', async () => {
    const teddy = JSON.stringify({
      indices: 'g',
      counts: 'n',
      gene_ids: GENES,
      gene_symbols: ['A', 'B', 'C', 'D', 'E'],
    });
    const batches = sparseBatches(new Map([['teddy', teddy]]), ['g', 'n']);
    const stream = source(RecordBatchStreamWriter.writeAll(batches).toUint8Array(true));
    const [fromStream, fromFile] = [
      await openArrow(stream, 's'),
      await openArrow(file(sparseBatches()), 'f'),
    ];
    expect(await fromStream.rows('X', 0, 5)).toEqual(await fromFile.rows('X', 0, 5));
    expect(await fromStream.varColumn('X', 'feature_name')).toEqual({
      kind: 'string',
      values: ['A', 'B', 'C', 'D', 'E'],
    });
  });

  it('large lists read like lists', async () => {
    const large = (offsets: bigint[], child: Data) =>
      makeData({
        type: new LargeList(new Field('item', child.type, true)),
        length: offsets.length - 1,
        nullCount: 0,
        valueOffsets: BigInt64Array.from(offsets),
        child,
      });
    const batch = batchOf(
      [
        { name: 'gene_indices', data: large([0n, 1n, 3n], int32([2, 3, 1])) },
        { name: 'counts', data: large([0n, 1n, 3n], float32([4, 8, 2])) },
      ],
      METADATA,
    );
    const dataset = await openArrow(file([batch]), 'large.arrow');
    expect(await dataset.rows('X', 0, 2)).toMatchObject({
      indices: Uint32Array.of(2, 1, 3),
      values: Float64Array.of(4, 2, 8),
    });
  });

  it.each([
    ['a gene beyond the last', 'bad-index', [0, 2], [0, 5], [0, 2], METADATA],
    ['lists of different lengths', 'bad-shape', [0, 2], [0, 4], [0, 1], METADATA],
    ['no gene names', 'bad-schema', [0, 2], [0, 4], [0, 2], new Map<string, string>()],
    ['gene names that are no JSON', 'bad-schema', [0, 2], [0, 4], [0, 2], new Map([['gene_ids', '[']])],
    ['offsets beyond the items', 'corrupt', [0, 9], [0, 4], [0, 9], METADATA],
    ['offsets that descend', 'bad-index', [2, 0], [0, 4], [2, 0], METADATA],
  ] as const)('%s: %s', async (_, code, geneOffsets, genes, countOffsets, metadata) => {
    const batch = batchOf(
      [
        { name: 'gene_indices', data: listOf([...geneOffsets], int32([...genes])) },
        { name: 'counts', data: listOf([...countOffsets], float32([1, 2])) },
      ],
      new Map(metadata),
    );
    const read = openArrow(file([batch]), 'bad.arrow').then((dataset) => dataset.rows('X', 0, 1));
    await expect(read).rejects.toMatchObject({ name: 'DataError', code });
  });
});

describe('a dense Arrow table', () => {
  function fixed(size: number, values: number[]): Data {
    const child = float32(values);
    const type = new FixedSizeList(size, new Field('item', new Float32(), true));
    return makeData({ type, length: values.length / size, nullCount: 0, child });
  }

  it('fixed-size lists', async () => {
    const batch = batchOf([{ name: 'counts', data: fixed(5, [0, 1, 0, 2, 0, 3, 0, 0, 0, 4]) }], METADATA);
    const dataset = await openArrow(file([batch]), 'dense.arrow');
    expect(await dataset.rows('X', 0, 2)).toEqual({
      rowCount: 2,
      indptr: Uint32Array.of(0, 2, 4),
      indices: Uint32Array.of(1, 3, 0, 4),
      values: Float64Array.of(1, 2, 3, 4),
    });
  });

  it('another number of genes than names is refused', async () => {
    const batch = batchOf([{ name: 'counts', data: fixed(4, [0, 1, 0, 2]) }], METADATA);
    await expect(openArrow(file([batch]), 'x')).rejects.toMatchObject({ code: 'bad-schema' });
  });

  it('a table without counts is refused in words', async () => {
    const batch = batchOf(
      [{ name: 'age', data: makeVector(new Int32Array(3)).data[0] as Data<Int32> }],
      new Map(),
    );
    await expect(openArrow(file([batch]), 'x')).rejects.toThrow(/no counts we recognise/);
  });
});
