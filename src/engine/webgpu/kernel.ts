import { expandShader } from '../../gpu/shader-text.ts';
import { type UniformLayout, type UniformValues, uniformStruct } from '../../gpu/uniforms.ts';
import prelude from './prelude.wgsl?raw';

export type KernelName =
  | 'embedding'
  | 'gemm'
  | 'layer-norm'
  | 'attention'
  | 'mean-rows'
  | 'softmax-residual'
  | 'gemm-transposed';

/** Numbers that specialise a kernel's text: head size, epilogue, tile. One pipeline for each set. */
export type Constants = Readonly<Record<string, number>>;

/** One way to compute a kernel; all variants of a kernel give the same answer. */
export interface KernelVariant {
  readonly name: string;
  /** WGSL with the additions of src/gpu/shader-text.ts, entry point `main`. */
  readonly shader: string;
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
  /** The one buffer written (`=`, never `+=`), bound behind the reads. */
  readonly writes: string;
  readonly uniforms: UniformLayout;
  /** On a GPU and on a CPU adapter, best first; a variant that fails the self-test is passed over. */
  readonly variants: {
    readonly hardware: readonly KernelVariant[];
    readonly software: readonly KernelVariant[];
  };
}

/** The complete WGSL of a variant. */
export function shaderCode(kernel: Kernel, variant: KernelVariant, constants: Constants): string {
  return `${prelude}\n${uniformStruct(kernel.uniforms)}\n${expandShader(variant.shader, constants)}`;
}

/** Threads in a workgroup of the kernels that have one thread for each vec4 written. */
export const FLAT_THREADS = 64;
