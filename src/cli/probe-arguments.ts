import type { EngineKind } from '../engine/engine.ts';
import type { Pooling } from '../model/config.ts';
import type { FeatureSource, ProbeConfig } from '../probe/config.ts';
import type { SplitPlan } from '../probe/types.ts';
import type { ExportFormat } from '../run/services.ts';
import { choice, exportFormat, type Parsed, parse, UsageError, whole, words } from './arguments.ts';
import { embeddedModelFolder } from './node-environment.ts';
import type { CellsAsked, SessionRequest } from './session.ts';

/** A probe asked for by options; what is null is proposed from the file. */
export interface ProbeAsked extends CellsAsked {
  readonly label: string;
  /** `none` = no column even where one is recognised. */
  readonly groups: string | null;
  readonly study: string | null;
  readonly cellTypes: string | null;
  readonly cases: string | null;
  readonly features: FeatureSource;
  readonly split: SplitPlan | null;
  readonly pooling: Pooling;
  readonly c: ProbeConfig['settings']['c'] | null;
  readonly classWeights: ProbeConfig['settings']['classWeights'] | null;
  readonly permutations: number | null;
  readonly resamples: number | null;
  readonly expression: boolean;
  readonly dropFailing: boolean;
}

interface Places {
  readonly out: string;
  /** Folder where embeddings are kept between runs. */
  readonly cache: string | null;
}

export type ProbeRequest =
  | ({ readonly kind: 'options'; readonly session: SessionRequest; readonly asked: ProbeAsked } & Places)
  | ({
      readonly kind: 'config';
      readonly config: string;
      /** null = the file of the configuration, beside it. */
      readonly file: string | null;
      readonly model: string;
      /** null = the configuration's. */
      readonly engine: EngineKind | null;
    } & Places)
  | {
      readonly kind: 'apply';
      readonly session: SessionRequest;
      readonly probe: string;
      readonly cells: CellsAsked;
      readonly out: string;
      readonly format: ExportFormat;
    };

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean' } as const;
const OF_ALL = { out: TEXT, model: TEXT, engine: TEXT, cache: TEXT } as const;
const OF_CELLS = { cells: TEXT, first: TEXT, seed: TEXT, matrix: TEXT } as const;
const OF_QUESTION = {
  label: TEXT,
  groups: TEXT,
  study: TEXT,
  'cell-types': TEXT,
  cases: TEXT,
  features: TEXT,
  split: TEXT,
  pooling: TEXT,
  c: TEXT,
  'class-weights': TEXT,
  permutations: TEXT,
  resamples: TEXT,
  'no-expression': FLAG,
  'drop-failing': FLAG,
} as const;

/** The request of `probe`'s arguments: by options, by a configuration, or a saved probe to apply. @throws UsageError */
export function probeRequest(args: readonly string[]): ProbeRequest {
  const has = (option: string) => args.some((arg) => arg === option || arg.startsWith(`${option}=`));
  if (has('--config')) return configRequest(args);
  return has('--apply') ? applyRequest(args) : optionsRequest(args);
}

function optionsRequest(args: readonly string[]): ProbeRequest {
  const { values, positionals } = parse(args, { ...OF_ALL, ...OF_CELLS, ...OF_QUESTION }, 1);
  const label = words(values, 'label');
  if (label === null) throw new UsageError('--label COLUMN is missing');
  return {
    kind: 'options',
    session: sessionOf(values, positionals[0]),
    out: words(values, 'out') ?? '.',
    cache: words(values, 'cache'),
    asked: {
      ...cellsOf(values),
      label,
      groups: words(values, 'groups'),
      study: words(values, 'study'),
      cellTypes: words(values, 'cell-types'),
      cases: words(values, 'cases'),
      features: featuresOf(words(values, 'features') ?? 'embedding'),
      split: splitOf(words(values, 'split')),
      pooling: choice(values, 'pooling', ['gene_mean', 'first_gene', 'all_positions']) ?? 'gene_mean',
      c: strengthOf(words(values, 'c')),
      classWeights: choice(values, 'class-weights', ['none', 'balanced']),
      permutations: whole(values, 'permutations', 0),
      resamples: whole(values, 'resamples', 0),
      expression: values['no-expression'] !== true,
      dropFailing: values['drop-failing'] === true,
    },
  };
}

