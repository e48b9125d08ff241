import type { ReactNode } from 'react';

export type ScatterMode = 'pan' | 'lasso';

/** Props of the scatter plot. Arrays are read, never changed; a new reference means new content. */
export interface ScatterProps {
  /** [n, 2] data coordinates; NaN = not placed yet, not drawn. */
  readonly positions: Float32Array;
  /** [n, 4] RGBA; alpha 0 is neither drawn nor picked. */
  readonly colors: Uint8Array;
  /** CSS pixels; by default chosen from n. */
  readonly radius?: number;
  /** [n] 1 = selected; where any is, all others are dimmed. */
  readonly selected?: Uint8Array | null;
  /** A cell to ring, e.g. the one whose details are open. */
  readonly highlighted?: number | null;
  readonly mode: ScatterMode;
  readonly dark: boolean;
  /** Names the plot for screen readers: what is drawn, how many cells, coloured by what. */
  readonly ariaLabel: string;
  /** Another view (our UMAP, X_pca …): fits the view again when it changes. */
  readonly viewKey?: string;
  readonly onHover?: (index: number | null) => void;
  readonly onClick?: (index: number) => void;
  /** Cells inside the polygon drawn, ascending; empty when it holds none. */
  readonly onLasso?: (indices: Uint32Array<ArrayBuffer>) => void;
  /** The key `l` was pressed. */
  readonly onModeChange?: (mode: ScatterMode) => void;
  /** Escape was pressed. */
  readonly onClear?: () => void;
  /** What the tooltip of a cell says; absent = no tooltip. */
  readonly tooltip?: (index: number) => ReactNode;
}

/** One row of a categorical legend. */
export interface LegendItem {
  readonly label: string;
  /** `#rrggbb` */
  readonly color: string;
  /** Cells drawn in it. */
  readonly count: number;
  /** Rows that are no category: "(missing)", "withheld", "(n other values)". */
  readonly role: 'category' | 'missing' | 'withheld' | 'other';
  /** Shown beside the label, e.g. "one study only". */
  readonly note?: string;
}

export type LegendModel =
  | { readonly kind: 'categories'; readonly title: string; readonly items: readonly LegendItem[] }
  | {
      readonly kind: 'continuous';
      readonly title: string;
      readonly range: readonly [low: number, high: number];
      /** Colours from low to high, evenly spaced. */
      readonly stops: readonly string[];
      /** Rows under the bar: missing, withheld. */
      readonly items: readonly LegendItem[];
    };

/** Indices of the legend rows shown (−1 = the cells on a colour bar); null = all. */
export type LegendFilter = ReadonlySet<number> | null;

export interface LegendProps {
  readonly legend: LegendModel;
  readonly filter: LegendFilter;
  readonly onFilter: (filter: LegendFilter) => void;
}
