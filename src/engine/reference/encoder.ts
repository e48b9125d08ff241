import type { ModelConfig } from '../../model/config.ts';
import { addInto, attention, gelu, layerNorm, linear, relu } from './numerics.ts';

/** The weights of one transformer layer, under the names of PyTorch's TransformerEncoderLayer. */
export interface LayerWeights {
  readonly inProjWeight: Float32Array;
  readonly inProjBias: Float32Array;
  readonly outProjWeight: Float32Array;
  readonly outProjBias: Float32Array;
  readonly linear1Weight: Float32Array;
  readonly linear1Bias: Float32Array;
  readonly linear2Weight: Float32Array;
  readonly linear2Bias: Float32Array;
  readonly norm1Weight: Float32Array;
  readonly norm1Bias: Float32Array;
  readonly norm2Weight: Float32Array;
  readonly norm2Bias: Float32Array;
}

/** Everything the forward pass reads; float32 as stored, used in float64. */
export interface EncoderWeights {
  /** [nToken, dModel] */
  readonly embeddings: Float32Array;
  /** [positions, dModel] */
  readonly positions: Float32Array;
  /** X binned: [bins + 1, dModel]. X rank: the projection's weight [dModel, 1]. */
  readonly value: Float32Array | null;
  /** X rank: [dModel]. */
  readonly valueBias: Float32Array | null;
  readonly layers: readonly LayerWeights[];
  readonly heads: readonly {
    readonly name: string;
    readonly classes: number;
    readonly weight: Float32Array;
    readonly bias: Float32Array;
  }[];
}

/** One row of the encoder's input. Annotation tokens have neither position nor value. */
export interface InputRow {
  readonly id: number;
  readonly position: number | null;
  readonly value: number | null;
}

/** x [rows, dModel] = embedding of the token + of its position + of its value. */
export function embedRows(
  rows: readonly InputRow[],
  config: Pick<ModelConfig, 'dModel'>,
  weights: EncoderWeights,
): Float64Array<ArrayBuffer> {
  const d = config.dModel;
  const x = new Float64Array(rows.length * d);
  for (const [r, { id, position, value }] of rows.entries()) {
    for (let i = 0; i < d; i++) {
      let sum: number = weights.embeddings[id * d + i];
      if (position !== null) sum += weights.positions[position * d + i];
      if (value !== null && weights.value !== null)
        sum +=
          weights.valueBias === null
            ? weights.value[value * d + i]
            : value * weights.value[i] + weights.valueBias[i];
      x[r * d + i] = sum;
    }
  }
  return x;
}

/**
 * The encoder on one cell: states [queries, dModel] of the last layer (no final norm). The first
 * `keys` rows attend to each other; rows behind them (padding) attend to those and are never
 * attended to.
 */
export function encodeRows(
  x: Float64Array<ArrayBuffer>,
  queries: number,
  keys: number,
  config: ModelConfig,
  weights: EncoderWeights,
): Float64Array<ArrayBuffer> {
  const { dModel: d, dHid, nHeads, layerNormEps: eps } = config;
  const activate = config.layerActivation === 'gelu' ? gelu : relu;
  let states = x;
  for (const layer of weights.layers) {
    const norm1 = (input: Float64Array) =>
      layerNorm(input, queries, d, layer.norm1Weight, layer.norm1Bias, eps);
    const norm2 = (input: Float64Array) =>
      layerNorm(input, queries, d, layer.norm2Weight, layer.norm2Bias, eps);
    const attend = (input: Float64Array) => {
      const qkv = linear(input, queries, layer.inProjWeight, layer.inProjBias, d, 3 * d);
      const mixed = attention(qkv, queries, keys, nHeads, d / nHeads);
      return linear(mixed, queries, layer.outProjWeight, layer.outProjBias, d, d);
    };
    const feedForward = (input: Float64Array) => {
      const hidden = linear(input, queries, layer.linear1Weight, layer.linear1Bias, d, dHid);
      for (let i = 0; i < hidden.length; i++) hidden[i] = activate(hidden[i]);
      return linear(hidden, queries, layer.linear2Weight, layer.linear2Bias, dHid, d);
    };
    if (config.preNorm) {
      addInto(states, attend(norm1(states)));
      addInto(states, feedForward(norm2(states)));
    } else {
      addInto(states, attend(states));
      states = norm1(states);
      addInto(states, feedForward(states));
      states = norm2(states);
    }
  }
  return states;
}
