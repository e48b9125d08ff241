import { padTo4 } from '../../../gpu/buffers.ts';
import type { ModelConfig } from '../../../model/config.ts';
import { type DropoutPlace, dropoutMask, isKept, type StepDropout } from '../../dropout.ts';
import { addInto, attention, gelu, geluDerivative, layerNorm, linear, relu } from '../numerics.ts';
import { attentionBackward } from './attention.ts';
import { layerNormBackward, linearBackward, reluDerivative } from './backward.ts';
import { type Parameters, valuesOf } from './parameters.ts';

/** What the layers of one cell have in common. */
export interface CellPass {
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  /** Tokens of the cell, annotation tokens included; all see all. */
  readonly rows: number;
  /** Number of the cell's micro-batch in the step, and where the cell's first row stands among its rows. */
  readonly microBatch: number;
  readonly firstRow: number;
  readonly dropout: StepDropout | null;
}

/** The activations of a layer that its backward pass reads; [rows, d] unless said. */
interface KeptLayer {
  /** What attention reads: the layer's input, or norm1 of it with pre-norm. */
  readonly attending: Float64Array;
  /** [rows, 3 d] */
  readonly qkv: Float64Array;
  readonly mixed: Float64Array;
  readonly norm1Input: Float64Array;
  /** What the feed-forward block reads. */
  readonly feeding: Float64Array;
  /** [rows, dHid] before the activation */
  readonly raw: Float64Array;
  /** [rows, dHid] after the activation and its dropout */
  readonly hidden: Float64Array;
  readonly norm2Input: Float64Array;
}

/** x [rows, columns] with the dropped elements zeroed and the others scaled; x itself without dropout. */
function drop(
  x: Float64Array<ArrayBuffer>,
  { dropout, microBatch, firstRow, rows }: CellPass,
  layer: number,
  place: DropoutPlace,
): Float64Array<ArrayBuffer> {
  if (dropout === null || rows === 0) return x;
  const columns = x.length / rows;
  const mask = dropoutMask(dropout, microBatch, layer, place);
  const stride = padTo4(columns);
  return x.map((value, i) => {
    const row = Math.floor(i / columns);
    return isKept(mask, (firstRow + row) * stride + (i - row * columns)) ? value * mask.scale : 0;
  });
}

function sum(a: Float64Array<ArrayBuffer>, b: Float64Array): Float64Array<ArrayBuffer> {
  return a.map((value, i) => value + b[i]);
}

/**
 * One layer of PyTorch's TransformerEncoderLayer, dropout after attention, activation and feed-forward (none on the
 * attention's weights).
 * @param input [rows, d]
 * @returns the layer's output [rows, d] and what layerBackward needs
 */
export function layerForward(
  pass: CellPass,
  layer: number,
  input: Float64Array<ArrayBuffer>,
): { readonly output: Float64Array<ArrayBuffer>; readonly kept: KeptLayer } {
  const { config, rows } = pass;
  const { dModel: d, dHid, nHeads, preNorm } = config;
  const tensor = (name: string) => valuesOf(pass.parameters, `encoder.layers.${layer}.${name}`);
  const norm = (name: string, x: Float64Array) =>
    layerNorm(x, rows, d, tensor(`${name}.weight`), tensor(`${name}.bias`), config.layerNormEps);

  const attending = preNorm ? norm('norm1', input) : input;
  const inWeight = tensor('self_attn.in_proj_weight');
  const qkv = linear(attending, rows, inWeight, tensor('self_attn.in_proj_bias'), d, 3 * d);
  const mixed = attention(qkv, rows, rows, nHeads, d / nHeads);
  const outWeight = tensor('self_attn.out_proj.weight');
  const attended = linear(mixed, rows, outWeight, tensor('self_attn.out_proj.bias'), d, d);
  const summed = sum(input, drop(attended, pass, layer, 'attention'));
  const between = preNorm ? summed : norm('norm1', summed);

  const feeding = preNorm ? norm('norm2', between) : between;
  const raw = linear(feeding, rows, tensor('linear1.weight'), tensor('linear1.bias'), d, dHid);
  const hidden = drop(raw.map(config.layerActivation === 'gelu' ? gelu : relu), pass, layer, 'activation');
  const fed = linear(hidden, rows, tensor('linear2.weight'), tensor('linear2.bias'), dHid, d);
  const out = sum(between, drop(fed, pass, layer, 'feed-forward'));
  return {
    output: preNorm ? out : norm('norm2', out),
    kept: {
      attending,
      qkv,
      mixed,
      norm1Input: preNorm ? input : summed,
      feeding,
      raw,
      hidden,
      norm2Input: preNorm ? between : out,
    },
  };
}

/**
 * The cotangent of the layer's input from that of its output; the parameters' are added to the tensors of `gradients`
 * that are there.
 */
export function layerBackward(
  pass: CellPass,
  layer: number,
  kept: KeptLayer,
  cotangent: Float64Array<ArrayBuffer>,
  gradients: Parameters,
): Float64Array<ArrayBuffer> {
  const { config, rows } = pass;
  const { dModel: d, dHid, nHeads, preNorm } = config;
  const full = (name: string) => `encoder.layers.${layer}.${name}`;
  const linearBack = (name: string, x: Float64Array, dy: Float64Array, sizes: readonly [number, number]) => {
    const separator = name.endsWith('in_proj') ? '_' : '.';
    const weight = full(`${name}${separator}weight`);
    const bias = gradients.get(full(`${name}${separator}bias`));
    return linearBackward(
      x,
      dy,
      rows,
      valuesOf(pass.parameters, weight),
      sizes[0],
      sizes[1],
      gradients.get(weight),
      bias,
    );
  };
  const normBack = (name: string, x: Float64Array, dy: Float64Array) => {
    const weight = full(`${name}.weight`);
    return layerNormBackward(
      x,
      dy,
      rows,
      d,
      valuesOf(pass.parameters, weight),
      config.layerNormEps,
      gradients.get(weight),
      gradients.get(full(`${name}.bias`)),
    );
  };
  const derivative = config.layerActivation === 'gelu' ? geluDerivative : reluDerivative;

  const dOut = preNorm ? cotangent : normBack('norm2', kept.norm2Input, cotangent);
  const dFed = drop(dOut, pass, layer, 'feed-forward');
  const dHidden = drop(linearBack('linear2', kept.hidden, dFed, [dHid, d]), pass, layer, 'activation');
  const dRaw = dHidden.map((value, i) => value * derivative(kept.raw[i]));
  const dFeeding = linearBack('linear1', kept.feeding, dRaw, [d, dHid]);
  const dBetween = sum(dOut, preNorm ? normBack('norm2', kept.norm2Input, dFeeding) : dFeeding);

  const dSummed = preNorm ? dBetween : normBack('norm1', kept.norm1Input, dBetween);
  const dMixed = linearBack('self_attn.out_proj', kept.mixed, drop(dSummed, pass, layer, 'attention'), [
    d,
    d,
  ]);
  const dQkv = attentionBackward(kept.qkv, dMixed, rows, rows, nHeads, d / nHeads);
  const dAttending = linearBack('self_attn.in_proj', kept.attending, dQkv, [d, 3 * d]);
  const dInput = preNorm ? normBack('norm1', kept.norm1Input, dAttending) : dAttending;
  addInto(dInput, dSummed);
  return dInput;
}