function configRequest(args: readonly string[]): ProbeRequest {
  const { values, positionals } = parse(args, { ...OF_ALL, config: TEXT }, 1, 0);
  return {
    kind: 'config',
    config: words(values, 'config') ?? '',
    file: positionals[0] ?? null,
    model: words(values, 'model') ?? embeddedModelFolder(),
    engine: engineOf(values),
    out: words(values, 'out') ?? '.',
    cache: words(values, 'cache'),
  };
}

function applyRequest(args: readonly string[]): ProbeRequest {
  const { values, positionals } = parse(args, { ...OF_ALL, ...OF_CELLS, apply: TEXT }, 1);
  return {
    kind: 'apply',
    session: sessionOf(values, positionals[0]),
    probe: words(values, 'apply') ?? '',
    cells: cellsOf(values),
    ...exportFormat(values),
  };
}

function sessionOf(values: Parsed['values'], file: string): SessionRequest {
  return {
    files: [file],
    model: words(values, 'model') ?? embeddedModelFolder(),
    engine: engineOf(values),
    matrix: words(values, 'matrix'),
  };
}

function engineOf(values: Parsed['values']): EngineKind | null {
  return choice(values, 'engine', ['webgpu', 'wasm', 'reference']);
}

function cellsOf(values: Parsed['values']): CellsAsked {
  const cells = whole(values, 'cells', 1);
  const first = whole(values, 'first', 1);
  if (cells !== null && first !== null) throw new UsageError('--cells and --first exclude each other');
  return { cells, first, seed: whole(values, 'seed', 0) ?? 0 };
}

/** `embedding`, `annotation:NAME` or `obsm:KEY`. */
function featuresOf(text: string): FeatureSource {
  if (text === 'embedding') return { kind: 'embedding' };
  const [, kind, name] = /^(annotation|obsm):(.+)$/.exec(text) ?? [];
  if (kind === 'annotation') return { kind: 'annotation-state', annotation: name };
  if (kind === 'obsm') return { kind: 'obsm', key: name };
  throw new UsageError(`--features takes embedding, annotation:NAME or obsm:KEY, not ${text}`);
}

const SPLITS =
  'leave-one-group-out, grouped-k-fold:K, held-out:A,B, held-out-case:TRAIN,TRAIN:TEST:CONTROL or random-cells:K';

function splitOf(text: string | null): SplitPlan | null {
  if (text === null) return null;
  const [kind, ...parts] = text.split(':');
  const list = (part: string | undefined) => (part ?? '').split(',').filter((name) => name !== '');
  const folds = Number(parts[0]);
  switch (kind) {
    case 'leave-one-group-out':
      if (parts.length === 0) return { kind };
      break;
    case 'grouped-k-fold':
    case 'random-cells':
      if (parts.length === 1 && Number.isInteger(folds) && folds >= 2) return { kind, folds };
      break;
    case 'held-out': {
      const groups = list(parts.join(':'));
      if (groups.length > 0) return { kind: 'held-out-groups', groups };
      break;
    }
    case 'held-out-case': {
      const [cases, testCase, control] = parts;
      const trainCases = list(cases);
      if (parts.length === 3 && trainCases.length > 0 && testCase && control)
        return { kind, trainCases, testCase, control };
    }
  }
  throw new UsageError(`--split takes ${SPLITS}, not ${text}`);
}

function strengthOf(text: string | null): ProbeAsked['c'] {
  if (text === null || text === 'chosen') return text;
  const c = Number(text);
  if (!(c > 0 && Number.isFinite(c)))
    throw new UsageError(`--c takes a number above 0 or chosen, not ${text}`);
  return c;
}
