import { Random } from '../analysis/random.ts';
import { trainingTensors } from '../engine/training-tensors.ts';
import type { ModelConfig } from '../model/config.ts';
import { ModelError } from '../model/errors.ts';
import type { TensorInfo, WeightSource } from '../model/weights.ts';
import { DRAW, mixSeeds } from './seeds.ts';

/** Standard deviation of embeddings and heads at the start, as BERT's and GPT-2's. */
const SPREAD = 0.02;

/**
 * Weights to start from: norms 1, biases 0, linear layers uniform in ±√(6 / (in + out)) (Glorot & Bengio 2010, as
 * PyTorch's attention), embeddings and heads normal with 0.02. A row is a function of (seed, tensor, row).
 * @param masked whether the masked head is among the tensors
 */
export function initialWeights(config: ModelConfig, masked: boolean, seed: number): WeightSource {
  const shapes = trainingTensors(config, { masked: masked ? 1 : 0, annotations: {} });
  const tensors = new Map<string, TensorInfo>();
  for (const [name, shape] of shapes) tensors.set(name, { dtype: 'F32', shape });
  return {
    tensors,
    async read(name, rowStart = 0, rowEnd) {
      const shape = tensors.get(name)?.shape;
      if (!shape) throw new ModelError('tensor-missing', `there is no tensor ${name}`, name);
      return initialRows(name, shape, seed, rowStart, rowEnd ?? shape[0]);
    },
  };
}

/** Rows [from, to) of a tensor at the start. */
export function initialRows(
  name: string,
  shape: readonly number[],
  seed: number,
  from: number,
  to: number,
): Float32Array<ArrayBuffer> {
  const columns = shape.slice(1).reduce((product, n) => product * n, 1);
  const out = new Float32Array((to - from) * columns);
  if (/norm\d*\.weight$/.test(name)) return out.fill(1);
  if (/bias$/.test(name)) return out;
  const linear = /^encoder\.|^value_projection/.test(name);
  const bound = Math.sqrt(6 / (shape[0] + columns));
  for (let row = from; row < to; row++) {
    const random = new Random(mixSeeds(seed, DRAW.weights, hashOf(name), row));
    for (let c = 0; c < columns; c++) {
      out[(row - from) * columns + c] = linear ? bound * (2 * random.uniform() - 1) : SPREAD * normal(random);
    }
  }
  return out;
}

/** Box & Muller 1958. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
  return radius * Math.cos(2 * Math.PI * random.uniform());
}

function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
