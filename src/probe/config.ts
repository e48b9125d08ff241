import type { ProbeSettings } from './types.ts';

/** Where a probe's features come from. */
export type FeatureSource =
  /** The embedding in the pooling of the run. */
  | { readonly kind: 'embedding' }
  /** Last-layer state of an annotation's token. */
  | { readonly kind: 'annotation-state'; readonly annotation: string }
  /** An array of the file, such as `X_pca`. */
  | { readonly kind: 'obsm'; readonly key: string };

/** Which cells, as src/run/services.ts selects them. */
export type ProbeCells =
  | { readonly kind: 'all' }
  | { readonly kind: 'values'; readonly column: string; readonly values: readonly string[] }
  | {
      readonly kind: 'random';
      readonly count: number;
      readonly seed: number;
      readonly balanceBy: string | null;
    }
  | { readonly kind: 'first'; readonly count: number }
  | { readonly kind: 'rows'; readonly rows: readonly number[] };

/** A probe run from file to figures, as plain JSON: what `npx teddy-web probe --config` reads. */
export interface ProbeConfig {
  readonly schema: 'teddy-web/probe-config/1';
  readonly file: { readonly name: string; readonly bytes: number | null };
  readonly matrix: string;
  readonly cells: ProbeCells;
  /** Cells below or above are left out where `drop`. */
  readonly quality: {
    readonly drop: boolean;
    readonly leastGenes: number;
    readonly greatestMitochondrial: number;
  };
  readonly model: { readonly name: string; readonly sha256: string };
  readonly engine: 'webgpu' | 'wasm' | 'reference';
  readonly pooling: 'gene_mean' | 'first_gene' | 'all_positions';
  readonly features: FeatureSource;
  readonly label: {
    readonly column: string;
    /** Recorded value → class; null = left out. */
    readonly table: Readonly<Record<string, string | null>>;
    /** The model's annotation that answers the same question, for its row; null = none. */
    readonly annotation: string | null;
  };
  readonly groupColumn: string | null;
  readonly studyColumn: string | null;
  readonly cellTypeColumn: string | null;
  /** Column of the cases of a 'held-out-case' split. */
  readonly caseColumn: string | null;
  readonly expressionBaseline: boolean;
  readonly settings: Omit<ProbeSettings, 'cases'>;
}
