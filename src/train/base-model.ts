import { maskedHeadTensors, trainingTensors } from '../engine/training-tensors.ts';
import type { ModelConfig } from '../model/config.ts';
import type { ModelPackage, TokenizerPackage } from '../model/package.ts';
import { annotationToken, Vocabulary } from '../model/vocabulary.ts';
import type { TensorInfo, WeightSource } from '../model/weights.ts';
import { genesRead, type TrainConfig } from './config.ts';
import { TrainError } from './errors.ts';
import { initialRows, initialWeights } from './initial-weights.ts';

/** What a trainer starts from, and a package is written with. */
export interface TrainableModel {
  readonly config: ModelConfig;
  readonly vocabulary: Vocabulary;
  /** Ensembl id → non-zero median of counts per 10,000. */
  readonly medians: ReadonlyMap<string, number>;
  readonly weights: WeightSource;
  /** Annotations whose head starts anew. */
  readonly newHeads: readonly string[];
  /** Heads of the base that are not trained here, though the encoder may change below them. */
  readonly untouchedHeads: readonly string[];
}

const POSITIONS = 'position_embeddings.weight';

export type BasePackage = TokenizerPackage & Partial<Pick<ModelPackage, 'weights'>>;

/**
 * The base model made fit for an objective: annotations it lacks get a token (a row after the others, a copy of
 * `<cls>`) and a head; an annotation with other classes gets a new head; a masked head it lacks is added. New rows are
 * functions of the seed. Where it shall read more genes of a cell, the ranks beyond its own begin as copies of its last.
 * @param classes of every annotation that is trained
 * @param decoderBias [ntoken] start of a new model's decoder bias; absent = zeros
 * @throws TrainError 'unfit-model', 'config-invalid'
 */
export function trainableModel(
  base: BasePackage,
  { base: asked, objective, seed }: Pick<TrainConfig, 'base' | 'objective' | 'seed'>,
  classes: Readonly<Record<string, readonly string[]>>,
  decoderBias?: Float32Array<ArrayBuffer>,
): TrainableModel {
  const start = asked.kind === 'new' ? newConfig(base, asked) : base.config;
  // A head of a model from nothing that is not trained would answer at random.
  const dropOthers =
    asked.kind === 'new' || (objective.kind === 'finetune' && objective.otherHeads === 'drop');
  const kept = Object.entries(start.annotations).filter(
    ([name]) => !dropOthers || Object.hasOwn(classes, name),
  );
  const annotations = { ...Object.fromEntries(kept), ...classes };
  const vocabulary = withTokens(base.vocabulary, Object.keys(annotations), start.nToken);
  const nToken = Math.max(start.nToken, ...[...vocabulary.special.values()].map((id) => id + 1));
  const maxPositionEmbeddings = genesRead(asked) ?? start.maxPositionEmbeddings;
  if (asked.kind === 'package') checkReading(base, maxPositionEmbeddings);
  const config: ModelConfig = { ...start, nToken, maxPositionEmbeddings, annotations };
  const masked = objective.masked > 0;
  if (masked && config.valueInput === 'none') vocabulary.specialId('<mask>');
  const { weights } = base;
  if (asked.kind === 'package' && weights === undefined)
    throw new TrainError('unfit-model', 'the base package has no weights', base.name);
  const own = weights !== undefined && asked.kind === 'package' ? weights : null;
  const newHeads = Object.keys(classes).filter(
    (name) => own === null || start.annotations[name] !== classes[name],
  );
  return {
    config,
    vocabulary,
    medians: base.medians,
    weights:
      own === null
        ? withTensor(initialWeights(config, masked, seed), 'decoder_bias', decoderBias)
        : adapted(own, config, start, vocabulary.special.get('<cls>'), newHeads, masked, seed),
    newHeads,
    untouchedHeads: kept.map(([name]) => name).filter((name) => !Object.hasOwn(classes, name)),
  };
}

/**
 * Classes of an annotation that is trained on labels of these classes: the base's own list where it may stay (the
 * very same array), so that its head goes on.
 * @param exact a fine-tuned head has the column's classes and no others
 */
export function headClasses(
  known: readonly string[] | undefined,
  found: readonly string[],
  exact: boolean,
): readonly string[] {
  if (known === undefined) return found;
  const fits = found.every((name) => known.includes(name)) && (!exact || found.length === known.length);
  return fits ? known : found;
}

/** `config.json` of a model that starts from nothing, with the vocabulary of a package. */
export function newConfig(
  base: BasePackage,
  { shape, annotations }: Extract<TrainConfig['base'], { kind: 'new' }>,
): ModelConfig {
  const { nToken } = base.config;
  const isG = shape.modelType === 'teddy_g';
  return {
    ...shape,
    bins: isG ? 0 : shape.bins,
    nToken,
    layerNormEps: 1e-5,
    continuousRank: !isG && shape.bins === 0,
    valueInput: isG ? 'none' : shape.bins > 0 ? 'binned' : 'rank',
    annotations,
  };
}

