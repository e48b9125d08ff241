import type { ModelConfig } from '../../../model/config.ts';
import type { WeightSource } from '../../../model/weights.ts';
import type { NamedTensor } from '../../trainer.ts';
import { maskedHeadTensors, type TensorShapes, trainingTensors } from '../../training-tensors.ts';

/** Values by tensor name, in PyTorch's layout. */
export type Parameters = ReadonlyMap<string, Float64Array<ArrayBuffer>>;

/** A tensor that must be there. @throws RangeError */
export function valuesOf(parameters: Parameters, name: string): Float64Array<ArrayBuffer> {
  const values = parameters.get(name);
  if (values === undefined) throw new RangeError(`there is no tensor ${name}`);
  return values;
}

/** Elements of a shape. */
function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Zeros for every tensor. */
export function zeros(shapes: TensorShapes): Map<string, Float64Array<ArrayBuffer>> {
  return new Map([...shapes].map(([name, shape]) => [name, new Float64Array(sizeOf(shape))]));
}

/**
 * The model's tensors with their shapes: those a trainer reads and, where the file has it, the head of the masked
 * loss even if that does not count.
 */
export function packageTensors(
  config: ModelConfig,
  source: Pick<WeightSource, 'tensors'>,
  masked: number,
): TensorShapes {
  const shapes = new Map(trainingTensors(config, { masked, annotations: {} }));
  for (const [name, shape] of maskedHeadTensors(config))
    if (source.tensors.has(name)) shapes.set(name, shape);
  return shapes;
}

/** Reads tensors whole. @throws RangeError where one is not of its shape */
export async function readParameters(
  source: WeightSource,
  shapes: TensorShapes,
): Promise<Map<string, Float64Array<ArrayBuffer>>> {
  const parameters = new Map<string, Float64Array<ArrayBuffer>>();
  for (const [name, shape] of shapes) {
    const values = Float64Array.from(await source.read(name));
    if (values.length !== sizeOf(shape))
      throw new RangeError(`tensor ${name} has ${values.length} values, not [${shape.join(', ')}]`);
    parameters.set(name, values);
  }
  return parameters;
}

/** Copies in float32, in the order of `shapes`. */
export function exportTensors(parameters: Parameters, shapes: TensorShapes): NamedTensor[] {
  return [...shapes].map(([name, shape]) => ({
    name,
    shape,
    data: Float32Array.from(valuesOf(parameters, name)),
  }));
}

/** Checks that tensors are those of `shapes` and no others. @throws RangeError naming one that is not */
export function checkTensors(shapes: TensorShapes, tensors: readonly NamedTensor[], what: string): void {
  const given = new Map(tensors.map(({ name, data }) => [name, data]));
  for (const [name, shape] of shapes)
    if (given.get(name)?.length !== sizeOf(shape))
      throw new RangeError(`the ${what} hold no tensor ${name} [${shape.join(', ')}]`);
  const unknown = tensors.find(({ name }) => !shapes.has(name));
  if (unknown !== undefined)
    throw new RangeError(`the ${what} hold ${unknown.name}, which does not learn here`);
}

/** Copies values over those of the same names. */
export function copyTensors(into: Parameters, tensors: readonly NamedTensor[]): void {
  for (const { name, data } of tensors) valuesOf(into, name).set(data);
}
