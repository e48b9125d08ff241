import * as v from 'valibot';
import { ProbeFileError } from './file-errors.ts';
import { requireVersion } from './require-version.ts';
import {
  CELLS,
  count,
  FEATURES,
  hex,
  LABEL_TABLE,
  POOLINGS,
  seed,
  share,
  text,
  texts,
} from './schema-parts.ts';
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

const MAX_REPEATS = 1_000_000;
const optionalColumn = v.nullable(text);

const SPLIT = v.variant('kind', [
  v.strictObject({ kind: v.literal('leave-one-group-out') }),
  v.strictObject({ kind: v.literal('grouped-k-fold'), folds: count(1000, 2) }),
  v.strictObject({ kind: v.literal('held-out-groups'), groups: v.pipe(texts, v.minLength(1)) }),
  v.strictObject({
    kind: v.literal('held-out-case'),
    trainCases: v.pipe(texts, v.minLength(1)),
    testCase: text,
    control: text,
  }),
  v.strictObject({ kind: v.literal('random-cells'), folds: count(1000, 2) }),
]);

const CONFIG = v.strictObject({
  schema: v.literal('teddy-web/probe-config/1'),
  file: v.strictObject({ name: text, bytes: v.nullable(count(Number.MAX_SAFE_INTEGER)) }),
  matrix: text,
  cells: CELLS,
  quality: v.strictObject({ drop: v.boolean(), leastGenes: count(1e6), greatestMitochondrial: share }),
  model: v.strictObject({ name: text, sha256: hex }),
  engine: v.picklist(['webgpu', 'wasm', 'reference']),
  pooling: v.picklist(POOLINGS),
  features: FEATURES,
  label: v.strictObject({ column: text, table: LABEL_TABLE, annotation: optionalColumn }),
  groupColumn: optionalColumn,
  studyColumn: optionalColumn,
  cellTypeColumn: optionalColumn,
  caseColumn: optionalColumn,
  expressionBaseline: v.boolean(),
  settings: v.strictObject({
    split: SPLIT,
    c: v.union([v.literal('chosen'), v.pipe(v.number(), v.minValue(1e-10), v.maxValue(1e10))]),
    classWeights: v.picklist(['none', 'balanced']),
    permutations: count(MAX_REPEATS),
    resamples: count(MAX_REPEATS),
    seed,
  }),
});

/**
 * A configuration from JSON that anybody may have written: every field is checked, a misspelt one is an
 * error rather than ignored.
 * @throws ProbeFileError 'config-version' for another schema, 'config-invalid' whose subject is the field
 */
export function parseProbeConfig(json: unknown): ProbeConfig {
  requireVersion(json, CONFIG.entries.schema.literal, 'config-version', 'the configuration');
  const parsed = v.safeParse(CONFIG, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? '';
  throw new ProbeFileError(
    'config-invalid',
    `${field === '' ? 'the configuration' : field.slice(0, 200)}: ${issue.message.slice(0, 200)}`,
    field,
  );
}
