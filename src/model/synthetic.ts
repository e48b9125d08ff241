import { type ModelConfig, parseConfig } from './config.ts';
import { encoderTensors } from './encoder-tensors.ts';
import { ModelError } from './errors.ts';
import { jsonRecord } from './json-file.ts';
import type { ModelPackage } from './package.ts';
import { Vocabulary } from './vocabulary.ts';
import type { TensorInfo, WeightSource } from './weights.ts';

/**
 * Weights that any language makes again from their names (design.md, "deep"), so that the answers of
 * the released shapes are known without shipping 1.6 GB. Values are made as rows are read.
 */

const GOLDEN_RATIO = 0x9e3779b9;

/** FNV-1a of a tensor's name (UTF-8), 32 bits. */
function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** What `u` in [−1, 1) becomes for a tensor: `base + scale · u`. */
function valueRule(
  name: string,
  shape: readonly number[],
): { readonly base: number; readonly scale: number } {
  if (/norm\d*\.weight$/.test(name)) return { base: 1, scale: 0.2 };
  if (shape.length === 1) return { base: 0, scale: 0.1 };
  if (/embeddings\.weight$/.test(name)) return { base: 0, scale: 0.5 };
  return { base: 0, scale: (Math.sqrt(3) * 1.5) / Math.sqrt(shape[shape.length - 1]) };
}

/** Elements [begin, end) of the tensor `name`, row-major. */
function syntheticValues(
  name: string,
  shape: readonly number[],
  salt: number,
  begin: number,
  end: number,
): Float32Array<ArrayBuffer> {
  const { base, scale } = valueRule(name, shape);
  const out = new Float32Array(end - begin);
  let state = (fnv1a32(name) + salt + Math.imul(begin, GOLDEN_RATIO)) | 0;
  for (let i = 0; i < out.length; i++) {
    let x = state;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    x ^= x >>> 16;
    out[i] = base + scale * ((x >>> 0) / 2 ** 31 - 1);
    state = (state + GOLDEN_RATIO) | 0;
  }
  return out;
}

/** All tensors of a TEDDY-G checkpoint of this shape, the decoder's too, by the rule above. */
function syntheticWeights(config: ModelConfig, salt: number): WeightSource {
  const tensors = new Map<string, TensorInfo>();
  for (const [name, shape] of encoderTensors(config)) tensors.set(name, { dtype: 'F32', shape });
  tensors.set('decoder_head.weight', { dtype: 'F32', shape: [config.nToken, config.dModel] });
  tensors.set('decoder_bias', { dtype: 'F32', shape: [config.nToken] });
  return {
    tensors,
    async read(name, rowStart = 0, rowEnd) {
      const shape = tensors.get(name)?.shape;
      if (!shape) throw new ModelError('tensor-missing', `there is no tensor ${name}`, name);
      const end = rowEnd ?? shape[0];
      if (!(rowStart >= 0 && rowStart <= end && end <= shape[0])) {
        throw new RangeError(`rows ${rowStart}–${end} of ${name}, which has ${shape[0]}`);
      }
      const columns = shape.slice(1).reduce((product, n) => product * n, 1);
      return syntheticValues(name, shape, salt, rowStart * columns, end * columns);
    },
  };
}

/** Specials in the published vocabulary follow 43,804 gene lines; `<pad>` is seventh. */
export const SPECIAL_TOKENS = [
  '<cls>',
  '<sep>',
  '<unk>',
  '<mask>',
  '<disease>',
  '<tissue_type>',
  '<pad>',
  '<cell_type>',
  '<sex>',
];

/** The text files of a synthetic package, as they would lie in its folder. */
export interface SyntheticFiles {
  readonly 'config.json': string;
  readonly 'vocab.txt': string;
  readonly 'added_tokens.json': string;
  readonly 'gene_medians.json': string;
}

/**
 * A package of one of the released shapes: the model, and its text files for a script that writes
 * it to disk (weights by safetensorsChunks).
 * @param deep parsed JSON of `fixtures/deep/*.json`
 */
export function syntheticPackage(
  deep: unknown,
  name = 'synthetic',
): ModelPackage & { readonly files: SyntheticFiles } {
  const record = jsonRecord(deep);
  const salt = record?.salt;
  if (typeof salt !== 'number') throw new ModelError('config-invalid', 'the description has no salt', 'salt');
  const config = parseConfig(record?.config);
  const genes = config.nToken - SPECIAL_TOKENS.length;
  const tokens = Array.from({ length: genes }, (_, i) => `ENSG${String(i + 1).padStart(11, '0')}`);
  const added = Object.fromEntries(SPECIAL_TOKENS.map((token, i) => [token, genes + i]));
  const medians = Object.fromEntries(tokens.map((token, i) => [token, 1 + (i % 97) / 10]));
  const weights = syntheticWeights(config, salt);
  let parameters = 0;
  for (const { shape } of weights.tensors.values())
    parameters += shape.reduce((product, n) => product * n, 1);
  return {
    name,
    config,
    vocabulary: Vocabulary.parse(tokens.join('\n'), added),
    medians: new Map(Object.entries(medians)),
    weights,
    parameters,
    // There is no file to hash; the salt and the shape say which weights these are.
    sha256: `synthetic-${salt}-${parameters}`,
    training: null,
    reference: null,
    extraTensors: [],
    files: {
      'config.json': JSON.stringify(record?.config, null, 1),
      'vocab.txt': `${tokens.join('\n')}\n`,
      'added_tokens.json': JSON.stringify(added, null, 1),
      'gene_medians.json': JSON.stringify(medians),
    },
  };
}
