import type { GpuContext } from '../../../gpu/device.ts';
import type { WeightSource } from '../../../model/weights.ts';
import type { NamedTensor } from '../../trainer.ts';
import type { TensorShapes } from '../../training-tensors.ts';
import type { Executor } from '../executor.ts';
import type { Parameter, Part } from './parameters.ts';

/** Elements of a shape. */
const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** Values of a row of the tensor. */
const columnsOf = ({ shape }: Part) => sizeOf(shape) / shape[0];

/** Writes `values`, the part's rows of its tensor in PyTorch's layout, where they lie in a buffer's content. */
export function packPart(part: Part, values: Float32Array, into: Float32Array): void {
  const columns = columnsOf(part);
  for (let i = 0; i < part.end - part.start; i++)
    for (let j = 0; j < columns; j++)
      into[part.at + i * part.rowStep + j * part.columnStep] = values[i * columns + j];
}

/** The reverse: a buffer's content into the whole tensor. */
export function unpackPart(part: Part, content: Float32Array, tensor: Float32Array): void {
  const columns = columnsOf(part);
  for (let i = 0; i < part.end - part.start; i++)
    for (let j = 0; j < columns; j++)
      tensor[(part.start + i) * columns + j] = content[part.at + i * part.rowStep + j * part.columnStep];
}

/** Rows of a tensor, and how they are come by. */
type ReadRows = (tensor: string, start: number, end: number) => Promise<Float32Array>;

/** Fills buffers of the parameters, one at a time. @param nameOf the buffer of a parameter */
export async function writeParameters(
  context: GpuContext,
  executor: Executor,
  parameters: readonly Parameter[],
  nameOf: (buffer: string) => string,
  read: ReadRows,
): Promise<void> {
  for (const { buffer, count, parts } of parameters) {
    const content = new Float32Array(count);
    for (const part of parts) {
      const values = await read(part.tensor, part.start, part.end);
      if (values.length !== (part.end - part.start) * columnsOf(part))
        throw new RangeError(`tensor ${part.tensor} is not [${part.shape.join(', ')}]`);
      packPart(part, values, content);
    }
    await executor.write(nameOf(buffer), content);
    // Without waiting, the queue would keep a copy of every tensor until the next submit.
    context.device.queue.submit([]);
    await context.guard(context.device.queue.onSubmittedWorkDone());
  }
}

/** Tensors as they lie in memory. */
export function rowsOf(tensors: readonly NamedTensor[]): ReadRows {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return async (name, start, end) => {
    const tensor = byName.get(name);
    if (tensor === undefined) throw new RangeError(`there is no tensor ${name}`);
    const columns = sizeOf(tensor.shape) / tensor.shape[0];
    return tensor.data.subarray(start * columns, end * columns);
  };
}

/** Tensors of a source. */
export function rowsOfSource(source: WeightSource): ReadRows {
  return (name, start, end) => source.read(name, start, end);
}

/** The tensors of `shapes`, in their order, out of the buffers of the parameters that have them. */
export async function readParameters(
  executor: Executor,
  parameters: readonly Parameter[],
  nameOf: (buffer: string) => string,
  shapes: TensorShapes,
): Promise<NamedTensor[]> {
  const tensors = new Map(
    [...shapes].map(([name, shape]) => [name, { name, shape, data: new Float32Array(sizeOf(shape)) }]),
  );
  for (const { buffer, count, parts } of parameters) {
    if (!parts.some(({ tensor }) => tensors.has(tensor))) continue;
    const [content] = await executor.read([{ name: nameOf(buffer), bytes: 4 * count }]);
    for (const part of parts) {
      const tensor = tensors.get(part.tensor);
      if (tensor !== undefined) unpackPart(part, content, tensor.data);
    }
  }
  return [...tensors.values()];
}
