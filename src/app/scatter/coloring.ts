import {
  categoricalColor,
  missingColor,
  parseColor,
  type Rgb,
  sequentialColor,
  toHex,
  withheldColor,
} from '../../analysis/palette.ts';
import type { LegendItem, LegendModel } from './types.ts';

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
 * Cells of classes. `codeOf` gives a label's index, negative = missing; `fileColors` go by label, the palette
 * fills in. Rows of the legend are the labels that occur.
 */
export function categories(
  title: string,
  n: number,
  codeOf: (i: number) => number,
  labels: readonly string[],
  fileColors: readonly string[] | null,
  withheld: Uint8Array | null,
  dark: boolean,
  predicted: boolean,
  noteOf: (label: string) => string | undefined = () => undefined,
  missing = '(missing)',
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
  const items: Counted[] = [];
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
    else if (code < 0) at = extra.count('missing', missing, missingColor(dark));
    else if (at < 0)
      at = extra.count('other', `(${present.length - kept.length} other values)`, missingColor(dark));
    item[i] = at;
    paint(colors, i, rowColors[at] as Rgb, code < 0 ? 130 : ALPHA);
  }
  return { item, colors, legend: { kind: 'categories', title, items }, predicted };
}

const WITHHELD = -2;

/** Cells on a colour bar from the least to the greatest value, or between fixed ends; NaN = missing. */
export function continuous(
  title: string,
  n: number,
  valueAt: (i: number) => number,
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
    const value = valueAt(i);
    if (hidden(i) || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range: [number, number] = [
    fixedLow ?? (low <= high ? low : 0),
    fixedHigh ?? (low <= high ? high : 0),
  ];
  const span = range[1] - range[0];
  const items: Counted[] = [];
  const rowColors: Rgb[] = [];
  const extra = new ExtraRows(items, rowColors);
  const item = new Int32Array(n).fill(-1);
  const colors = new Uint8Array(4 * n);
  for (let i = 0; i < n; i++) {
    const value = valueAt(i);
    if (hidden(i)) item[i] = extra.count('withheld', 'withheld', withheldColor(dark));
    else if (!Number.isFinite(value)) item[i] = extra.count('missing', '(missing)', missingColor(dark));
    const at = item[i] as number;
    if (at >= 0) paint(colors, i, rowColors[at] as Rgb, 130);
    else paint(colors, i, sequentialColor(span > 0 ? (value - range[0]) / span : 0), ALPHA);
  }
  const stops = Array.from({ length: 9 }, (_, k) => toHex(sequentialColor(k / 8)));
  return { item, colors, legend: { kind: 'continuous', title, range, stops, items }, predicted };
}

/** A row while its cells are being counted. */
type Counted = Omit<LegendItem, 'count'> & { count: number };

/** Rows that are no category, added to a legend when the first cell needs them. */
class ExtraRows {
  readonly #rows = new Map<LegendItem['role'], number>();

  constructor(
    readonly items: Counted[],
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
    (this.items[row] as Counted).count++;
    return row;
  }
}

function paint(colors: Uint8Array, i: number, [r, g, b]: Rgb, alpha: number): void {
  colors[4 * i] = r;
  colors[4 * i + 1] = g;
  colors[4 * i + 2] = b;
  colors[4 * i + 3] = alpha;
}
