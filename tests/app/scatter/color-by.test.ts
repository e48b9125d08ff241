import { describe, expect, it } from 'vitest';
import { colorBy, filterColors } from '../../../src/app/scatter/color-by.ts';
import { isolate, legendRows, toggle } from '../../../src/app/scatter/legend-filter.ts';

const ROWS = Uint32Array.of(1, 3, 4, 6);

function rgb(colors: Uint8Array, i: number): number[] {
  return [...colors.subarray(4 * i, 4 * i + 3)];
}

describe('colours by a column', () => {
  it('honours the colours of the file, by category and not by occurrence', () => {
    const column = {
      kind: 'categorical',
      codes: Int32Array.of(0, 2, 0, 1, 2, 0, -1),
      categories: ['a', 'b', 'c'],
      ordered: false,
    } as const;
    const { colors, legend, item } = colorBy(
      { kind: 'column', title: 't', column, fileColors: ['#010203', '#0a0b0c', 'not a colour'] },
      ROWS,
      false,
    );
    expect(legend.items.map((row) => [row.label, row.count, row.role])).toEqual([
      ['b', 1, 'category'],
      ['c', 2, 'category'],
      ['(missing)', 1, 'missing'],
    ]);
    expect([...item]).toEqual([1, 0, 1, 2]);
    expect(rgb(colors, 1)).toEqual([10, 11, 12]);
    expect(legend.items[0]?.color).toBe('#0a0b0c');
    expect(legend.items[1]?.color).toMatch(/^#[0-9a-f]{6}$/);
  });

  it('keeps a category its colour whichever cells are shown', () => {
    const column = {
      kind: 'categorical',
      codes: Int32Array.of(0, 1, 2),
      categories: ['x', 'y', 'z'],
      ordered: true,
    } as const;
    const all = colorBy(
      { kind: 'column', title: 't', column, fileColors: null },
      Uint32Array.of(0, 1, 2),
      true,
    );
    const one = colorBy({ kind: 'column', title: 't', column, fileColors: null }, Uint32Array.of(2), true);
    expect(rgb(one.colors, 0)).toEqual(rgb(all.colors, 2));
  });

  it('takes unknown for missing, in strings too, and booleans for two classes', () => {
    const strings = { kind: 'string', values: ['q', 'unknown', 'q', 'NA', 'r10', 'q', 'r9'] } as const;
    const text = colorBy({ kind: 'column', title: 't', column: strings, fileColors: null }, ROWS, false);
    expect(text.legend.items.map((row) => [row.label, row.count])).toEqual([
      ['r9', 1],
      ['r10', 1],
      ['(missing)', 2],
    ]);
    const flags = {
      kind: 'boolean',
      values: Uint8Array.of(0, 1, 0, 0, 1, 0, 0),
      missing: Uint8Array.of(0, 0, 0, 0, 1, 0, 0),
    } as const;
    const two = colorBy({ kind: 'column', title: 't', column: flags, fileColors: null }, ROWS, false);
    expect(two.legend.items.map((row) => [row.label, row.count])).toEqual([
      ['false', 2],
      ['true', 1],
      ['(missing)', 1],
    ]);
  });

  it('puts numbers on a bar with their range, NaN in grey', () => {
    const column = {
      kind: 'numeric',
      values: Float64Array.of(99, 2, 99, 6, Number.NaN, 99, 4),
      integer: false,
    } as const;
    const { legend, colors, item } = colorBy(
      { kind: 'column', title: 't', column, fileColors: null },
      ROWS,
      false,
    );
    expect(legend).toMatchObject({
      kind: 'continuous',
      range: [2, 6],
      items: [{ role: 'missing', count: 1 }],
    });
    expect(rgb(colors, 0)).toEqual([68, 1, 84]);
    expect(rgb(colors, 1)).toEqual([253, 231, 37]);
    expect([...item]).toEqual([-1, -1, 0, -1]);
  });

  it('gathers the rarest of very many values in one row', () => {
    const n = 1000;
    const column = { kind: 'string', values: Array.from({ length: n }, (_, i) => `v${i % 400}`) } as const;
    const rows = Uint32Array.from({ length: n }, (_, i) => i);
    const { legend } = colorBy({ kind: 'column', title: 't', column, fileColors: null }, rows, false);
    expect(legend.items.length).toBe(257);
    expect(legend.items.at(-1)).toMatchObject({ label: '(144 other values)', role: 'other' });
    expect(legend.items.reduce((sum, row) => sum + row.count, 0)).toBe(n);
  });
});

describe('colours by a prediction', () => {
  const prediction = {
    classes: ['COVID-19', 'normal', 'never'],
    probabilities: Float32Array.of(
      0.6,
      0.3,
      0.1,
      0.2,
      0.7,
      0.1,
      0.9,
      0.05,
      0.05,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ),
  };
  const withheld = Uint8Array.of(0, 0, 3, 0);

  it('shows withheld cells in grey with a row of their own, and marks one-study classes', () => {
    const { legend, item, predicted } = colorBy(
      { kind: 'prediction', title: 'disease', prediction, withheld, oneStudyOnly: ['COVID-19'] },
      ROWS,
      false,
    );
    expect(legend.items.map((row) => [row.label, row.role, row.count, row.note])).toEqual([
      ['COVID-19', 'category', 1, 'seen in one study only'],
      ['normal', 'category', 1, undefined],
      ['withheld', 'withheld', 1, undefined],
      ['(missing)', 'missing', 1, undefined],
    ]);
    expect([...item]).toEqual([0, 1, 2, 3]);
    expect(predicted).toBe(true);
  });

  it('puts a probability on a bar from 0 to 1', () => {
    const { legend, colors } = colorBy(
      { kind: 'probability', title: 'p', prediction, classIndex: 1, withheld },
      ROWS,
      false,
    );
    expect(legend).toMatchObject({ range: [0, 1], items: [{ role: 'withheld' }, { role: 'missing' }] });
    expect(rgb(colors, 0)).not.toEqual(rgb(colors, 1));
  });
});

describe('legend filter', () => {
  it('isolates, toggles and returns to all', () => {
    const rows = [0, 1, 2];
    expect(isolate(null, 1)).toEqual(new Set([1]));
    expect(isolate(new Set([1]), 1)).toBeNull();
    expect(toggle(null, 1, rows)).toEqual(new Set([0, 2]));
    expect(toggle(new Set([0, 2]), 1, rows)).toBeNull();
    expect(toggle(new Set([2]), 2, rows)).toBeNull();
  });

  it('fades what it hides, the bar of a continuous legend as a whole', () => {
    const coloring = colorBy(
      { kind: 'values', title: 'gene', values: [0, 2, Number.NaN, 1], low: 0 },
      ROWS,
      false,
    );
    expect(legendRows(coloring.legend)).toEqual([-1, 0]);
    const alpha = (filter: ReadonlySet<number> | null) =>
      [0, 1, 2, 3].map((i) => (filterColors(coloring, filter, false)[4 * i + 3] ?? 0) > 100);
    expect(alpha(null)).toEqual([true, true, true, true]);
    expect(alpha(new Set([0]))).toEqual([false, false, true, false]);
    expect(alpha(new Set([-1]))).toEqual([true, true, false, true]);
  });
});
