import type { GpuFeature } from '../../gpu/device.ts';
import { expandShader } from '../../gpu/shader-text.ts';
import { type UniformLayout, type UniformValues, uniformStruct } from '../../gpu/uniforms.ts';
import type { Precision } from '../engine.ts';
import prelude from './prelude.wgsl?raw';

export type KernelName =
  | 'embedding'
  | 'gemm'
  | 'layer-norm'
  | 'attention'
  | 'attention-dots'
  | 'attention-backward-queries'
  | 'attention-backward-keys'
  | 'mean-rows'
  | 'softmax-residual'
  | 'gemm-transposed'
  | 'layer-norm-backward'
  | 'layer-norm-parameters'
  | 'sum-rows'
  | 'activation'
  | 'activation-backward'
  | 'dropout'
  | 'add'
  | 'gather-rows'
  | 'segment-sum'
  | 'fill'
  | 'softmax-statistics'
  | 'softmax-gradient'
  | 'squared-error'
  | 'square-sum'
  | 'clip-factor'
  | 'adamw';

/** Numbers that specialise a kernel's text: head size, epilogue, tile. One pipeline for each set. */
export type Constants = Readonly<Record<string, number>>;

/** One way to compute a kernel; all variants of a kernel give the same answer. */
export interface KernelVariant {
  readonly name: string;
  /** WGSL with the additions of src/gpu/shader-text.ts, entry point `main`. */
  readonly shader: string;
  /** Features of the device it cannot do without. */
  readonly needs?: readonly GpuFeature[];
  /** Lanes that every subgroup must have; absent = the four that WGSL guarantees do. */
  readonly leastSubgroup?: number;
  /** Bytes of workgroup memory it takes for a dispatch; absent = no more than every device has. */
  workgroupBytes?(constants: Constants): number;
  /** Whether it takes a dispatch of these constants; absent = any. */
  serves?(constants: Constants): boolean;
  /** The constants of the text from those of the dispatch. */
  constants(constants: Constants, uniforms: UniformValues): Constants;
  /** Workgroups needed, flat. */
  workgroups(uniforms: UniformValues, constants: Constants): number;
}

/** What a kernel reads and writes, and its variants. */
export interface Kernel {
  readonly name: KernelName;
  /** Read-only storage buffers, in binding order from 1. */
  readonly reads: readonly string[];
  /**
   * The buffers written, bound behind the reads; the first is the answer. `=`, but for kernels that are
   * updates by nature and those with a constant ACCUMULATE, which is `+=` where it is not zero.
   */
  readonly writes: readonly [string, ...string[]];
  /** Written buffers that are bound only where the constant of this name is not zero. */
  readonly optional?: Readonly<Record<string, string>>;
  readonly uniforms: UniformLayout;
  /** On a GPU and on a CPU adapter, best first; a variant that fails the self-test is passed over. */
  readonly variants: {
    readonly hardware: readonly KernelVariant[];
    readonly software: readonly KernelVariant[];
  };
}

/** The buffers that dispatches of these constants write. */
export function writtenBuffers({ writes, optional }: Kernel, constants: Constants): readonly string[] {
  return writes.filter((name) => {
    const condition = optional?.[name];
    return condition === undefined || (constants[condition] ?? 0) !== 0;
  });
}

/** How WGSL names the extension of a feature. */
const EXTENSIONS: Readonly<Record<GpuFeature, string>> = { 'shader-f16': 'f16', subgroups: 'subgroups' };

/** The features a variant needs with matrices stored like this. */
export function neededFeatures(variant: KernelVariant, storage: Precision): readonly GpuFeature[] {
  return [...(storage === 'f16' ? (['shader-f16'] as const) : []), ...(variant.needs ?? [])];
}

/**
 * The complete WGSL of a variant. `stored` is the type of matrices in storage; every kernel computes in
 * float32, and what float16 cannot hold is written as the largest number it can.
 */
export function shaderCode(
  kernel: Kernel,
  variant: KernelVariant,
  constants: Constants,
  storage: Precision,
): string {
  const enabled = neededFeatures(variant, storage).map((feature) => `enable ${EXTENSIONS[feature]};`);
  return [
    ...enabled,
    expandShader(prelude, { HALF: Number(storage === 'f16') }),
    uniformStruct(kernel.uniforms),
    expandShader(variant.shader, constants),
  ].join('\n');
}

/** Threads in a workgroup of the kernels that have one thread for each vec4 written. */
export const FLAT_THREADS = 64;

/** A variant of independent threads in workgroups of FLAT_THREADS, whose text needs no constants of its own. */
export function threadVariant(shader: string, threads: (uniforms: UniformValues) => number): KernelVariant {
  return {
    name: 'thread',
    shader,
    constants: (constants) => constants,
    workgroups: (uniforms) => Math.ceil(threads(uniforms) / FLAT_THREADS),
  };
}

/** A variant of workgroups whose threads work together, whose text needs no constants of its own. */
export function workgroupVariant(
  shader: string,
  workgroups: (uniforms: UniformValues) => number,
): KernelVariant {
  return { name: 'workgroup', shader, constants: (constants) => constants, workgroups };
}
