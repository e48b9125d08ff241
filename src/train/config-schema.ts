import * as v from 'valibot';
import { MAX_GENES } from '../model/config.ts';
import { CELLS, count, hex, LABEL_TABLE, seed, share, text, texts } from '../probe/schema-parts.ts';

/** What may stand in a training's configuration, field by field; the types are in config.ts. */

const optionalColumn = v.nullable(text);
const weight = v.pipe(v.number(), v.minValue(0), v.maxValue(1e6));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const beta = v.pipe(v.number(), v.minValue(0), v.ltValue(1));
/** Names that config.json of a package may hold. */
const annotation = v.pipe(
  text,
  v.regex(/^(?!__proto__$|constructor$|prototype$)[A-Za-z_][\w .-]*$/, 'a plain name'),
);
const donors = v.record(text, texts);

const SHAPE = v.strictObject({
  modelType: v.picklist(['teddy_g', 'teddy_x']),
  dModel: count(65_536, 1),
  nHeads: count(65_536, 1),
  dHid: count(1_048_576, 1),
  nLayers: count(1_000, 1),
  maxPositionEmbeddings: count(1_048_576, 1),
  layerActivation: v.picklist(['gelu', 'relu']),
  preNorm: v.boolean(),
  bins: count(100_000),
});

const DATA = v.strictObject({
  study: v.pipe(text, v.minLength(1)),
  files: v.pipe(texts, v.minLength(1)),
  matrix: v.nullable(text),
  cells: CELLS,
  quality: v.strictObject({ drop: v.boolean(), leastGenes: count(1e6), greatestMitochondrial: share }),
  donorColumn: optionalColumn,
  studyColumn: optionalColumn,
  cellTypeColumn: optionalColumn,
  labels: v.record(
    annotation,
    v.strictObject({ column: text, table: LABEL_TABLE, derived: v.optional(v.boolean()) }),
  ),
  citation: text,
  licence: text,
});

const TRAINABLE = v.variant('kind', [
  v.strictObject({ kind: v.literal('all') }),
  v.strictObject({ kind: v.literal('heads') }),
  v.strictObject({ kind: v.literal('last-layers'), layers: count(1_000, 1) }),
  v.strictObject({
    kind: v.literal('lora'),
    lora: v.strictObject({ rank: count(1_024, 1), alpha: positive, seed }),
  }),
]);

export const CONFIG = v.strictObject({
  schema: v.literal('teddy-web/train-config/1'),
  name: v.pipe(text, v.regex(/^[\w][\w.-]*$/, 'a name of letters, digits, dots and dashes')),
  objective: v.variant('kind', [
    v.strictObject({
      kind: v.literal('pretrain'),
      masked: weight,
      annotations: v.record(annotation, weight),
    }),
    v.strictObject({
      kind: v.literal('finetune'),
      annotation,
      masked: weight,
      otherHeads: v.picklist(['keep', 'drop']),
    }),
  ]),
  base: v.variant('kind', [
    v.strictObject({
      kind: v.literal('package'),
      name: text,
      sha256: hex,
      maxPositionEmbeddings: v.exactOptional(count(MAX_GENES, 1)),
    }),
    v.strictObject({
      kind: v.literal('new'),
      vocabularyOf: text,
      shape: SHAPE,
      annotations: v.record(annotation, v.pipe(texts, v.minLength(1))),
    }),
  ]),
  data: v.pipe(v.array(DATA), v.minLength(1), v.maxLength(1_000)),
  split: v.variant('kind', [
    v.strictObject({ kind: v.literal('automatic'), validation: share, test: share }),
    v.strictObject({ kind: v.literal('donors'), validation: donors, test: donors, leftOut: donors }),
  ]),
  trainingShare: v.exactOptional(v.pipe(share, v.gtValue(0))),
  trainable: TRAINABLE,
  optimiser: v.strictObject({
    learningRate: positive,
    schedule: v.picklist(['cosine', 'linear', 'constant']),
    warmupSteps: count(1e9),
    weightDecay: weight,
    beta1: beta,
    beta2: beta,
    eps: positive,
    clipGlobalNorm: positive,
  }),
  epochs: count(1e6, 1),
  maxSteps: v.nullable(count(1e9, 1)),
  masking: v.strictObject({ share, fixed: v.boolean() }),
  batches: v.strictObject({ cells: count(1e6, 1), tokens: count(1e8, 1) }),
  validation: v.strictObject({
    everySteps: v.nullable(count(1e9, 1)),
    patience: v.nullable(count(1e6, 1)),
    metric: v.picklist(['loss', 'balancedAccuracy']),
  }),
  checkpointing: v.boolean(),
  dropout: v.pipe(v.number(), v.minValue(0), v.ltValue(1)),
  weights: v.picklist(['f32', 'f16']),
  expressionBaseline: v.boolean(),
  probeC: v.exactOptional(v.pipe(v.number(), v.minValue(1e-10), v.maxValue(1e10))),
  seed,
});
