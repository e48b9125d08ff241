import type { Chunk, DataType } from 'zarrita';
import type { NumberType, ZarrArray } from './metadata.ts';

type Result =
  | string[]
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

const MAKERS: Readonly<Record<NumberType, (length: number) => Exclude<Result, string[]>>> = {
  bool: (length) => new Uint8Array(length),
  int8: (length) => new Int8Array(length),
  uint8: (length) => new Uint8Array(length),
  int16: (length) => new Int16Array(length),
  uint16: (length) => new Uint16Array(length),
  int32: (length) => new Int32Array(length),
  uint32: (length) => new Uint32Array(length),
  int64: (length) => new BigInt64Array(length),
  uint64: (length) => new BigUint64Array(length),
  float32: (length) => new Float32Array(length),
  float64: (length) => new Float64Array(length),
};

/** Room for elements of an array. */
export function emptyResult(node: ZarrArray, length: number): Result {
  return node.numbers === null ? new Array<string>(length).fill('') : MAKERS[node.numbers](length);
}

/** Rows [from, to) of an array `width` wide. */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** Copies what lies within the window out of a decoded chunk, which stays as it is. */
export function copyChunk(
  chunk: Chunk<DataType>,
  place: readonly number[],
  result: Result,
  { from, to, width }: Window,
): void {
  const [rows = 1, columns = 1] = chunk.shape;
  const [rowStride = 1, columnStride = 1] = chunk.stride;
  const [i = 0, j = 0] = place;
  const [firstRow, firstColumn] = [i * rows, j * columns];
  const used = Math.min(columns, width - firstColumn);
  const [start, end] = [Math.max(from, firstRow), Math.min(to, firstRow + rows)];
  if (copyRuns(chunk, result, { start, end, used, from, width, firstRow, firstColumn })) return;
  const element = elementsOf(chunk.data);
  for (let row = start; row < end; row++) {
    const source = (row - firstRow) * rowStride;
    const target = (row - from) * width + firstColumn;
    for (let column = 0; column < used; column++) {
      // The kinds of both sides go together: the result was made for this array.
      (result as unknown[])[target + column] = element(source + column * columnStride);
    }
  }
}

interface Runs {
  readonly start: number;
  readonly end: number;
  readonly used: number;
  readonly from: number;
  readonly width: number;
  readonly firstRow: number;
  readonly firstColumn: number;
}

/** The same for numbers that lie row by row, as they nearly always do; false where they do not. */
function copyRuns({ data, shape, stride }: Chunk<DataType>, result: Result, runs: Runs): boolean {
  const isNumbers =
    ArrayBuffer.isView(data) && ArrayBuffer.isView(result) && data.constructor === result.constructor;
  if (!isNumbers || stride[shape.length - 1] !== 1) return false;
  const { start, end, used, from, width, firstRow, firstColumn } = runs;
  const source = data as Uint8Array;
  const target = result as Uint8Array;
  if (shape.length < 2) {
    target.set(source.subarray(start - firstRow, end - firstRow), start - from);
    return true;
  }
  for (let row = start; row < end; row++) {
    const at = (row - firstRow) * stride[0];
    target.set(source.subarray(at, at + used), (row - from) * width + firstColumn);
  }
  return true;
}

/** zarrita keeps booleans and fixed-length texts in classes of its own. */
function elementsOf(data: Chunk<DataType>['data']): (at: number) => unknown {
  if ('get' in data && typeof data.get === 'function') {
    const get = data.get.bind(data) as (at: number) => unknown;
    return (at) => {
      const value = get(at);
      return typeof value === 'boolean' ? Number(value) : value;
    };
  }
  const plain = data as ArrayLike<unknown>;
  return (at) => plain[at];
}
