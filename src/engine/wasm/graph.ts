import type { ModelConfig } from '../../model/config.ts';
import type { WeightSource } from '../../model/weights.ts';
import { type Builder, project, vector, type WasmPrecision, WeightBlob } from './graph-builder.ts';
import { writeOnnxModel } from './onnx-writer.ts';

/** Tensors of a layer once in_proj is three matrices: 6 matrices with their scales, 9 vectors. */
const TENSORS_PER_LAYER = 21;

/** A part of the encoder ready for `InferenceSession.create`. */
export interface EncoderBlock {
  readonly model: Uint8Array<ArrayBuffer>;
  /** The initialisers, named `externalLocation` in the model. */
  readonly weights: Uint8Array<ArrayBuffer>;
  readonly externalLocation: string;
}

/** Bytes of one layer's weights in float32. */
export function layerBytes(config: ModelConfig): number {
  const { dModel, dHid } = config;
  return 4 * (4 * dModel * dModel + 2 * dModel * dHid + 9 * dModel + dHid);
}

/**
 * Self-attention of `input` before its output bias; padding is asked for, never attended to. Queries in 2 to
 * 16 parts, so that their scores stay in a cache, took longer at 400, 1,000 and 2,000 rows.
 */
async function attention(b: Builder, input: string, layer: string): Promise<string> {
  const { dModel, nHeads } = b.config;
  const inProjection = `${layer}.self_attn.in_proj_weight`;
  const query = await project(b, input, inProjection, dModel, dModel, 0);
  const key = await project(b, input, inProjection, dModel, dModel, 1);
  const value = await project(b, input, inProjection, dModel, dModel, 2);
  const bias = await vector(b, `${layer}.self_attn.in_proj_bias`, 3 * dModel);
  const attended = `${layer}.attended`;
  b.nodes.push({
    op: 'MultiHeadAttention',
    domain: 'com.microsoft',
    inputs: [query, key, value, bias, 'keys'],
    outputs: [attended],
    attributes: { num_heads: { int: nHeads } },
  });
  return project(b, attended, `${layer}.self_attn.out_proj.weight`, dModel, dModel);
}

/** W2 · act(W1 · input + b1), before the second bias. */
async function feedForward(b: Builder, input: string, layer: string): Promise<string> {
  const { dModel, dHid, layerActivation } = b.config;
  const hidden = await project(b, input, `${layer}.linear1.weight`, dModel, dHid);
  const bias = await vector(b, `${layer}.linear1.bias`, dHid);
  const activated = `${layer}.activated`;
  if (layerActivation === 'gelu') {
    b.nodes.push({ op: 'BiasGelu', domain: 'com.microsoft', inputs: [hidden, bias], outputs: [activated] });
  } else {
    b.nodes.push({ op: 'Add', inputs: [hidden, bias], outputs: [`${layer}.biased`] });
    b.nodes.push({ op: 'Relu', inputs: [`${layer}.biased`], outputs: [activated] });
  }
  return project(b, activated, `${layer}.linear2.weight`, dHid, dModel);
}

/** LayerNorm(branch + bias + skip), and that sum, in one pass. */
async function skipLayerNorm(
  b: Builder,
  branch: string,
  skip: string,
  norm: string,
  biasName: string,
): Promise<{ normed: string; sum: string }> {
  const { dModel, layerNormEps } = b.config;
  const gamma = await vector(b, `${norm}.weight`, dModel);
  const beta = await vector(b, `${norm}.bias`, dModel);
  const bias = await vector(b, biasName, dModel);
  const [normed, sum] = [`${norm}.normed`, `${norm}.sum`];
  b.nodes.push({
    op: 'SkipLayerNormalization',
    domain: 'com.microsoft',
    inputs: [branch, skip, gamma, beta, bias],
    outputs: b.config.preNorm ? [normed, '', '', sum] : [normed],
    attributes: { epsilon: { float: layerNormEps } },
  });
  return { normed, sum };
}

/** x = LN1(x + Attn(x)); x = LN2(x + FF(x)). */
async function postNormLayer(b: Builder, x: string, layer: string): Promise<string> {
  const attended = await attention(b, x, layer);
  const middle = await skipLayerNorm(b, attended, x, `${layer}.norm1`, `${layer}.self_attn.out_proj.bias`);
  const fed = await feedForward(b, middle.normed, layer);
  return (await skipLayerNorm(b, fed, middle.normed, `${layer}.norm2`, `${layer}.linear2.bias`)).normed;
}

/** x = x + Attn(LN1(x)); x = x + FF(LN2(x)). */
async function preNormLayer(b: Builder, x: string, layer: string): Promise<string> {
  const { dModel, layerNormEps } = b.config;
  const normed = `${layer}.norm1.normed`;
  const gamma = await vector(b, `${layer}.norm1.weight`, dModel);
  const beta = await vector(b, `${layer}.norm1.bias`, dModel);
  b.nodes.push({
    op: 'LayerNormalization',
    inputs: [x, gamma, beta],
    outputs: [normed],
    attributes: { epsilon: { float: layerNormEps } },
  });
  const attended = await attention(b, normed, layer);
  const middle = await skipLayerNorm(b, attended, x, `${layer}.norm2`, `${layer}.self_attn.out_proj.bias`);
  const fed = await feedForward(b, middle.normed, layer);
  const bias = await vector(b, `${layer}.linear2.bias`, dModel);
  b.nodes.push({ op: 'Add', inputs: [fed, bias], outputs: [`${layer}.fed`] });
  b.nodes.push({ op: 'Add', inputs: [`${layer}.fed`, middle.sum], outputs: [`${layer}.out`] });
  return `${layer}.out`;
}

/**
 * Layers [first, last) as an ONNX model, its weights read and packed beside it.
 *
 * Inputs: `x` [batch, sequence, dModel] float32, the states before layer `first`, and `keys` [batch]
 * int32, the number of leading positions of each cell that are keys (annotation and gene tokens; what
 * follows is padding, which may ask but is never attended to). Output: `y`, shaped as `x`.
 *
 * 'int8': the linear layers multiply 8-bit integers: weights with a scale a row of [out, in], inputs
 * with a scale and zero point of the whole input of the call; everything else is float32.
 */
export async function buildEncoderBlock(
  config: ModelConfig,
  weights: WeightSource,
  first: number,
  last: number,
  precision: WasmPrecision = 'f32',
): Promise<EncoderBlock> {
  const layers = last - first;
  const blob = new WeightBlob(layers * layerBytes(config), layers * TENSORS_PER_LAYER);
  const b: Builder = { config, weights, precision, nodes: [], blob, quantized: new Set() };
  let x = 'x';
  for (let i = first; i < last; i++) {
    const layer = `encoder.layers.${i}`;
    x = config.preNorm ? await preNormLayer(b, x, layer) : await postNormLayer(b, x, layer);
  }
  b.nodes.push({ op: 'Identity', inputs: [x], outputs: ['y'] });
  const externalLocation = 'weights';
  const states = ['batch', 'sequence', config.dModel] as const;
  const model = writeOnnxModel({
    name: `encoder layers ${first} to ${last - 1}`,
    inputs: [
      { name: 'x', type: 'float32', shape: states },
      { name: 'keys', type: 'int32', shape: ['batch'] },
    ],
    outputs: [{ name: 'y', type: 'float32', shape: states }],
    nodes: b.nodes,
    external: b.blob.tensors,
    externalLocation,
  });
  return { model, weights: b.blob.take(), externalLocation };
}
