import type { Dataset, MatrixInfo, MatrixName } from './dataset.ts';
import { emptyDropletsNote } from './empty-droplets.ts';
import { DataError } from './errors.ts';
import type { CountUnit } from './log-counts.ts';
import {
  addRows,
  describeSample,
  emptySample,
  isCounts,
  type MatrixSample,
  scaleOf,
} from './matrix-sample.ts';
import { offerOf, recoverable } from './offers.ts';
import { recoveredName, withRecoveredCounts } from './recovered-matrix.ts';
import { sampledRanges } from './sampled-ranges.ts';

export interface MatrixScan {
  readonly matrix: MatrixInfo;
  /** True where the values looked at are non-negative integers, some of them above 0. */
  readonly counts: boolean;
  /** e.g. "whole numbers, library sizes 512–48,210", "has negative values: scaled". */
  readonly finding: string;
  /**
   * The matrix holds no counts as they were counted, and may be read as such if the user asks for it: what
   * to know before. Absent = it holds counts, or may not be read.
   */
  readonly offer?: string;
  /** Set where the matrix is not stored: its counts are recovered from a log-normalised one in this unit. */
  readonly recoveredIn?: CountUnit;
}

export interface CountsChoice {
  readonly scans: readonly MatrixScan[];
  /** The matrix taken for raw counts; null = none looks like counts. */
  readonly counts: MatrixName | null;
  /** One sentence why. */
  readonly reason: string;
  /** Sum of the chosen matrix's first row; null without a choice. */
  readonly firstCellSum: number | null;
  /** A sentence where most rows look like empty droplets. */
  readonly emptyNote: string | null;
}

/** True where a matrix may be read as counts: it holds them, or it is offered. */
export function isReadable({ counts, offer }: MatrixScan): boolean {
  return counts || offer !== undefined;
}

/** Layer names by how surely they hold raw counts; RNA velocity's parts are counts too, but of some reads only. */
const LAYER_ORDER = ['counts', 'raw_counts', 'count', 'raw', 'umi', 'umis', 'umi_counts'];
const LAYERS_LAST = ['spliced', 'unspliced', 'ambiguous', 'matrix'];

/**
 * The matrix that holds raw counts: raw/X, else X, else a layer, whichever first consists of non-negative
 * integers. Reads sampled rows of every matrix. Matrices that counts can be recovered from, or that hold
 * other than whole counts, are offered with what to know about them and never chosen.
 * @throws DataError where a matrix is damaged, or none is of a kind that can be read.
 */
export async function chooseCounts(dataset: Dataset, signal?: AbortSignal): Promise<CountsChoice> {
  if (dataset.matrices.length === 0)
    return none([], 'The file holds no matrix: X, raw/X and layers are missing.');
  if (dataset.nObs === 0) return none([], 'The file has no cells.');
  const scans: MatrixScan[] = [];
  const totals = new Map<MatrixName, readonly number[]>();
  const unread: DataError[] = [];
  let scaled = false;
  for (const matrix of dataset.matrices) {
    try {
      const sample = await sampleMatrix(dataset, matrix, signal);
      totals.set(matrix.name, sample.totals);
      scaled ||= scaleOf(sample) === 'negative';
      scans.push({ matrix, counts: isCounts(sample), finding: describeSample(sample), ...offerOf(sample) });
      if (scaleOf(sample) === 'logged') {
        const recovered = await recoverable(dataset, matrix, signal);
        if (recovered) scans.push(recovered);
      }
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
  if (!chosen) {
    const stored = scans.filter(({ recoveredIn }) => recoveredIn === undefined);
    const offered = scans.filter(({ offer }) => offer !== undefined).map(({ matrix }) => matrix.name);
    const notes = [
      `No matrix holds raw counts (${findings(stored)}).`,
      scaled && offered.length === 0 ? 'Counts cannot be recovered from scaled values.' : '',
      offered.length > 0 ? `May be read if you choose so: ${offered.join(', ')}.` : '',
    ];
    return none(scans, notes.filter(Boolean).join(' '));
  }
  const first = await dataset.rows(chosen.matrix.name, 0, 1);
  const passedOver = scans.filter((scan) => scan !== chosen && preference(scan) < preference(chosen));
  const instead = passedOver.length > 0 ? ` Not taken: ${findings(passedOver)}.` : '';
  return {
    scans,
    counts: chosen.matrix.name,
    reason: `${chosen.matrix.name} holds ${chosen.finding}.${instead}`,
    firstCellSum: first.values.reduce((sum, value) => sum + value, 0),
    emptyNote: emptyDropletsNote(totals.get(chosen.matrix.name) ?? [], chosen.matrix.columns),
  };
}

/** The dataset in which the matrices that `scans` recovers are read by their names. */
export function withOfferedMatrices(dataset: Dataset, scans: readonly MatrixScan[]): Dataset {
  const units = new Map<MatrixName, CountUnit>();
  for (const { matrix } of scans) {
    const found = scans.find((scan) => scan.matrix.name === recoveredName(matrix.name));
    if (found?.recoveredIn) units.set(matrix.name, found.recoveredIn);
  }
  return withRecoveredCounts(dataset, units);
}

function none(scans: readonly MatrixScan[], reason: string): CountsChoice {
  return { scans, counts: null, reason, firstCellSum: null, emptyNote: null };
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
