import type { ModelConfig } from '../../../model/config.ts';
import type { LoraSettings } from '../../trainer.ts';
import { adaptedShapes, adapterNames, initialAdapter } from '../../training-tensors.ts';
import { type Parameters, valuesOf } from './parameters.ts';

/**
 * Low-rank adapters (Hu et al. 2021) in float64. The reference computes with the merged weight W + s · B A, s =
 * alpha / rank, and takes the adapters' gradients from the merged weight's: dB = s · dW Aᵀ, dA = s · Bᵀ dW. Other
 * trainers never form that weight, so the two check each other.
 */
export class Adapters {
  readonly #shapes;
  readonly #scale: number;

  constructor(
    config: ModelConfig,
    private readonly settings: LoraSettings,
  ) {
    this.#shapes = adaptedShapes(config);
    this.#scale = settings.alpha / settings.rank;
  }

  /** The tensors that have adapters. */
  get adapted(): readonly string[] {
    return [...this.#shapes.keys()];
  }

  /** The adapters as they start: A random by the seed, B zero. */
  initial(): Map<string, Float64Array<ArrayBuffer>> {
    const { rank, seed } = this.settings;
    const values = new Map<string, Float64Array<ArrayBuffer>>();
    for (const [tensor, [rows, columns]] of this.#shapes) {
      const { a, b } = adapterNames(tensor);
      values.set(a, Float64Array.from(initialAdapter(a, [rank, columns], seed)));
      values.set(b, new Float64Array(rows * rank));
    }
    return values;
  }

  /** All parameters with W + s · B A in the place of each adapted W; nothing is changed in place. */
  merged(parameters: Parameters): Parameters {
    const merged = new Map(parameters);
    const { rank } = this.settings;
    for (const [tensor, [rows, columns]] of this.#shapes) {
      const { a, b } = this.#valuesOf(parameters, tensor);
      const w = valuesOf(parameters, tensor).slice();
      for (let row = 0; row < rows; row++)
        for (let r = 0; r < rank; r++) {
          const factor = this.#scale * b[row * rank + r];
          for (let k = 0; k < columns; k++) w[row * columns + k] += factor * a[r * columns + k];
        }
      merged.set(tensor, w);
    }
    return merged;
  }

  /** The adapters' gradients from those of the merged weights, which they replace. */
  project(parameters: Parameters, gradients: Parameters): Parameters {
    const projected = new Map(gradients);
    const { rank } = this.settings;
    for (const [tensor, [rows, columns]] of this.#shapes) {
      const { a, b, names } = this.#valuesOf(parameters, tensor);
      const dW = valuesOf(gradients, tensor);
      const dA = new Float64Array(a.length);
      const dB = new Float64Array(b.length);
      for (let row = 0; row < rows; row++)
        for (let r = 0; r < rank; r++)
          for (let k = 0; k < columns; k++) {
            dB[row * rank + r] += this.#scale * dW[row * columns + k] * a[r * columns + k];
            dA[r * columns + k] += this.#scale * dW[row * columns + k] * b[row * rank + r];
          }
      projected.delete(tensor);
      projected.set(names.a, dA).set(names.b, dB);
    }
    return projected;
  }

  #valuesOf(parameters: Parameters, tensor: string) {
    const names = adapterNames(tensor);
    return { names, a: valuesOf(parameters, names.a), b: valuesOf(parameters, names.b) };
  }
}