/** @throws TrainError 'config-invalid' where a new model shall read fewer genes of a cell than its base */
export function checkReading(
  { name, config: { maxPositionEmbeddings: own } }: Pick<BasePackage, 'name' | 'config'>,
  genesPerCell: number,
): void {
  if (genesPerCell < own)
    throw new TrainError(
      'config-invalid',
      `${name} reads ${own} genes of a cell, and ${genesPerCell} are asked for: ask for as many or more`,
      'base.maxPositionEmbeddings',
    );
}

/** The vocabulary with a token for every annotation; ids go on after the greatest. */
function withTokens(vocabulary: Vocabulary, annotations: readonly string[], nToken: number): Vocabulary {
  const missing = annotations.map(annotationToken).filter((token) => !vocabulary.special.has(token));
  if (missing.length === 0) return vocabulary;
  const taken = missing.find((token) => vocabulary.idOf(token) !== undefined);
  if (taken !== undefined) throw new TrainError('unfit-model', `${taken} is a gene of the vocabulary`, taken);
  return Vocabulary.parse(vocabulary.tokens().join('\n'), {
    ...Object.fromEntries(vocabulary.special),
    ...Object.fromEntries(missing.map((token, i) => [token, nToken + i])),
  });
}

/** A package's weights with rows for new tokens, new heads and, where it lacks one, a masked head. */
function adapted(
  weights: WeightSource,
  config: ModelConfig,
  { nToken: oldTokens, maxPositionEmbeddings: oldPositions }: ModelConfig,
  clsId: number | undefined,
  newHeads: readonly string[],
  masked: boolean,
  seed: number,
): WeightSource {
  const shapes = trainingTensors(config, { masked: masked ? 1 : 0, annotations: {} });
  const isNewHead = (name: string) =>
    newHeads.some(
      (head) => name === `annotation_heads.${head}.weight` || name === `annotation_heads.${head}.bias`,
    );
  const byToken = new Set(['embeddings.weight', 'decoder_head.weight', 'decoder_bias']);
  const tensors = new Map<string, TensorInfo>();
  for (const name of [...shapes.keys(), ...maskedHeadTensors(config).keys()]) {
    const found = weights.tensors.get(name);
    const shape = shapes.get(name);
    if (shape) tensors.set(name, { dtype: found?.dtype ?? 'F32', shape });
    // A decoder that does not learn stays in the package, with a row for every token.
    else if (found)
      tensors.set(name, {
        ...found,
        shape: [byToken.has(name) ? config.nToken : found.shape[0], ...found.shape.slice(1)],
      });
  }
  return {
    tensors,
    async read(name, rowStart = 0, rowEnd) {
      const info = tensors.get(name);
      const rows = rowEnd ?? info?.shape[0];
      if (info && rows !== undefined && (isNewHead(name) || !weights.tensors.has(name)))
        return initialRows(name, info.shape, seed, rowStart, rows);
      if (name === POSITIONS && rows !== undefined && rows > oldPositions)
        return lengthened(weights, name, oldPositions, rowStart, rows);
      if (!byToken.has(name) || rows === undefined || rows <= oldTokens)
        return weights.read(name, rowStart, rowEnd);
      const columns = info?.shape[1] ?? 1;
      const out = new Float32Array((rows - rowStart) * columns);
      if (rowStart < oldTokens) out.set(await weights.read(name, rowStart, oldTokens));
      const fresh =
        clsId === undefined ? new Float32Array(columns) : await weights.read(name, clsId, clsId + 1);
      for (let row = Math.max(rowStart, oldTokens); row < rows; row++)
        out.set(fresh, (row - rowStart) * columns);
      return out;
    },
  };
}

/** Rows [from, to) of a table of which those beyond its end are copies of its last. */
async function lengthened(
  weights: WeightSource,
  name: string,
  length: number,
  from: number,
  to: number,
): Promise<Float32Array<ArrayBuffer>> {
  const start = Math.min(from, length - 1);
  const known = await weights.read(name, start, length);
  const last = length - 1 - start;
  const columns = known.length / (last + 1);
  const out = new Float32Array((to - from) * columns);
  for (let row = 0; row < to - from; row++) {
    const source = Math.min(row, last);
    out.set(known.subarray(source * columns, (source + 1) * columns), row * columns);
  }
  return out;
}

function withTensor(
  weights: WeightSource,
  name: string,
  values: Float32Array<ArrayBuffer> | undefined,
): WeightSource {
  if (values === undefined || !weights.tensors.has(name)) return weights;
  return {
    tensors: weights.tensors,
    read: async (asked, rowStart, rowEnd) =>
      asked === name
        ? padded(values, weights.tensors.get(name)?.shape[0] ?? 0).slice(rowStart, rowEnd)
        : weights.read(asked, rowStart, rowEnd),
  };
}

/** The values, and after them for new tokens that of the last: a special token too, which is never asked for. */
function padded(values: Float32Array, rows: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows).fill(values[values.length - 1]);
  out.set(values);
  return out;
}
