import { uniqueGenes } from '../audit/genes.ts';
import type { Grouping, LogCounts, ProbeData } from '../probe/types.ts';
import { concatenate } from './concatenate.ts';
import { RunError } from './errors.ts';
import { orderClasses } from './probe-data.ts';

/** One file's side of a transfer. */
export interface TransferSide {
  /** Names the study, and its only group where the file names no donors. */
  readonly name: string;
  readonly data: ProbeData;
  /** [columns of its counts] Ensembl id, null = none; for the baseline on expression. */
  readonly ensembl: readonly (string | null)[];
}

/**
 * Two files as one set of cells, the first's before the second's: learn from one, be tested on the other by
 * holding its groups out. Groups of the two must have different names. Expression is kept on the genes that
 * both files name by exactly one column, each cell normalised by its whole library as its file has it.
 * @throws RunError 'no-features' where the features differ in dimension or no gene is shared
 */
export function joinForTransfer(first: TransferSide, second: TransferSide): ProbeData {
  const sides = [first, second];
  const [a, b] = sides.map(({ data }) => data);
  if (a.dimension !== b.dimension) {
    throw new RunError(
      'no-features',
      `features of ${a.dimension} and of ${b.dimension} values cannot be joined`,
    );
  }
  const classes = orderClasses([...a.classes, ...b.classes]);
  const groups = joined(sides.map((side) => side.data.groups ?? wholeOf(side)));
  const seen = new Uint8Array(groups.names.length);
  for (const { data } of sides) {
    data.seen.forEach((flag, g) => {
      if (flag === 1 && data.groups) seen[groups.names.indexOf(data.groups.names[g])] = 1;
    });
  }
  return {
    features: concatenate([a.features, b.features]),
    dimension: a.dimension,
    classes,
    labels: Int32Array.from(
      sides.flatMap(({ data }) =>
        Array.from(data.labels, (k) => (k < 0 ? -1 : classes.indexOf(data.classes[k]))),
      ),
    ),
    groups,
    seen,
    studies: joined(sides.map(wholeOf)),
    cellTypes: a.cellTypes && b.cellTypes ? joined([a.cellTypes, b.cellTypes]) : null,
    head: joinedHeads(a, b, classes),
    expression:
      a.expression && b.expression ? sharedExpression(first, second, a.expression, b.expression) : null,
  };
}

function wholeOf({ name, data }: TransferSide): Grouping {
  return { names: [name], codes: new Int32Array(data.labels.length) };
}

function joined(parts: readonly Grouping[]): Grouping {
  const names = [...new Set(parts.flatMap((part) => part.names))];
  const codes = parts.flatMap(({ names: own, codes: each }) => {
    const to = own.map((name) => names.indexOf(name));
    return Array.from(each, (code) => (code < 0 ? -1 : to[code]));
  });
  return { names, codes: Int32Array.from(codes) };
}

/** Heads answer in their own file's classes; a class only the other file has gets 0. */
function joinedHeads(
  a: ProbeData,
  b: ProbeData,
  classes: readonly string[],
): Float32Array<ArrayBuffer> | null {
  if (!a.head || !b.head) return null;
  const parts = [a, b].map(({ head, classes: own, labels }) => {
    const out = new Float32Array(labels.length * classes.length);
    if (!head) return out;
    const from = classes.map((name) => own.indexOf(name));
    for (let cell = 0; cell < labels.length; cell++) {
      const answered = !Number.isNaN(head[cell * own.length]);
      from.forEach((column, k) => {
        const value = column < 0 ? 0 : head[cell * own.length + column];
        out[cell * classes.length + k] = answered ? value : Number.NaN;
      });
    }
    return out;
  });
  return concatenate(parts);
}

function sharedExpression(first: TransferSide, second: TransferSide, a: LogCounts, b: LogCounts): LogCounts {
  const ofFirst = uniqueGenes(first.ensembl);
  const ofSecond = uniqueGenes(second.ensembl);
  const shared = [...ofFirst.keys()].filter((id) => ofSecond.has(id)).sort();
  if (shared.length === 0) {
    throw new RunError('no-features', `${first.name} and ${second.name} share no gene`, second.name);
  }
  const renamed = (columns: number, of: ReadonlyMap<string, number>) => {
    const to = new Int32Array(columns).fill(-1);
    shared.forEach((id, gene) => {
      to[of.get(id) ?? -1] = gene;
    });
    return to;
  };
  const parts = [kept(a, renamed(a.columns, ofFirst)), kept(b, renamed(b.columns, ofSecond))];
  const indptr = new Uint32Array(a.indptr.length + b.indptr.length - 1);
  indptr.set(parts[0].indptr);
  const begun = parts[0].indices.length;
  parts[1].indptr.forEach((offset, i) => {
    indptr[a.indptr.length - 1 + i] = begun + offset;
  });
  const indices = new Uint32Array(begun + parts[1].indices.length);
  indices.set(parts[0].indices);
  indices.set(parts[1].indices, begun);
  return {
    columns: shared.length,
    indptr,
    indices,
    values: concatenate(parts.map(({ values }) => values)),
  };
}

/** The values of some columns under their new numbers, −1 = left out; ascending within a cell again. */
function kept({ indptr, indices, values }: LogCounts, to: Int32Array): Omit<LogCounts, 'columns'> {
  const offsets = new Uint32Array(indptr.length);
  const columns: number[] = [];
  const numbers: number[] = [];
  for (let cell = 0; cell + 1 < indptr.length; cell++) {
    const own: [column: number, value: number][] = [];
    for (let i = indptr[cell]; i < indptr[cell + 1]; i++) {
      if (to[indices[i]] >= 0) own.push([to[indices[i]], values[i]]);
    }
    own.sort(([x], [y]) => x - y);
    for (const [column, value] of own) {
      columns.push(column);
      numbers.push(value);
    }
    offsets[cell + 1] = columns.length;
  }
  return { indptr: offsets, indices: Uint32Array.from(columns), values: Float32Array.from(numbers) };
}
