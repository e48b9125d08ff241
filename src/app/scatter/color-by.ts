import { categoricalColor, missingColor, parseColor, type Rgb, sequentialColor, toHex, withheldColor } from '../../analysis/palette.ts';
import { isMissingLabel } from '../../analysis/labels.ts';
import type { Column } from '../../data/dataset.ts';
import type { Prediction } from '../../run/services.ts';
import type { LegendFilter, LegendItem, LegendModel } from './types.ts';

/** What the cells are coloured by. Arrays are per embedded cell unless said. */
export type ColorSource =
  | { readonly kind: 'none'; readonly title: string }
  | {
      readonly kind: 'column';
      readonly title: string;
      /** Of the whole file. */
      readonly column: Column;
      /** `uns['<column>_colors']`, in category order. */
      readonly fileColors: readonly string[] | null;
    }
  | { readonly kind: 'values'; readonly title: string; readonly values: ArrayLike<number>; readonly low?: number }
  | {
      readonly kind: 'prediction';
      readonly title: string;
      readonly prediction: Prediction;
      /** [n] not 0 = withheld. */
      readonly withheld: Uint8Array;
      /** Classes that training saw in one study only: marked in the legend. */
      readonly oneStudyOnly?: readonly string[];
    }
  | {
      readonly kind: 'probability';
      readonly title: string;
      readonly prediction: Prediction;
      readonly classIndex: number;
      readonly withheld: Uint8Array;
    };

/** Colours of n cells and the legend that explains them. */
export interface Coloring {
  /** [n] row of the legend; −1 on a colour bar. */
  readonly item: Int32Array<ArrayBuffer>;
  /** [n, 4] */
  readonly colors: Uint8Array<ArrayBuffer>;
  readonly legend: LegendModel;
  /** True where a prediction is drawn: the figure then carries the disclaimer. */
  readonly predicted: boolean;
}

/** Categories beyond this many share one row: no eye tells more colours. */
const MOST_CATEGORIES = 256;
const ALPHA = 220;

/**
 * Colours and legend of the embedded cells.
 * @param rows [n] rows of the file the cells come from.
 */
export function colorBy(source: ColorSource, rows: Uint32Array, dark: boolean): Coloring {
  const n = rows.length;
  switch (source.kind) {
    case 'none':
      return categories(source.title, n, () => 0, ['cells'], null, null, dark, false);
    case 'values':
      return continuous(source.title, n, (i) => source.values[i] ?? Number.NaN, null, dark, false, source.low);
    case 'probability': {
      const { classes, probabilities } = source.prediction;
      const at = (i: number) => probabilities[i * classes.length + source.classIndex] ?? Number.NaN;
      return continuous(source.title, n, at, source.withheld, dark, true, 0, 1);
    }
    case 'prediction': {
      const { classes, probabilities } = source.prediction;
      const note = (label: string) => (source.oneStudyOnly?.includes(label) ? 'seen in one study only' : undefined);
      const at = (i: number) => argmax(probabilities, i * classes.length, classes.length);
      return categories(source.title, n, at, classes, null, source.withheld, dark, true, note);
    }
    case 'column':
      return ofColumn(source.title, source.column, source.fileColors, rows, dark);
  }
}

/** Colours with the rows a filter hides left as faint grey, so that the rest keeps its surroundings. */
export function filterColors(coloring: Coloring, filter: LegendFilter, dark: boolean): Uint8Array<ArrayBuffer> {
  if (filter === null) return coloring.colors;
  const [r, g, b] = missingColor(dark);
  const colors = coloring.colors.slice();
  coloring.item.forEach((item, i) => {
    if (!filter.has(item)) colors.set([r, g, b, 40], 4 * i);
  });
  return colors;
}

/** Index of the largest of `count` values from `offset`; −1 where one is NaN. */
export function argmax(values: ArrayLike<number>, offset: number, count: number): number {
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < count; k++) {
    const value = values[offset + k] as number;
    if (Number.isNaN(value)) return -1;
    if (value > most) {
      most = value;
      best = k;
    }
  }
  return best;
}

function ofColumn(
  title: string,
  column: Column,
  fileColors: readonly string[] | null,
  rows: Uint32Array,
  dark: boolean,
): Coloring {
  const n = rows.length;
  const row = (i: number) => rows[i] as number;
  switch (column.kind) {
    case 'numeric':
      return continuous(title, n, (i) => column.values[row(i)] ?? Number.NaN, null, dark, false);
    case 'boolean': {
      const at = (i: number) => (column.missing?.[row(i)] === 1 ? -1 : (column.values[row(i)] ?? -1));
      return categories(title, n, at, ['false', 'true'], null, null, dark, false);
    }
    case 'categorical': {
      const missing = column.categories.map(isMissingLabel);
      const at = (i: number) => {
        const code = column.codes[row(i)] ?? -1;
        return code >= 0 && missing[code] !== true ? code : -1;
      };
      return categories(title, n, at, column.categories, fileColors, null, dark, false);
    }
    case 'string': {
      const labels = [...new Set(Array.from(rows, (r) => column.values[r] ?? ''))]
        .filter((label) => !isMissingLabel(label))
        .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
      const codes = new Map(labels.map((label, k) => [label, k]));
      const at = (i: number) => codes.get(column.values[row(i)] ?? '') ?? -1;
      return categories(title, n, at, labels, fileColors, null, dark, false);
    }
  }
}

