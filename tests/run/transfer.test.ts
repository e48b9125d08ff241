import { expect, it } from 'vitest';
import type { LogCounts, ProbeData } from '../../src/probe/types.ts';
import { joinForTransfer, type TransferSide } from '../../src/run/transfer.ts';

/** CSR of rows of [column, value] pairs. */
function counts(columns: number, rows: readonly (readonly (readonly [number, number])[])[]): LogCounts {
  const indptr = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => {
    indptr[i + 1] = indptr[i] + row.length;
  });
  return {
    columns,
    indptr,
    indices: Uint32Array.from(rows.flat(), ([column]) => column),
    values: Float32Array.from(rows.flat(), ([, value]) => value),
  };
}

const none: Pick<ProbeData, 'cellTypes' | 'studies'> = { cellTypes: null, studies: null };

const first: TransferSide = {
  name: 'Kang',
  ensembl: ['E1', 'E2', null, 'E2', 'E3'],
  data: {
    ...none,
    features: Float32Array.of(1, 2, 3, 4),
    dimension: 2,
    classes: ['B cell', 'T cell'],
    labels: Int32Array.of(1, -1),
    groups: { names: ['101', '107'], codes: Int32Array.of(1, 0) },
    seen: Uint8Array.of(0, 1),
    head: Float32Array.of(0.25, 0.75, Number.NaN, Number.NaN),
    expression: counts(5, [
      [
        [0, 1],
        [1, 2],
        [4, 3],
      ],
      [[3, 4]],
    ]),
  },
};

const second: TransferSide = {
  name: 'pbmc3k',
  ensembl: ['E3', 'E9', 'E1'],
  data: {
    ...none,
    features: Float32Array.of(5, 6),
    dimension: 2,
    classes: ['B cell', 'monocyte'],
    labels: Int32Array.of(1),
    groups: null,
    seen: new Uint8Array(0),
    head: Float32Array.of(0.5, 0.5),
    expression: counts(3, [
      [
        [0, 7],
        [1, 8],
        [2, 9],
      ],
    ]),
  },
};

it('joins classes, groups and heads of two files', () => {
  const joined = joinForTransfer(first, second);
  expect(joined.classes).toEqual(['B cell', 'T cell', 'monocyte']);
  expect([...joined.labels]).toEqual([1, -1, 2]);
  expect([...joined.features]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(joined.groups).toEqual({ names: ['101', '107', 'pbmc3k'], codes: Int32Array.of(1, 0, 2) });
  expect([...joined.seen]).toEqual([0, 1, 0]);
  expect(joined.studies).toEqual({ names: ['Kang', 'pbmc3k'], codes: Int32Array.of(0, 0, 1) });
  expect([...(joined.head ?? [])]).toEqual([0.25, 0.75, 0, Number.NaN, Number.NaN, Number.NaN, 0.5, 0, 0.5]);
});

it('keeps expression on genes that one column each names, ascending within a cell', () => {
  const { expression } = joinForTransfer(first, second);
  expect(expression).toEqual({
    columns: 2,
    indptr: Uint32Array.of(0, 2, 2, 4),
    indices: Uint32Array.of(0, 1, 0, 1),
    values: Float32Array.of(1, 3, 9, 7),
  });
  expect(
    joinForTransfer(first, { ...second, data: { ...second.data, expression: null } }).expression,
  ).toBeNull();
});

it('refuses files that share nothing', () => {
  expect(() => joinForTransfer(first, { ...second, ensembl: ['A', 'B', 'C'] })).toThrow(
    expect.objectContaining({ code: 'no-features' }),
  );
  const wide = { ...second, data: { ...second.data, dimension: 1 } };
  expect(() => joinForTransfer(first, wide)).toThrow(expect.objectContaining({ code: 'no-features' }));
});
