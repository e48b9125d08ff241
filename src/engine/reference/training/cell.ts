import type { ModelConfig } from '../../../model/config.ts';
import type { StepDropout } from '../../dropout.ts';
import type { LossCounts, LossSums } from '../../loss-counts.ts';
import type { LossWeights, TrainBatch } from '../../trainer.ts';
import { crossEntropy, type Head, maskedHead, passHead, squaredError } from './heads.ts';
import { inputBackward, inputForward, type TrainRow } from './input.ts';
import { type CellPass, layerBackward, layerForward } from './layer.ts';
import type { Parameters } from './parameters.ts';

/** What a pass over the cells of a step reads. */
export interface StepPass {
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  readonly weights: LossWeights;
  readonly counts: LossCounts;
  readonly dropout: StepDropout | null;
}

/** One cell of a micro-batch, and where its first row stands among the rows of that. */
export interface Cell {
  readonly batch: TrainBatch;
  /** Number of the batch in the step. */
  readonly microBatch: number;
  readonly index: number;
  readonly rows: readonly TrainRow[];
  readonly firstRow: number;
}

/**
 * Forward, losses and, with `gradients`, backward of one cell. Losses are added to `sums`; gradients, of the losses as
 * weighted means over the counts of the whole step, to the tensors that `gradients` has.
 * @returns annotation → logits
 */
export function passCell(
  step: StepPass,
  cell: Cell,
  sums: LossSums,
  gradients: Parameters | null,
): ReadonlyMap<string, Float64Array> {
  const { config, parameters, dropout } = step;
  const { microBatch, firstRow } = cell;
  const pass: CellPass = { config, parameters, dropout, rows: cell.rows.length, microBatch, firstRow };
  let states = inputForward(cell.rows, config, parameters);
  const layers = Array.from({ length: config.nLayers }, (_, layer) => {
    const { output, kept } = layerForward(pass, layer, states);
    states = output;
    return kept;
  });
  const cotangent = new Float64Array(states.length);
  passMasked(step, cell, states, sums, gradients, cotangent);
  const logits = passAnnotations(step, cell, states, sums, gradients, cotangent);
  if (gradients === null) return logits;
  const lowest = lowestLearning(gradients);
  let flowing = cotangent;
  for (let layer = config.nLayers - 1; layer >= Math.max(0, lowest); layer--)
    flowing = layerBackward(pass, layer, layers[layer], flowing, gradients);
  if (lowest < 0) inputBackward(cell.rows, config, flowing, gradients);
  return logits;
}

/** The lowest layer whose tensors learn; −1 where the input's do, Infinity where the heads learn alone. */
function lowestLearning(gradients: Parameters): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const name of gradients.keys()) {
    const layer = /^encoder\.layers\.(\d+)\./.exec(name);
    if (layer) lowest = Math.min(lowest, Number(layer[1]));
    else if (/^(embeddings|position_embeddings|value_embeddings|value_projection|value_mask)\b/.test(name))
      lowest = -1;
  }
  return lowest;
}

function passMasked(
  { config, parameters, weights, counts }: StepPass,
  { batch, rows }: Cell,
  states: Float64Array,
  sums: LossSums,
  gradients: Parameters | null,
  cotangent: Float64Array,
): void {
  if (weights.masked === 0) return;
  const hidden = rows.flatMap(({ target }, row) => (target === null ? [] : [{ row, target }]));
  const predict = config.valueInput === 'rank' ? squaredError : crossEntropy;
  const [weight, bias] = maskedHead(config);
  const head: Head = {
    weight,
    bias,
    rows: hidden.map(({ row }) => row),
    scale: weights.masked / counts.maskedTokens,
    judge(outputs, i) {
      const judged = predict(outputs, batch.targets[hidden[i].target]);
      sums.masked += judged.loss;
      if (judged.right) sums.maskedRight++;
      return judged;
    },
  };
  passHead(head, states, config.dModel, parameters, gradients, cotangent);
}

/** Annotation k reads the state of row k. */
function passAnnotations(
  { config, parameters, weights, counts }: StepPass,
  { batch, index }: Cell,
  states: Float64Array,
  sums: LossSums,
  gradients: Parameters | null,
  cotangent: Float64Array,
): Map<string, Float64Array> {
  const logits = new Map<string, Float64Array>();
  for (const [row, name] of Object.keys(config.annotations).entries()) {
    const lambda = weights.annotations[name] ?? 0;
    const label = batch.labels[name]?.[index] ?? -1;
    const counted = lambda > 0 && label >= 0;
    const head: Head = {
      weight: `annotation_heads.${name}.weight`,
      bias: `annotation_heads.${name}.bias`,
      rows: [row],
      scale: lambda / counts.labelled[name],
      judge(outputs) {
        if (!counted) return null;
        const judged = crossEntropy(outputs, label);
        sums.annotations[name] = (sums.annotations[name] ?? 0) + judged.loss;
        return judged;
      },
    };
    const backward = counted ? gradients : null;
    logits.set(name, passHead(head, states, config.dModel, parameters, backward, cotangent));
  }
  return logits;
}
