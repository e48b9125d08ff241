import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditError } from '../../src/audit/errors.ts';
import { readSketch } from '../../src/audit/sketch-file.ts';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { chooseCounts } from '../../src/data/choose-counts.ts';
import type { Column, Dataset, SparseRows } from '../../src/data/dataset.ts';
import { DataError } from '../../src/data/errors.ts';
import type { DatasetInput } from '../../src/data/input.ts';
import { openDataset } from '../../src/data/open.ts';
import { ModelError } from '../../src/model/errors.ts';
import { memorySource } from '../../src/model/memory-source.ts';
import { openModelPackage } from '../../src/model/package.ts';
import { ProbeFileError } from '../../src/probe/file-errors.ts';
import { readProbeFile } from '../../src/probe/probe-file.ts';
import { packageOf } from '../support/files.ts';
import type { FuzzInput } from './fuzz-input.ts';

/** What came of an input. */
export interface Reading {
  /** `opened`; `refused` by one of our errors; `inconsistent` numbers; `threw` anything else. */
  readonly outcome: 'opened' | 'refused' | 'inconsistent' | 'threw';
  /** The error's code or stack, or what is inconsistent. */
  readonly detail: string;
  /** Of the counts, or of all there is where there are none; empty where it was not opened. */
  readonly digest: string;
}

/** Rows are read from both ends of a matrix, at most so many at each. */
const ROWS = 256;
const OURS = [DataError, ModelError, ProbeFileError, AuditError];

class Inconsistent extends Error {}

/** Reads all an input holds, as far as it can be read, and checks that it agrees with itself. */
export async function readWhole(input: FuzzInput, folder: string): Promise<Reading> {
  try {
    return { outcome: 'opened', detail: '', digest: await digestOf(input, folder) };
  } catch (error) {
    if (error instanceof Inconsistent) return { outcome: 'inconsistent', detail: error.message, digest: '' };
    const ours = OURS.find((kind) => error instanceof kind);
    if (ours) return { outcome: 'refused', detail: (error as DataError).code, digest: '' };
    return {
      outcome: 'threw',
      detail: error instanceof Error ? `${error.stack}` : String(error),
      digest: '',
    };
  }
}

async function digestOf({ seed, files }: FuzzInput, folder: string): Promise<string> {
  const [only] = files.values();
  const hash = createHash('sha256');
  switch (seed.family) {
    case 'probe':
      return hash.update(JSON.stringify(await readProbeFile(memorySource(only)))).digest('hex');
    case 'sketch':
      return hash.update(JSON.stringify(await readSketch(memorySource(only)))).digest('hex');
    case 'package': {
      const { weights, ...rest } = await openModelPackage(packageOf(Object.fromEntries(files)));
      for (const name of weights.tensors.keys())
        hash.update(await weights.read(name).catch(ignoreModelErrors));
      return hash.update(JSON.stringify(rest)).digest('hex');
    }
    default:
      return readDataset(writeFiles(files, folder));
  }
}

/** Tensors with values that are not finite are refused one by one. */
function ignoreModelErrors(error: unknown): Float32Array {
  if (error instanceof ModelError) return new Float32Array();
  throw error;
}

function writeFiles(files: FuzzInput['files'], folder: string): DatasetInput {
  mkdirSync(folder, { recursive: true });
  const written = [...files].map(([path, bytes]) => {
    const file = join(folder, path);
    writeFileSync(file, bytes);
    return { path, file };
  });
  return written.length === 1 ? written[0].file : written;
}

async function readDataset(input: DatasetInput): Promise<string> {
  const dataset = await openDataset(input, nodeRuntime());
  try {
    const hash = createHash('sha256');
    const choice = await chooseCounts(dataset);
    for (const { name, rows, columns } of dataset.matrices) {
      const ranges = [
        [0, Math.min(rows, ROWS)],
        [Math.max(0, rows - ROWS), rows],
      ] as const;
      for (const [start, end] of ranges) {
        const read = await readable(() => dataset.rows(name, start, end));
        if (read === null) continue;
        checkRows(read, end - start, columns);
        if (name === choice.counts)
          for (const part of [read.indptr, read.indices, read.values]) hash.update(part);
      }
      await checkLength(dataset.varNames(name), columns, 'varNames');
      for (const column of await dataset.varColumns(name))
        await checkColumn(dataset.varColumn(name, column), columns);
    }
    await checkTable(dataset);
    return hash.digest('hex');
  } finally {
    dataset.close();
  }
}

async function checkTable(dataset: Dataset): Promise<void> {
  await checkLength(dataset.obsNames(), dataset.nObs, 'obsNames');
  for (const column of dataset.obsColumns) {
    await checkColumn(dataset.obs(column), dataset.nObs);
    await readable(() => dataset.colors(column));
  }
  for (const key of dataset.obsmKeys) {
    const found = await readable(() => dataset.obsm(key));
    if (found && found.data.length !== dataset.nObs * found.columns) throw new Inconsistent(`obsm ${key}`);
  }
  await readable(() => dataset.unsString('organism'));
}

function checkRows({ rowCount, indptr, indices, values }: SparseRows, rows: number, columns: number): void {
  if (rowCount !== rows || indptr.length !== rows + 1 || indptr[0] !== 0) throw new Inconsistent('row count');
  if (indptr[rows] !== indices.length || indices.length !== values.length) throw new Inconsistent('lengths');
  for (let row = 0; row < rows; row++) {
    if (indptr[row + 1] < indptr[row]) throw new Inconsistent('indptr descends');
    for (let k = indptr[row]; k < indptr[row + 1]; k++) {
      if (indices[k] >= columns) throw new Inconsistent(`column ${indices[k]} of ${columns}`);
      if (k > indptr[row] && indices[k] <= indices[k - 1]) throw new Inconsistent('columns do not ascend');
    }
  }
}

async function checkLength(names: Promise<readonly string[]>, length: number, what: string): Promise<void> {
  const found = await readable(() => names);
  if (found === null) return;
  if (found.length !== length) throw new Inconsistent(`${found.length} ${what} of ${length}`);
  if (!found.every((name) => typeof name === 'string')) throw new Inconsistent(`${what} that are no text`);
}

async function checkColumn(reading: Promise<Column>, rows: number): Promise<void> {
  const column = await readable(() => reading);
  if (column === null) return;
  if (column.kind !== 'categorical') {
    if (column.values.length !== rows)
      throw new Inconsistent(`${column.values.length} values for ${rows} rows`);
    return;
  }
  const { codes, categories } = column;
  if (codes.length !== rows || !codes.every((code) => code >= -1 && code < categories.length)) {
    throw new Inconsistent('codes beyond the categories');
  }
}

/** A part that may be damaged while the others are read: null where it says so. */
async function readable<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DataError && error.code !== 'crashed') return null;
    throw error;
  }
}