function categories(
  title: string,
  n: number,
  codeOf: (i: number) => number,
  labels: readonly string[],
  fileColors: readonly string[] | null,
  withheld: Uint8Array | null,
  dark: boolean,
  predicted: boolean,
  noteOf: (label: string) => string | undefined = () => undefined,
): Coloring {
  const counts = new Uint32Array(labels.length);
  const codes = Int32Array.from({ length: n }, (_, i) => {
    const code = withheld !== null && withheld[i] !== 0 ? WITHHELD : codeOf(i);
    if (code >= 0) counts[code] = (counts[code] as number) + 1;
    return code;
  });
  // Rows of the legend: categories that occur (the most frequent ones where there are too many).
  const present = labels.map((_, code) => code).filter((code) => (counts[code] as number) > 0);
  const kept =
    present.length <= MOST_CATEGORIES
      ? present
      : [...present]
          .sort((a, b) => (counts[b] as number) - (counts[a] as number))
          .slice(0, MOST_CATEGORIES)
          .sort((a, b) => a - b);
  const items: LegendItem[] = [];
  const rowColors: Rgb[] = [];
  const rowOf = new Int32Array(labels.length).fill(-1);
  for (const code of kept) {
    const label = labels[code] as string;
    const color = parseColor(fileColors?.[code] ?? '') ?? categoricalColor(code, dark);
    const note = noteOf(label);
    rowOf[code] = items.length;
    rowColors.push(color);
    items.push({
      label,
      color: toHex(color),
      count: counts[code] as number,
      role: 'category',
      ...(note === undefined ? {} : { note }),
    });
  }
  const extra = new ExtraRows(items, rowColors);
  const item = new Int32Array(n);
  const colors = new Uint8Array(4 * n);
  for (let i = 0; i < n; i++) {
    const code = codes[i] as number;
    let at = code >= 0 ? (rowOf[code] as number) : -1;
    if (code === WITHHELD) at = extra.count('withheld', 'withheld', withheldColor(dark));
    else if (code < 0) at = extra.count('missing', '(missing)', missingColor(dark));
    else if (at < 0) at = extra.count('other', `(${present.length - kept.length} other values)`, missingColor(dark));
    item[i] = at;
    paint(colors, i, rowColors[at] as Rgb, code < 0 ? 130 : ALPHA);
  }
  return { item, colors, legend: { kind: 'categories', title, items }, predicted };
}

const WITHHELD = -2;

function continuous(
  title: string,
  n: number,
  valueOf: (i: number) => number,
  withheld: Uint8Array | null,
  dark: boolean,
  predicted: boolean,
  fixedLow?: number,
  fixedHigh?: number,
): Coloring {
  const hidden = (i: number) => withheld !== null && withheld[i] !== 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const value = valueOf(i);
    if (hidden(i) || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range: [number, number] = [fixedLow ?? (low <= high ? low : 0), fixedHigh ?? (low <= high ? high : 0)];
  const span = range[1] - range[0];
  const items: LegendItem[] = [];
  const rowColors: Rgb[] = [];
  const extra = new ExtraRows(items, rowColors);
  const item = new Int32Array(n).fill(-1);
  const colors = new Uint8Array(4 * n);
  for (let i = 0; i < n; i++) {
    const value = valueOf(i);
    if (hidden(i)) item[i] = extra.count('withheld', 'withheld', withheldColor(dark));
    else if (!Number.isFinite(value)) item[i] = extra.count('missing', '(missing)', missingColor(dark));
    const at = item[i] as number;
    if (at >= 0) paint(colors, i, rowColors[at] as Rgb, 130);
    else paint(colors, i, sequentialColor(span > 0 ? (value - range[0]) / span : 0), ALPHA);
  }
  const stops = Array.from({ length: 9 }, (_, k) => toHex(sequentialColor(k / 8)));
  return { item, colors, legend: { kind: 'continuous', title, range, stops, items }, predicted };
}

/** Rows that are no category, added to a legend when the first cell needs them. */
class ExtraRows {
  readonly #rows = new Map<LegendItem['role'], number>();

  constructor(
    readonly items: LegendItem[],
    readonly colors: Rgb[],
  ) {}

  /** Counts one more cell in the row of this role and returns the row. */
  count(role: LegendItem['role'], label: string, color: Rgb): number {
    let row = this.#rows.get(role);
    if (row === undefined) {
      row = this.items.length;
      this.#rows.set(role, row);
      this.items.push({ label, color: toHex(color), count: 0, role });
      this.colors.push(color);
    }
    const item = this.items[row] as LegendItem;
    this.items[row] = { ...item, count: item.count + 1 };
    return row;
  }
}

function paint(colors: Uint8Array, i: number, [r, g, b]: Rgb, alpha: number): void {
  colors[4 * i] = r;
  colors[4 * i + 1] = g;
  colors[4 * i + 2] = b;
  colors[4 * i + 3] = alpha;
}
