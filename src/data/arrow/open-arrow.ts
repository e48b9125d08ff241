import type { RecordBatch } from 'apache-arrow';
import type { ByteSource } from '../../model/byte-source.ts';
import type { Column, Dataset, MatrixInfo, SparseRows } from '../dataset.ts';
import { DataError } from '../errors.ts';
import { concatenateRows, sparseFromDense } from '../sparse-rows.ts';
import { columnData, textsOf } from './arrays.ts';
import { batchRows, type GeneNumbers, storedIn } from './count-rows.ts';
import { type ArrowLayout, type CountsLayout, readLayout } from './layout.ts';
import { collectColumn } from './obs-columns.ts';
import { arrowFailure, openRecordBatches, type RecordBatches } from './record-batches.ts';

const MAX_ROWS = 50_000_000;

/**
 * Opens an Arrow IPC file (Feather) or stream with one row a cell (docs/arrow-schema.md). One pass over the
 * batches collects obs; counts are read again by batch when asked for.
 * @throws DataError naming what is wrong.
 */
export async function openArrow(source: ByteSource, fileName: string): Promise<Dataset> {
  try {
    return await openCellTable(await openRecordBatches(source), fileName, 'arrow');
  } catch (error) {
    throw arrowFailure(error);
  }
}

/**
 * The dataset of a table with one row a cell.
 * @throws DataError, and what reading damaged batches throws
 */
export async function openCellTable(
  batches: RecordBatches,
  fileName: string,
  format: 'arrow' | 'parquet',
): Promise<Dataset> {
  const layout = readLayout(batches.schema);
  const survey = await surveyBatches(batches, layout);
  const genes = layout.geneIds ?? [...survey.numbers.keys()];
  const { rows, starts } = survey;
  const matrix: MatrixInfo = {
    name: 'X',
    storage: layout.counts.kind === 'sparse' ? 'csr' : 'dense',
    rows,
    columns: genes.length,
    stored: survey.stored,
  };
  const countColumns = columnsOfCounts(layout.counts);
  let last: { index: number; batch: RecordBatch } | null = null;

  async function batchAt(index: number): Promise<RecordBatch> {
    if (last?.index !== index) last = { index, batch: await batches.batch(index, countColumns) };
    return last.batch;
  }

  async function readRows(start: number, end: number): Promise<SparseRows> {
    const blocks: SparseRows[] = [];
    for (let index = 0; index < batches.count; index++) {
      const from = Math.max(start, starts[index]);
      const to = Math.min(end, starts[index + 1]);
      if (from >= to) continue;
      const batch = await batchAt(index);
      const shift = starts[index];
      blocks.push(batchRows(batch, layout.counts, genes.length, survey.numbers, from - shift, to - shift));
    }
    return blocks.length > 0 ? concatenateRows(blocks) : sparseFromDense([], 0, genes.length);
  }

  function known(matrixName: string): void {
    if (matrixName !== 'X')
      throw new DataError('missing', `the file has no matrix ${matrixName}`, matrixName);
  }

  return {
    format,
    fileName,
    nObs: rows,
    nVars: genes.length,
    matrices: [matrix],
    obsNames: async () => survey.names ?? Array.from({ length: rows }, (_, row) => String(row)),
    obsColumns: layout.obs.map(({ name }) => name),
    async obs(name) {
      const column = survey.obs.get(name);
      if (!column) throw new DataError('missing', `the file has no column ${name}`, name);
      return column;
    },
    async varNames(name) {
      known(name);
      return genes;
    },
    async varColumns(name) {
      known(name);
      return layout.geneSymbols ? ['feature_name'] : [];
    },
    async varColumn(name, column) {
      known(name);
      if (!layout.geneSymbols || column !== 'feature_name') {
        throw new DataError('missing', `the genes have no column ${column}`, column);
      }
      return { kind: 'string', values: layout.geneSymbols };
    },
    async rows(name, start, end) {
      known(name);
      if (!(0 <= start && start <= end && end <= rows))
        throw new RangeError(`rows ${start}–${end} of ${rows}`);
      try {
        return await readRows(start, end);
      } catch (error) {
        throw arrowFailure(error);
      }
    },
    obsmKeys: [],
    async obsm(key) {
      throw new DataError('missing', `the file has no array ${key}`, key);
    },
    colors: async () => null,
    unsString: async (key) => batches.schema.metadata.get(key) ?? null,
    close() {
      last = null;
    },
  };
}

function columnsOfCounts(counts: CountsLayout): readonly number[] {
  switch (counts.kind) {
    case 'sparse':
      return [counts.genes, counts.counts];
    case 'fixed':
      return [counts.counts];
    case 'columns':
      return counts.columns;
  }
}

interface Survey {
  readonly rows: number;
  /** [batches + 1] first row of each batch. */
  readonly starts: readonly number[];
  readonly stored: number;
  readonly obs: ReadonlyMap<string, Column>;
  readonly names: readonly string[] | null;
  readonly numbers: GeneNumbers;
}

/** Everything but the counts, and the genes where lists name them. */
async function surveyBatches(all: RecordBatches, layout: ArrowLayout): Promise<Survey> {
  const collectors = layout.obs.map(({ name, column }) => ({
    name,
    column,
    collector: collectColumn(all.schema.fields[column].type, name),
  }));
  const counts = columnsOfCounts(layout.counts);
  const named = layout.counts.kind === 'sparse' && layout.counts.named ? [layout.counts.genes] : [];
  const wanted = [
    ...layout.obs.map(({ column }) => column),
    ...(layout.obsNames === null ? [] : [layout.obsNames]),
    ...named,
  ];
  const names: string[] | null = layout.obsNames === null ? null : [];
  const numbers = new Map<string, number>();
  const starts = [0];
  let stored = 0;
  for (let index = 0; index < all.count; index++) {
    const batch = await all.batch(index, wanted);
    const end = starts[index] + batch.numRows;
    if (!(batch.numRows >= 0 && end <= MAX_ROWS)) {
      throw new DataError('too-large', `the Arrow file claims ${end} rows`);
    }
    starts.push(end);
    stored += all.stored ? all.stored(index, counts) : storedIn(batch, layout.counts);
    for (const { column, collector } of collectors) collector.add(columnData(batch, column));
    if (names !== null && layout.obsNames !== null) {
      for (const name of textsOf(columnData(batch, layout.obsNames))) names.push(name ?? '');
    }
    if (layout.counts.kind === 'sparse' && layout.counts.named) {
      for (const gene of textsOf(columnData(batch, layout.counts.genes).children[0])) {
        if (gene !== null && !numbers.has(gene)) numbers.set(gene, numbers.size);
      }
    }
  }
  const obs = new Map(collectors.map(({ name, collector }) => [name, collector.finish()]));
  return { rows: starts[starts.length - 1], starts, stored, obs, names, numbers };
}
