import type { ModelConfig } from '../../../model/config.ts';
import type { TrainerOptions } from '../../trainer.ts';
import type { TableChunk } from '../dispatch.ts';
import { tableChunks } from '../memory.ts';

/** An annotation's classes among the columns of its group: first … end. */
interface HeadColumns {
  readonly name: string;
  /** Of the annotation tokens before a cell's genes, this one's. */
  readonly token: number;
  readonly first: number;
  readonly end: number;
  /** What its loss counts for: 0 in the group that does not learn. */
  readonly weight: number;
}

/** Annotation heads under each other as one matrix [classes, d]. */
export interface HeadGroup {
  readonly buffer: string;
  readonly annotations: readonly HeadColumns[];
  readonly classes: number;
  /** False for the heads whose losses have weight 0: they answer `evaluate`, nothing else. */
  readonly learns: boolean;
}

/** The head that predicts hidden tokens. */
interface MaskedHead {
  /** Class rows of its matrix that lie in one buffer, in order. */
  readonly chunks: readonly TableChunk[];
  readonly loss: 'classes' | 'squares';
}

/** What a trainer's buffers and plans follow from. */
export interface TrainingShape {
  readonly config: ModelConfig;
  readonly options: TrainerOptions;
  readonly embeddings: readonly TableChunk[];
  /** Null where the masked loss has weight 0. */
  readonly masked: MaskedHead | null;
  /** At most two: of heads that learn and of heads that do not. */
  readonly heads: readonly HeadGroup[];
}

export interface ChunkSizes {
  /** Bytes of embedding rows in one buffer; what stands in memory beside the device at a time. */
  readonly tableBytes?: number;
  /** Classes of the masked-gene decoder in one buffer: what is cross-entropy's chunk. */
  readonly decoderRows?: number;
}

const TABLE_BYTES = 32 * 2 ** 20;
const DECODER_ROWS = 4096;

/** How a model is cut into buffers for training. */
export function trainingShape(
  config: ModelConfig,
  options: TrainerOptions,
  { tableBytes = TABLE_BYTES, decoderRows = DECODER_ROWS }: ChunkSizes = {},
): TrainingShape {
  return {
    config,
    options,
    embeddings: tableChunks(config, tableBytes),
    masked: options.weights.masked > 0 ? maskedHead(config, decoderRows) : null,
    heads: headGroups(config, options),
  };
}

function maskedHead(config: ModelConfig, decoderRows: number): MaskedHead {
  if (config.valueInput === 'rank')
    return { chunks: [{ buffer: 'value_head', start: 0, end: 1 }], loss: 'squares' };
  if (config.valueInput === 'binned')
    return { chunks: [{ buffer: 'value_head', start: 0, end: config.bins + 1 }], loss: 'classes' };
  const chunks: TableChunk[] = [];
  for (let start = 0; start < config.nToken; start += decoderRows)
    chunks.push({
      buffer: `decoder.${chunks.length}`,
      start,
      end: Math.min(config.nToken, start + decoderRows),
    });
  return { chunks, loss: 'classes' };
}

function headGroups(config: ModelConfig, { weights }: TrainerOptions): HeadGroup[] {
  const heads = Object.entries(config.annotations).map(([name, classes], token) => ({
    name,
    token,
    classes: classes.length,
    weight: weights.annotations[name] ?? 0,
  }));
  return [true, false].flatMap((learns) => {
    const members = heads.filter(({ weight }) => weight > 0 === learns);
    if (members.length === 0) return [];
    let classes = 0;
    const annotations = members.map(({ classes: own, ...head }) => {
      classes += own;
      return { ...head, first: classes - own, end: classes };
    });
    return [{ buffer: learns ? 'heads' : 'heads.constant', annotations, classes, learns }];
  });
}
