import { padTo4 } from '../../../gpu/buffers.ts';
import { adapterNames, decays, learningTensors } from '../../training-tensors.ts';
import type { TableChunk } from '../dispatch.ts';
import type { TrainingShape } from './shape.ts';

/**
 * Rows [start, end) of a tensor of the package (elements of one with one dimension) within a buffer: element
 * (i, j) of them stands at `at` + i · rowStep + j · columnStep.
 */
export interface Part {
  readonly tensor: string;
  /** Of the whole tensor, as PyTorch has it. */
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
  readonly at: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** A buffer of weights: float32, what no part fills is zero and stays so. */
export interface Parameter {
  readonly buffer: string;
  /** Values in it, padding included: a multiple of four. */
  readonly count: number;
  readonly parts: readonly Part[];
  readonly learns: boolean;
  /** Whether decoupled decay pulls at it. */
  readonly decays: boolean;
}

/** The buffer of a parameter's gradient, and of the moments of AdamW. */
export const gradientOf = (buffer: string) => `${buffer}.gradient`;
export const firstMomentOf = (buffer: string) => `${buffer}.first`;
export const secondMomentOf = (buffer: string) => `${buffer}.second`;

/** The matrices of a layer by the name of their buffer, without the layer: PyTorch's names, columns in and out. */
export const LINEAR_PARTS = {
  in_proj: { weight: 'self_attn.in_proj_weight', bias: 'self_attn.in_proj_bias' },
  out_proj: { weight: 'self_attn.out_proj.weight', bias: 'self_attn.out_proj.bias' },
  linear1: { weight: 'linear1.weight', bias: 'linear1.bias' },
  linear2: { weight: 'linear2.weight', bias: 'linear2.bias' },
} as const;
export type LinearPart = keyof typeof LINEAR_PARTS;

/** Every buffer of weights of a trainer, in the order of the package; adapters behind the matrix beside them. */
export function trainingParameters(shape: TrainingShape): Parameter[] {
  const { config, options, embeddings, masked, heads } = shape;
  const { dModel: d, dHid } = config;
  const learning = learningTensors(config, options);
  const parameters: Parameter[] = [];
  const add = (buffer: string, count: number, parts: readonly Part[]) =>
    parameters.push({
      buffer,
      count,
      parts,
      learns: learning.has(parts[0].tensor),
      decays: decays(parts[0].shape),
    });
  const rowPart = (tensor: string, tensorRows: number, start: number, end: number, at = 0): Part => ({
    ...{ tensor, shape: [tensorRows, d], start, end, at },
    ...{ rowStep: padTo4(d), columnStep: 1 },
  });
  const vectorPart = (tensor: string, columns: number, start = 0, end = columns, at = 0): Part => ({
    ...{ tensor, shape: [columns], start, end, at },
    ...{ rowStep: 1, columnStep: 1 },
  });
  const rows = (buffer: string, tensor: string, tensorRows: number, start = 0, end = tensorRows) =>
    add(buffer, padTo4(end - start) * padTo4(d), [rowPart(tensor, tensorRows, start, end)]);
  const vector = (buffer: string, tensor: string, columns: number, start = 0, end = columns) =>
    add(buffer, padTo4(end - start), [vectorPart(tensor, columns, start, end)]);
  // As the kernels read a linear layer: transposed, both sides padded to a multiple of four.
  const transposed = (buffer: string, tensor: string, out: number, inner: number) =>
    add(buffer, padTo4(inner) * padTo4(out), [
      {
        ...{ tensor, shape: [out, inner], start: 0, end: out, at: 0 },
        ...{ rowStep: 1, columnStep: padTo4(out) },
      },
    ]);
  const classRows = (chunks: readonly TableChunk[], weight: string, bias: string) => {
    const total = chunks[chunks.length - 1].end;
    for (const { buffer, start, end } of chunks) {
      rows(buffer, weight, total, start, end);
      vector(`${buffer}.bias`, bias, total, start, end);
    }
  };

  for (const { buffer, start, end } of embeddings)
    rows(buffer, 'embeddings.weight', config.nToken, start, end);
  rows('positions', 'position_embeddings.weight', config.maxPositionEmbeddings);
  if (config.valueInput === 'binned') rows('value', 'value_embeddings.weight', config.bins + 1);
  if (config.valueInput === 'rank') {
    const projection = vectorPart('value_projection.weight', d);
    add('value.weight', padTo4(d), [{ ...projection, shape: [d, 1] }]);
    vector('value.bias', 'value_projection.bias', d);
    vector('value.mask', 'value_mask', d);
  }
  const sizes = { in_proj: [3 * d, d], out_proj: [d, d], linear1: [dHid, d], linear2: [d, dHid] } as const;
  for (let i = 0; i < config.nLayers; i++) {
    const from = `encoder.layers.${i}`;
    const to = `layers.${i}`;
    for (const part of Object.keys(LINEAR_PARTS) as LinearPart[]) {
      const [out, inner] = sizes[part];
      const weight = `${from}.${LINEAR_PARTS[part].weight}`;
      transposed(`${to}.${part}`, weight, out, inner);
      if (options.trainable.kind === 'lora') {
        const { rank } = options.trainable.lora;
        const { a, b } = adapterNames(weight);
        transposed(`${to}.${part}.a`, a, rank, inner);
        transposed(`${to}.${part}.b`, b, out, rank);
      }
      vector(`${to}.${part}.bias`, `${from}.${LINEAR_PARTS[part].bias}`, out);
    }
    for (const norm of ['norm1', 'norm2']) {
      vector(`${to}.${norm}`, `${from}.${norm}.weight`, d);
      vector(`${to}.${norm}.bias`, `${from}.${norm}.bias`, d);
    }
  }
  if (masked !== null)
    if (config.valueInput === 'none') classRows(masked.chunks, 'decoder_head.weight', 'decoder_bias');
    else classRows(masked.chunks, 'value_head.weight', 'value_head.bias');
  for (const { buffer, annotations, classes } of heads) {
    add(
      buffer,
      padTo4(classes) * padTo4(d),
      annotations.map(({ name, first, end }) =>
        rowPart(`annotation_heads.${name}.weight`, end - first, 0, end - first, first * padTo4(d)),
      ),
    );
    add(
      `${buffer}.bias`,
      padTo4(classes),
      annotations.map(({ name, first, end }) =>
        vectorPart(`annotation_heads.${name}.bias`, end - first, 0, end - first, first),
      ),
    );
  }
  return parameters;
}
