import type { ModelConfig } from '../../../model/config.ts';
import { addInto, linear } from '../numerics.ts';
import { linearBackward } from './backward.ts';
import { type Parameters, valuesOf } from './parameters.ts';

/** A linear head on some rows of the states [*, d]. */
export interface Head {
  readonly weight: string;
  readonly bias: string;
  readonly rows: readonly number[];
  /** What the derivative of a row's loss is multiplied by. */
  readonly scale: number;
  /** The loss of row i of `rows`; null where nothing is asked of it. */
  judge(outputs: Float64Array<ArrayBuffer>, i: number): PredictionLoss | null;
}

/**
 * outputs = state · weightᵀ + bias for each row, its loss and, with `gradients`, backward: adds to the head's
 * gradients and to `cotangent`, that of the states.
 * @returns [rows, outputs]
 */
export function passHead(
  head: Head,
  states: Float64Array,
  d: number,
  parameters: Parameters,
  gradients: Parameters | null,
  cotangent: Float64Array,
): Float64Array<ArrayBuffer> {
  const weight = valuesOf(parameters, head.weight);
  const bias = valuesOf(parameters, head.bias);
  const n = head.rows.length;
  const width = bias.length;
  const x = new Float64Array(n * d);
  for (const [i, row] of head.rows.entries()) x.set(states.subarray(row * d, (row + 1) * d), i * d);
  const outputs = linear(x, n, weight, bias, d, width);
  const dOutputs = new Float64Array(n * width);
  for (let i = 0; i < n; i++) {
    const judged = head.judge(outputs.subarray(i * width, (i + 1) * width), i);
    for (let k = 0; k < width && judged !== null; k++)
      dOutputs[i * width + k] = head.scale * judged.derivative[k];
  }
  if (gradients === null) return outputs;
  const dWeight = gradients.get(head.weight);
  const dx = linearBackward(x, dOutputs, n, weight, d, width, dWeight, gradients.get(head.bias));
  for (const [i, row] of head.rows.entries())
    addInto(cotangent.subarray(row * d, (row + 1) * d), dx.subarray(i * d, (i + 1) * d));
  return outputs;
}

/** The tensors of the head of the masked loss: weight, bias. */
export function maskedHead({ valueInput }: ModelConfig): readonly [string, string] {
  return valueInput === 'none'
    ? ['decoder_head.weight', 'decoder_bias']
    : ['value_head.weight', 'value_head.bias'];
}

/** One prediction's loss, whether it is right, and the derivative of the loss by the outputs. */
export interface PredictionLoss {
  readonly loss: number;
  readonly right: boolean;
  readonly derivative: Float64Array<ArrayBuffer>;
}

/** Cross-entropy −log softmax(logits)[target]; right where the target has the first greatest logit. */
export function crossEntropy(logits: Float64Array<ArrayBuffer>, target: number): PredictionLoss {
  const greatest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - greatest), 0);
  const derivative = logits.map((logit) => Math.exp(logit - greatest) / total);
  derivative[target] -= 1;
  return {
    loss: Math.log(total) + greatest - logits[target],
    right: logits.indexOf(greatest) === target,
    derivative,
  };
}

/** (prediction − target)²; a real number is never called right. */
export function squaredError([prediction]: Float64Array, target: number): PredictionLoss {
  const difference = prediction - target;
  return { loss: difference ** 2, right: false, derivative: Float64Array.of(2 * difference) };
}
