import type { ModelConfig, Pooling } from '../../model/config.ts';
import type { ModelPackage } from '../../model/package.ts';

/** A linear head on the state of one annotation token. */
export interface AnnotationHead {
  readonly name: string;
  readonly classes: number;
  /** [classes, dModel] */
  readonly weight: Float32Array;
  /** [classes] */
  readonly bias: Float32Array;
}

/** The heads in the order of their tokens. */
export async function readAnnotationHeads({
  config,
  weights,
}: Pick<ModelPackage, 'config' | 'weights'>): Promise<AnnotationHead[]> {
  const heads: AnnotationHead[] = [];
  for (const [name, classes] of Object.entries(config.annotations)) {
    heads.push({
      name,
      classes: classes.length,
      weight: await weights.read(`annotation_heads.${name}.weight`),
      bias: await weights.read(`annotation_heads.${name}.bias`),
    });
  }
  return heads;
}

/** logits [classes] of one head, summed in float64. `state` is [dModel]. */
export function annotationLogits(head: AnnotationHead, state: Float32Array): Float32Array<ArrayBuffer> {
  const d = state.length;
  return Float32Array.from({ length: head.classes }, (_, k) => {
    let sum = head.bias[k];
    for (let i = 0; i < d; i++) sum += head.weight[k * d + i] * state[i];
    return sum;
  });
}

/**
 * One vector a cell from its states [rows, dModel], summed in float64: the mean over its genes, the
 * first gene, or the mean over all positions, padding included (design.md, "Pooling").
 * @param annotations rows before the genes
 * @param genes gene tokens of the cell, at least one
 */
export function poolStates(
  states: Float32Array,
  annotations: number,
  genes: number,
  pooling: Pooling,
  config: ModelConfig,
): Float32Array<ArrayBuffer> {
  const d = config.dModel;
  const rows = { gene_mean: genes, first_gene: 1, all_positions: config.maxPositionEmbeddings }[pooling];
  const sums = new Float64Array(d);
  for (let row = annotations; row < annotations + rows; row++) {
    for (let i = 0; i < d; i++) sums[i] += states[row * d + i];
  }
  return Float32Array.from(sums, (sum) => sum / rows);
}
