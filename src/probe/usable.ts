import { commonest } from '../analysis/score-input.ts';
import type { ProbeData } from './types.ts';

type Cells = Pick<ProbeData, 'features' | 'dimension' | 'labels' | 'groups' | 'seen' | 'classes'>;

/** Cells that may take part, and why the others do not. */
export interface UsableCells {
  /** Ascending. */
  readonly cells: Uint32Array<ArrayBuffer>;
  readonly unlabelled: number;
  /** Labelled, but of no group in a file that has groups: they may be a tested donor's. */
  readonly withoutGroup: number;
  /** Labelled and grouped, but with a feature that is no finite number. */
  readonly notFinite: number;
}

/**
 * Cells with a label, with finite features and, where the file names groups, with a group: a cell whose
 * donor nobody knows could stand on both sides of a split, so that it neither trains nor tests.
 */
export function usableCells(data: Cells): UsableCells {
  const cells: number[] = [];
  let unlabelled = 0;
  let withoutGroup = 0;
  let notFinite = 0;
  for (let i = 0; i < data.labels.length; i++) {
    if (data.labels[i] < 0) unlabelled++;
    else if (data.groups !== null && data.groups.codes[i] < 0) withoutGroup++;
    else if (!hasFiniteRow(data.features, data.dimension, i)) notFinite++;
    else cells.push(i);
  }
  return { cells: Uint32Array.from(cells), unlabelled, withoutGroup, notFinite };
}

export function hasFiniteRow(features: Float32Array, dimension: number, row: number): boolean {
  for (let p = row * dimension; p < (row + 1) * dimension; p++) {
    if (!Number.isFinite(features[p])) return false;
  }
  return true;
}

/** Whether the encoder has seen the labels of the cell's group. */
export function isSeen(data: Cells, cell: number): boolean {
  return data.groups !== null && data.seen[data.groups.codes[cell]] === 1;
}

/** What is known of one group of usable cells. */
export interface GroupOfCells {
  readonly code: number;
  readonly seen: boolean;
  /** Ascending. */
  readonly cells: readonly number[];
  /** Its commonest class, the first of equals. */
  readonly majority: number;
  /** Its only class; −1 = several. */
  readonly onlyClass: number;
}

/** Groups that have any of `cells`, by ascending code. Cells without a group are in none. */
export function groupsOf(data: Cells, cells: ArrayLike<number>): readonly GroupOfCells[] {
  const codes = data.groups?.codes;
  if (codes === undefined) return [];
  const members = new Map<number, number[]>();
  for (let p = 0; p < cells.length; p++) {
    const code = codes[cells[p]];
    if (code < 0) continue;
    const list = members.get(code);
    if (list === undefined) members.set(code, [cells[p]]);
    else list.push(cells[p]);
  }
  return [...members]
    .sort(([a], [b]) => a - b)
    .map(([code, own]) => {
      const counts = classCounts(data.labels, own, data.classes.length);
      const majority = commonest(counts);
      return {
        code,
        seen: data.seen[code] === 1,
        cells: own,
        majority,
        onlyClass: counts[majority] === own.length ? majority : -1,
      };
    });
}

/** [k] cells of each class. */
export function classCounts(
  labels: Int32Array,
  cells: ArrayLike<number>,
  classes: number,
): Float64Array<ArrayBuffer> {
  const counts = new Float64Array(classes);
  for (let p = 0; p < cells.length; p++) counts[labels[cells[p]]]++;
  return counts;
}
