import { float16ToFloat32, float32ToFloat16 } from '../../../model/float16.ts';
import type { Precision } from '../../engine.ts';
import type { Dispatch } from '../dispatch.ts';
import type { KernelName } from '../kernel.ts';

export type Input = Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** One dispatch on random numbers beside its answer in float64. */
export interface KernelCase {
  readonly label: string;
  readonly dispatch: Dispatch;
  readonly inputs: Readonly<Record<string, Input>>;
  /** Bytes of each buffer written. */
  readonly outputs: Readonly<Record<string, number>>;
  /** What stands in buffers written before the dispatch; zeros in the others. */
  readonly start?: Readonly<Record<string, Input>>;
  /** The buffer that is compared. */
  readonly answer: string;
  /** Where the device's answer is compared, without padding. */
  extract(output: ArrayBuffer): Float32Array;
  readonly expected: Float64Array;
}

/** Random numbers in (−1, 1), the same for the same seed: murmur3's finaliser over a counter. */
export function randomFloats(seed: number, count: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => {
    let x = (seed + Math.imul(i, 0x9e3779b9)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

/** Numbers as the device stores them. */
export function toStored(values: Float32Array<ArrayBuffer>, storage: Precision): Input {
  return storage === 'f16' ? float32ToFloat16(values) : values;
}

/** What numbers are once they are stored. */
export function rounded(values: Float32Array<ArrayBuffer>, storage: Precision): Float32Array<ArrayBuffer> {
  return storage === 'f16' ? float16ToFloat32(float32ToFloat16(values)) : values;
}

/** Stored numbers read back. */
export function fromStored(bytes: ArrayBuffer, storage: Precision): Float32Array<ArrayBuffer> {
  return storage === 'f16' ? float16ToFloat32(new Uint16Array(bytes)) : new Float32Array(bytes);
}

/** A dispatch whose buffers are called as its bindings. */
export function dispatchOf(
  part: Pick<Dispatch, 'kernel' | 'constants' | 'storage' | 'uniforms'>,
  bindings: readonly string[],
): Dispatch {
  return {
    ...part,
    label: `check ${part.kernel}`,
    buffers: Object.fromEntries(bindings.map((name) => [name, name])),
    flops: 1,
  };
}

interface FloatCase extends Pick<KernelCase, 'label' | 'answer' | 'expected'> {
  readonly kernel: KernelName;
  readonly constants?: Dispatch['constants'];
  readonly uniforms: Dispatch['uniforms'];
  /** In the order of the bindings. */
  readonly inputs: KernelCase['inputs'];
  /** What stands in the buffers written, in the order of the bindings: what is overwritten is no zero. */
  readonly start: Readonly<Record<string, Input>>;
  /** By default the whole answer, padding and all. */
  readonly extract?: KernelCase['extract'];
}

/** A case of a kernel that knows float32 alone. */
export function floatCase({
  kernel,
  constants = {},
  uniforms,
  inputs,
  start,
  ...rest
}: FloatCase): KernelCase {
  return {
    extract: (bytes) => new Float32Array(bytes),
    ...rest,
    label: `${kernel} ${rest.label}`,
    dispatch: dispatchOf({ kernel, constants, storage: 'f32', uniforms }, [
      ...Object.keys(inputs),
      ...Object.keys(start),
    ]),
    inputs,
    outputs: Object.fromEntries(Object.entries(start).map(([name, { byteLength }]) => [name, byteLength])),
    start,
  };
}

/** Whole numbers 0 … below, drawn like randomFloats. */
export function randomIntegers(seed: number, count: number, below: number): number[] {
  return Array.from(randomFloats(seed, count), (v) => Math.min(below - 1, Math.floor(((v + 1) / 2) * below)));
}
