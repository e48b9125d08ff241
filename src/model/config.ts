import * as v from 'valibot';
import { ModelError } from './errors.ts';
import { jsonRecord } from './json-file.ts';
import { checkJson, flag, natural, object, oneOf, record, said } from './json-schema.ts';

/** Genes a cell keeps, as in the paper; a model with fewer positions reads the first of them. */
export const MAX_GENES = 2048;

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

/** Names that a plain object would reorder (integers) or treat as its own are refused. */
const PLAIN_NAME = /^(?!__proto__$|constructor$|prototype$)[A-Za-z_][\w .-]*$/;

const CLASS_LIST = v.custom<readonly string[]>(
  (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= 100_000 &&
    value.every((name) => typeof name === 'string' && name !== '') &&
    new Set(value).size === value.length,
  'is not a list of distinct class names',
);

const EPSILON = said('a number from 0 to 1');
const CONFIG = object({
  model_type: oneOf(['teddy_g', 'teddy_x']),
  bins: v.nullish(natural(0, 100_000), 0),
  continuous_rank: v.nullish(flag, false),
  d_model: natural(1, 65_536),
  nheads: natural(1, 65_536),
  d_hid: natural(1, 1_048_576),
  nlayers: natural(1, 1_000),
  ntoken: natural(1, 16_777_216),
  max_position_embeddings: natural(1, 1_048_576),
  layer_activation: v.nullish(oneOf(['gelu', 'relu']), 'gelu'),
  pre_norm: v.nullish(flag, false),
  layer_norm_eps: v.nullish(v.pipe(v.number(EPSILON), v.minValue(0, EPSILON), v.ltValue(1, EPSILON)), 1e-5),
  annotations: v.nullish(record(CLASS_LIST, 1000), {}),
});

/**
 * `config.json` of a package, as parsed JSON. Absent fields take the values the released code
 * gives them; fields we do not know are ignored.
 * @throws ModelError 'config-invalid' whose subject is the field that is missing or odd.
 */
export function parseConfig(json: unknown): ModelConfig {
  const found = checkJson(CONFIG, json, 'config.json', 'config-invalid');
  const { model_type: modelType, bins, continuous_rank: continuousRank, annotations } = found;
  if (modelType === 'teddy_x' && bins === 0 && !continuousRank) {
    throw invalid('bins', 'is 0 and continuous_rank is not true: a TEDDY-X model needs one of them');
  }
  const { d_model: dModel, nheads: nHeads } = found;
  if (dModel % nHeads !== 0) throw invalid('nheads', `${nHeads} does not divide d_model ${dModel}`);
  // The names as they were given: the schema leaves out those it would not keep.
  const odd = Object.keys(jsonRecord(jsonRecord(json)?.annotations) ?? {}).find(
    (name) => !PLAIN_NAME.test(name),
  );
  if (odd !== undefined) throw invalid('annotations', `has the name ${JSON.stringify(odd)}`);
  return {
    modelType,
    dModel,
    nHeads,
    dHid: found.d_hid,
    nLayers: found.nlayers,
    nToken: found.ntoken,
    maxPositionEmbeddings: found.max_position_embeddings,
    layerActivation: found.layer_activation,
    preNorm: found.pre_norm,
    layerNormEps: found.layer_norm_eps,
    bins,
    continuousRank,
    valueInput: modelType === 'teddy_g' ? 'none' : bins > 0 ? 'binned' : 'rank',
    annotations,
  };
}

function invalid(field: string, what: string): ModelError {
  return new ModelError('config-invalid', `config.json: ${field} ${what}`, field);
}
