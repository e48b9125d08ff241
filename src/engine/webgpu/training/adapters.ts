import type { ModelConfig } from '../../../model/config.ts';
import type { NamedTensor, Trainable } from '../../trainer.ts';
import { adaptedShapes, adapterNames, initialAdapter } from '../../training-tensors.ts';

/** Adapters as they start: A random by the seed, B zero; none where there are no adapters. */
export function adapterValues(config: ModelConfig, trainable: Trainable): NamedTensor[] {
  if (trainable.kind !== 'lora') return [];
  const { rank, seed } = trainable.lora;
  return [...adaptedShapes(config)].flatMap(([tensor, [out, inner]]) => {
    const { a, b } = adapterNames(tensor);
    return [
      { name: a, shape: [rank, inner], data: initialAdapter(a, [rank, inner], seed) },
      { name: b, shape: [out, rank], data: new Float32Array(out * rank) },
    ];
  });
}

/** The model's tensors with W + scale · B A in the place of each adapted W, added up in float64. */
export function mergeAdapters(
  config: ModelConfig,
  trainable: Trainable,
  tensors: readonly NamedTensor[],
  learned: ReadonlyMap<string, NamedTensor>,
): readonly NamedTensor[] {
  if (trainable.kind !== 'lora') return tensors;
  const { rank, alpha } = trainable.lora;
  const adapted = adaptedShapes(config);
  return tensors.map((tensor) => {
    const names = adapterNames(tensor.name);
    const a = learned.get(names.a)?.data;
    const b = learned.get(names.b)?.data;
    if (!adapted.has(tensor.name) || a === undefined || b === undefined) return tensor;
    const [out, inner] = tensor.shape;
    const data = new Float32Array(out * inner);
    const row = new Float64Array(inner);
    for (let i = 0; i < out; i++) {
      row.set(tensor.data.subarray(i * inner, (i + 1) * inner));
      for (let r = 0; r < rank; r++) {
        const factor = (alpha / rank) * b[i * rank + r];
        for (let j = 0; j < inner; j++) row[j] += factor * a[r * inner + j];
      }
      data.set(row, i * inner);
    }
    return { ...tensor, data };
  });
}
