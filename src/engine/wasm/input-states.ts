import type { ModelConfig } from '../../model/config.ts';
import type { ModelPackage } from '../../model/package.ts';
import type { TokenBatch } from '../../model/token-batch.ts';

/**
 * The tables the encoder's input is summed from. They stay in JavaScript: the embedding table of the
 * 400M model is 179 MB, of which a slice needs a few thousand rows, and the wasm heap ends at 4 GB.
 */
export interface InputTables {
  /** [nToken, dModel] */
  readonly embeddings: Float32Array;
  /** [maxPositionEmbeddings, dModel] */
  readonly positions: Float32Array;
  /** X binned: [bins + 1, dModel]; X rank: [dModel, 1], to be scaled by the value. */
  readonly values: Float32Array | null;
  /** X rank: [dModel]. */
  readonly valueBias: Float32Array | null;
  readonly padId: number;
  /** Ids of the tokens before the genes. */
  readonly annotationIds: readonly number[];
}

export async function readInputTables({
  config,
  vocabulary,
  weights,
}: Pick<ModelPackage, 'config' | 'vocabulary' | 'weights'>): Promise<InputTables> {
  const { valueInput } = config;
  return {
    embeddings: await weights.read('embeddings.weight'),
    positions: await weights.read('position_embeddings.weight'),
    values:
      valueInput === 'none'
        ? null
        : await weights.read(valueInput === 'binned' ? 'value_embeddings.weight' : 'value_projection.weight'),
    valueBias: valueInput === 'rank' ? await weights.read('value_projection.bias') : null,
    padId: vocabulary.specialId('<pad>'),
    annotationIds: vocabulary.annotationIds(Object.keys(config.annotations)),
  };
}

/** target[at …] += (or =) scale · row `index` of a table of rows of `size`. */
function addRow(target: Float32Array, at: number, table: Float32Array, index: number, size: number): void {
  const start = index * size;
  for (let i = 0; i < size; i++) target[at + i] += table[start + i];
}

/**
 * Writes one cell's rows into `target` (zeros before): annotation tokens without position, then genes
 * (embedding + position + value), then `<pad>` at the positions that are left, with value 0.
 * @param target [sequence, dModel]
 */
export function writeInputStates(
  target: Float32Array,
  sequence: number,
  batch: TokenBatch,
  cell: number,
  tables: InputTables,
  config: ModelConfig,
): void {
  const d = config.dModel;
  const annotations = tables.annotationIds.length;
  tables.annotationIds.forEach((id, row) => {
    addRow(target, row * d, tables.embeddings, id, d);
  });
  const start = batch.cuSeqlens[cell];
  const length = batch.cuSeqlens[cell + 1] - start;
  for (let position = 0; position < sequence - annotations; position++) {
    const at = (annotations + position) * d;
    const real = position < length;
    addRow(target, at, tables.embeddings, real ? batch.geneIds[start + position] : tables.padId, d);
    addRow(target, at, tables.positions, position, d);
    if (tables.values === null) continue;
    const value = real && batch.values !== undefined ? batch.values[start + position] : 0;
    if (tables.valueBias === null) {
      addRow(target, at, tables.values, value, d);
    } else {
      for (let i = 0; i < d; i++) target[at + i] += value * tables.values[i] + tables.valueBias[i];
    }
  }
}
