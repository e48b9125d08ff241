import { ModelError } from './errors.ts';
import { jsonRecord } from './json-file.ts';

/** TEDDY-G reads genes by rank, TEDDY-X by value. */
type ModelType = 'teddy_g' | 'teddy_x';

/** How a token's states become one vector a cell (design.md, "Pooling"). */
export type Pooling = 'gene_mean' | 'first_gene' | 'all_positions';

/** What stands beside a gene's id at the input. */
export type ValueInput = 'none' | 'binned' | 'rank';

/** `config.json` of a package, checked. Field names follow the released file in camelCase. */
export interface ModelConfig {
  readonly modelType: ModelType;
  readonly dModel: number;
  readonly nHeads: number;
  readonly dHid: number;
  readonly nLayers: number;
  readonly nToken: number;
  readonly maxPositionEmbeddings: number;
  readonly layerActivation: 'gelu' | 'relu';
  readonly preNorm: boolean;
  readonly layerNormEps: number;
  readonly bins: number;
  readonly continuousRank: boolean;
  /** 'none' for TEDDY-G; for X 'binned' where bins > 0, else 'rank'. */
  readonly valueInput: ValueInput;
  /**
   * Annotation name → classes, in the order of `config.json`; empty for published checkpoints.
   * The annotation tokens stand in this order before the genes.
   */
  readonly annotations: Readonly<Record<string, readonly string[]>>;
}

/**
 * `config.json` of a package, as parsed JSON. Absent fields take the values the released code
 * gives them; fields we do not know are ignored.
 * @throws ModelError 'config-invalid' whose subject is the field that is missing or odd.
 */
export function parseConfig(json: unknown): ModelConfig {
  const record = jsonRecord(json);
  if (!record) throw invalid('config.json', 'is not a JSON object');
  const modelType = oneOf(record, 'model_type', ['teddy_g', 'teddy_x']);
  const bins = natural(record, 'bins', 0, 100_000, 0);
  const continuousRank = flag(record, 'continuous_rank', false);
  if (modelType === 'teddy_x' && bins === 0 && !continuousRank) {
    throw invalid('bins', 'is 0 and continuous_rank is not true: a TEDDY-X model needs one of them');
  }
  const dModel = natural(record, 'd_model', 1, 65_536);
  const nHeads = natural(record, 'nheads', 1, dModel);
  if (dModel % nHeads !== 0) throw invalid('nheads', `${nHeads} does not divide d_model ${dModel}`);
  return {
    modelType,
    dModel,
    nHeads,
    dHid: natural(record, 'd_hid', 1, 1_048_576),
    nLayers: natural(record, 'nlayers', 1, 1_000),
    nToken: natural(record, 'ntoken', 1, 16_777_216),
    maxPositionEmbeddings: natural(record, 'max_position_embeddings', 1, 1_048_576),
    layerActivation: oneOf(record, 'layer_activation', ['gelu', 'relu'], 'gelu'),
    preNorm: flag(record, 'pre_norm', false),
    layerNormEps: epsilon(record, 'layer_norm_eps', 1e-5),
    bins,
    continuousRank,
    valueInput: modelType === 'teddy_g' ? 'none' : bins > 0 ? 'binned' : 'rank',
    annotations: annotations(record),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function invalid(field: string, what: string): ModelError {
  return new ModelError('config-invalid', `config.json: ${field} ${what}`, field);
}

/** A field's value, the default where it is absent or null. */
function present(fields: Fields, field: string, absent: unknown): unknown {
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
  const given = value ?? absent;
  if (given === undefined) throw invalid(field, 'is missing');
  return given;
}

function natural(fields: Fields, field: string, least: number, most: number, absent?: number): number {
  const value = present(fields, field, absent);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw invalid(field, `is ${JSON.stringify(value)}, not an integer from ${least} to ${most}`);
  }
  return value;
}

function epsilon(fields: Fields, field: string, absent: number): number {
  const value = present(fields, field, absent);
  if (typeof value !== 'number' || !(value >= 0 && value < 1)) {
    throw invalid(field, `is ${JSON.stringify(value)}, not a number from 0 to 1`);
  }
  return value;
}

function flag(fields: Fields, field: string, absent: boolean): boolean {
  const value = present(fields, field, absent);
  if (typeof value !== 'boolean') throw invalid(field, `is ${JSON.stringify(value)}, neither true nor false`);
  return value;
}

function oneOf<T extends string>(fields: Fields, field: string, known: readonly T[], absent?: T): T {
  const value = present(fields, field, absent);
  const found = known.find((name) => name === value);
  if (found === undefined)
    throw invalid(field, `is ${JSON.stringify(value)}, not one of ${known.join(', ')}`);
  return found;
}

/** Names that a plain object would reorder (integers) or treat as its own are refused. */
const PLAIN_NAME = /^(?!__proto__$|constructor$|prototype$)[A-Za-z_][\w .-]*$/;

function annotations(fields: Fields): Readonly<Record<string, readonly string[]>> {
  const record = jsonRecord(present(fields, 'annotations', {}));
  if (!record) throw invalid('annotations', 'is not an object of class lists');
  const out: Record<string, readonly string[]> = {};
  for (const [name, classes] of Object.entries(record)) {
    if (!PLAIN_NAME.test(name)) throw invalid('annotations', `has the name ${JSON.stringify(name)}`);
    if (!isClassList(classes)) throw invalid(`annotations.${name}`, 'is not a list of distinct class names');
    out[name] = [...classes];
  }
  return out;
}

function isClassList(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  return (
    value.every((name) => typeof name === 'string' && name !== '') && new Set(value).size === value.length
  );
}
