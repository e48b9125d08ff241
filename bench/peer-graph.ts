import { type ExternalTensor, type OnnxNode, writeOnnxModel } from '../src/engine/wasm/onnx-writer.ts';
import type { ModelPackage } from '../src/model/package.ts';

/** The encoder as one ONNX model, as an exporter would write it, its weights beside it. */
export interface PeerModel {
  readonly model: Uint8Array<ArrayBuffer>;
  readonly weights: Uint8Array<ArrayBuffer>;
}

export const WEIGHTS_NAME = 'weights';
const ALIGNMENT = 64;

/**
 * How attention is written: com.microsoft's MultiHeadAttention, or plain MatMul and Softmax. The former is
 * wrong on software adapters in onnxruntime 1.30 (largest difference 1e-2 on lavapipe, 0.6 on SwiftShader in
 * Chromium), so there the latter is the one to compare with.
 */
export type AttentionForm = 'fused' | 'plain';

/**
 * A post-norm encoder for onnxruntime: tables, MatMul with a bias behind it, attention in either form,
 * com.microsoft's SkipLayerNormalization, Gelu as one operator; what its WebGPU provider runs without a
 * node on the processor.
 *
 * Inputs: `ids` [batch, sequence] and `places` [sequence] int32, `share` [1, 1, sequence] float32, 1 / sequence;
 * with `masked` also `keys` [batch] int32, the positions of a cell that are no padding (the WebGPU
 * provider has no such mask, nor has the plain form). Output: `pooled` [batch, 1, d], the mean of the last states.
 */
export async function peerModel(
  { config, weights }: Pick<ModelPackage, 'config' | 'weights'>,
  form: AttentionForm,
  masked: boolean,
): Promise<PeerModel> {
  const { dModel: d, dHid, nHeads, layerNormEps } = config;
  const parts: { name: string; shape: readonly number[]; values: Float32Array }[] = [];
  const nodes: OnnxNode[] = [];
  const keep = async (name: string, shape: readonly number[]) => {
    parts.push({ name, shape, values: await weights.read(name) });
    return name;
  };
  const node = (
    op: string,
    inputs: readonly string[],
    attributes: OnnxNode['attributes'] = {},
    domain?: 'com.microsoft',
  ): string => {
    const output = `v${nodes.length}`;
    nodes.push({ op, inputs, outputs: [output], attributes, ...(domain ? { domain } : {}) });
    return output;
  };
  const linear = async (x: string, layer: string, inner: number, columns: number, row = 0) => {
    const weight = await weights.read(`${layer}weight`, row, row + columns);
    const bias = await weights.read(`${layer}bias`, row, row + columns);
    const name = `${layer}${row}`;
    parts.push({ name: `${name}.w`, shape: [inner, columns], values: transposed(weight, columns, inner) });
    parts.push({ name: `${name}.b`, shape: [columns], values: bias });
    return node('Add', [node('MatMul', [x, `${name}.w`]), `${name}.b`]);
  };
  const norm = async (x: string, skip: string, name: string) => {
    const gamma = await keep(`${name}.weight`, [d]);
    const beta = await keep(`${name}.bias`, [d]);
    const epsilon = { epsilon: { float: layerNormEps } };
    return node('SkipLayerNormalization', [x, skip, gamma, beta], epsilon, 'com.microsoft');
  };

  const plain = form === 'plain';
  const split = plain ? node('Constant', [], { value_ints: { ints: [0, 0, nHeads, d / nHeads] } }) : '';
  const joined = plain ? node('Constant', [], { value_ints: { ints: [0, 0, d] } }) : '';
  const scale = plain ? node('Constant', [], { value_float: { float: 1 / Math.sqrt(d / nHeads) } }) : '';
  const attention = ([query, key, value]: readonly string[]): string => {
    if (!plain) {
      const inputs = masked ? [query, key, value, '', 'keys'] : [query, key, value];
      return node('MultiHeadAttention', inputs, { num_heads: { int: nHeads } }, 'com.microsoft');
    }
    const heads = (x: string, perm: readonly number[]) =>
      node('Transpose', [node('Reshape', [x, split])], { perm: { ints: perm } });
    const scores = node('MatMul', [heads(query, [0, 2, 1, 3]), heads(key, [0, 2, 3, 1])]);
    const weights = node('Softmax', [node('Mul', [scores, scale])], { axis: { int: 3 } });
    const mixed = node('MatMul', [weights, heads(value, [0, 2, 1, 3])]);
    return node('Reshape', [node('Transpose', [mixed], { perm: { ints: [0, 2, 1, 3] } }), joined]);
  };

  await keep('embeddings.weight', [config.nToken, d]);
  await keep('position_embeddings.weight', [config.maxPositionEmbeddings, d]);
  let x = node('Add', [
    node('Gather', ['embeddings.weight', 'ids']),
    node('Gather', ['position_embeddings.weight', 'places']),
  ]);
  for (let i = 0; i < config.nLayers; i++) {
    const layer = `encoder.layers.${i}`;
    const projected: string[] = [];
    for (const part of [0, 1, 2])
      projected.push(await linear(x, `${layer}.self_attn.in_proj_`, d, d, part * d));
    const attended = attention(projected);
    x = await norm(await linear(attended, `${layer}.self_attn.out_proj.`, d, d), x, `${layer}.norm1`);
    const hidden = node('Gelu', [await linear(x, `${layer}.linear1.`, d, dHid)]);
    x = await norm(await linear(hidden, `${layer}.linear2.`, dHid, d), x, `${layer}.norm2`);
  }
  nodes.push({ op: 'MatMul', inputs: ['share', x], outputs: ['pooled'] });

  const external: ExternalTensor[] = [];
  let end = 0;
  for (const { name, shape, values } of parts) {
    external.push({ name, shape, offset: end, byteLength: values.byteLength });
    end += Math.ceil(values.byteLength / ALIGNMENT) * ALIGNMENT;
  }
  const blob = new Uint8Array(end);
  for (const [i, { values }] of parts.entries())
    blob.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), external[i].offset);
  const model = writeOnnxModel({
    name: 'encoder',
    inputs: [
      { name: 'ids', type: 'int32', shape: ['batch', 'sequence'] },
      { name: 'places', type: 'int32', shape: ['sequence'] },
      { name: 'share', type: 'float32', shape: [1, 1, 'sequence'] },
      ...(masked ? [{ name: 'keys', type: 'int32', shape: ['batch'] } as const] : []),
    ],
    outputs: [{ name: 'pooled', type: 'float32', shape: ['batch', 1, d] }],
    nodes,
    external,
    externalLocation: WEIGHTS_NAME,
  });
  return { model, weights: blob };
}

/** [rows, columns] as [columns, rows]. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = values[row * columns + column];
  return out;
}
