import type { Dataset, MatrixInfo, MatrixName } from './dataset.ts';
import { DataError } from './errors.ts';
import { addRows, describeSample, emptySample, isCounts, type MatrixSample } from './matrix-sample.ts';

export interface MatrixScan {
  readonly matrix: MatrixInfo;
  /** True where the values looked at are non-negative integers, some of them above 0. */
  readonly counts: boolean;
  /** e.g. "whole numbers, library sizes 512–48,210", "has negative values: scaled". */
  readonly finding: string;
}

export interface CountsChoice {
  readonly scans: readonly MatrixScan[];
  /** The matrix taken for raw counts; null = none looks like counts. */
  readonly counts: MatrixName | null;
  /** One sentence why. */
  readonly reason: string;
  /** Sum of the chosen matrix's first row; null without a choice. */
  readonly firstCellSum: number | null;
}

/** Matrices with at most this many stored values are looked at whole. */
const WHOLE = 2_000_000;
/** Rows read at once. */
const BLOCK = 256;
/** A larger matrix is looked at in this many blocks of SAMPLE_ROWS, spread over the file (rows are often sorted). */
const SAMPLE_BLOCKS = 16;
const SAMPLE_ROWS = 32;

/** Layer names by how surely they hold raw counts; RNA velocity's parts are counts too, but of some reads only. */
const LAYER_ORDER = ['counts', 'raw_counts', 'count', 'raw', 'umi', 'umis', 'umi_counts'];
const LAYERS_LAST = ['spliced', 'unspliced', 'ambiguous', 'matrix'];

/**
 * The matrix that holds raw counts: raw/X, else X, else a layer, whichever first consists of non-negative
 * integers. Reads sampled rows of every matrix.
 * @throws DataError where a matrix is damaged, or none is of a kind that can be read.
 */
export async function chooseCounts(dataset: Dataset, signal?: AbortSignal): Promise<CountsChoice> {
  if (dataset.matrices.length === 0)
    return none([], 'The file holds no matrix: X, raw/X and layers are missing.');
  if (dataset.nObs === 0) return none([], 'The file has no cells.');
  const scans: MatrixScan[] = [];
  const unread: DataError[] = [];
  for (const matrix of dataset.matrices) {
    try {
      const sample = await sampleMatrix(dataset, matrix, signal);
      scans.push({ matrix, counts: isCounts(sample), finding: describeSample(sample) });
    } catch (error) {
      // One matrix of a kind not supported does not spoil the others.
      if (!(error instanceof DataError && error.code.startsWith('unsupported'))) throw error;
      unread.push(error);
      scans.push({ matrix, counts: false, finding: `cannot be read (${error.message})` });
    }
  }
  if (unread.length === scans.length) throw unread[0];
  const candidates = scans.filter((scan) => scan.counts).sort((a, b) => preference(a) - preference(b));
  const [chosen] = candidates;
  const findings = (list: readonly MatrixScan[]) =>
    list.map((s) => `${s.matrix.name}: ${s.finding}`).join('; ');
  if (!chosen) return none(scans, `No matrix holds raw counts (${findings(scans)}).`);
  const first = await dataset.rows(chosen.matrix.name, 0, 1);
  const passedOver = scans.filter((scan) => scan !== chosen && preference(scan) < preference(chosen));
  const instead = passedOver.length > 0 ? ` Not taken: ${findings(passedOver)}.` : '';
  return {
    scans,
    counts: chosen.matrix.name,
    reason: `${chosen.matrix.name} holds ${chosen.finding}.${instead}`,
    firstCellSum: first.values.reduce((sum, value) => sum + value, 0),
  };
}

function none(scans: readonly MatrixScan[], reason: string): CountsChoice {
  return { scans, counts: null, reason, firstCellSum: null };
}

function preference({ matrix: { name } }: MatrixScan): number {
  if (name === 'raw/X') return 0;
  if (name === 'X') return 1;
  const layer = name.replace(/^layers\//, '').toLowerCase();
  const known = LAYER_ORDER.indexOf(layer);
  if (known >= 0) return 2 + known;
  const last = LAYERS_LAST.indexOf(layer);
  return last >= 0 ? 200 + last : 100;
}

async function sampleMatrix(
  dataset: Dataset,
  matrix: MatrixInfo,
  signal?: AbortSignal,
): Promise<MatrixSample> {
  const sample = emptySample();
  for (const [start, end] of sampledRanges(matrix)) {
    signal?.throwIfAborted();
    addRows(sample, await dataset.rows(matrix.name, start, end));
  }
  return sample;
}

/** Ranges of rows to look at: all of a small matrix, else blocks from the first row to the last. */
export function sampledRanges({ rows, stored }: Pick<MatrixInfo, 'rows' | 'stored'>): [number, number][] {
  if (stored <= WHOLE || rows <= SAMPLE_BLOCKS * SAMPLE_ROWS) {
    const blocks = Math.ceil(rows / BLOCK);
    return Array.from({ length: blocks }, (_, b) => [b * BLOCK, Math.min((b + 1) * BLOCK, rows)]);
  }
  return Array.from({ length: SAMPLE_BLOCKS }, (_, b) => {
    const start = Math.floor((b * (rows - SAMPLE_ROWS)) / (SAMPLE_BLOCKS - 1));
    return [start, start + SAMPLE_ROWS];
  });
}
