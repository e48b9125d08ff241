import { isMissingLabel } from '../../analysis/labels.ts';
import { missingColor } from '../../analysis/palette.ts';
import type { Column } from '../../data/dataset.ts';
import type { Prediction } from '../../run/results.ts';
import { type Coloring, categories, continuous } from './coloring.ts';
import type { LegendFilter } from './types.ts';

export type { Coloring } from './coloring.ts';

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
  | {
      /** Codes into labels, in the labels' order. */
      readonly kind: 'labels';
      readonly title: string;
      readonly labels: readonly string[];
      readonly codes: ArrayLike<number>;
      /** What a code below 0 means; default: missing. */
      readonly missing?: string;
      /** True where it shows what is right or wrong of a prediction. */
      readonly predicted?: boolean;
    }
  | {
      readonly kind: 'values';
      readonly title: string;
      readonly values: ArrayLike<number>;
      readonly low?: number;
    }
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

/**
 * Colours and legend of the embedded cells.
 * @param rows [n] rows of the file the cells come from.
 */
export function colorBy(source: ColorSource, rows: Uint32Array, dark: boolean): Coloring {
  const n = rows.length;
  switch (source.kind) {
    case 'none':
      return categories(source.title, n, () => 0, ['cells'], null, null, dark, false);
    case 'labels':
      return categories(
        source.title,
        n,
        (i) => source.codes[i] ?? -1,
        source.labels,
        null,
        null,
        dark,
        source.predicted ?? false,
        undefined,
        source.missing,
      );
    case 'values':
      return continuous(
        source.title,
        n,
        (i) => source.values[i] ?? Number.NaN,
        null,
        dark,
        false,
        source.low,
      );
    case 'probability': {
      const { classes, probabilities } = source.prediction;
      const at = (i: number) => probabilities[i * classes.length + source.classIndex] ?? Number.NaN;
      return continuous(source.title, n, at, source.withheld, dark, true, 0, 1);
    }
    case 'prediction': {
      const { classes, probabilities } = source.prediction;
      const note = (label: string) =>
        source.oneStudyOnly?.includes(label) ? 'seen in one study only' : undefined;
      const at = (i: number) => argmax(probabilities, i * classes.length, classes.length);
      return categories(source.title, n, at, classes, null, source.withheld, dark, true, note);
    }
    case 'column':
      return ofColumn(source.title, source.column, source.fileColors, rows, dark);
  }
}

/** Colours with the rows a filter hides left as faint grey, so that the rest keeps its surroundings. */
export function filterColors(
  coloring: Coloring,
  filter: LegendFilter,
  dark: boolean,
): Uint8Array<ArrayBuffer> {
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
