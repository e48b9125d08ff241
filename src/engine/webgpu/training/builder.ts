import { padTo4 } from '../../../gpu/buffers.ts';
import type { UniformValues } from '../../../gpu/uniforms.ts';
import type { Dispatch } from '../dispatch.ts';
import { type Constants, type KernelName, writtenBuffers } from '../kernel.ts';
import type { Epilogue, GemmForm } from '../kernels/gemm/gemm.ts';
import { KERNELS } from '../kernels/index.ts';
import { productDispatches } from '../layer-dispatches.ts';
import { gradientOf } from './parameters.ts';

/** A buffer of zeros, as long as the longest bias: of products that take a residual, but no bias. */
export const ZEROS = 'zeros';

/** Rows whose bias gradients are summed by one thread, one behind the other. */
const SLICE_ROWS = 64;

interface Piece {
  readonly label: string;
  readonly kernel: KernelName;
  readonly constants?: Constants;
  readonly buffers: Readonly<Record<string, string>>;
  readonly uniforms: UniformValues;
  readonly flops: number;
}

interface MatrixProduct {
  readonly label: string;
  readonly form: GemmForm;
  readonly x: string;
  readonly weight: string;
  readonly y: string;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly bias?: string;
  /** Added to the product (with `bias` zero unless it is given). */
  readonly residual?: string | undefined;
  readonly accumulate?: boolean;
}

/** Collects the dispatches of a plan and the activations they name. Everything is float32. */
export class PlanBuilder {
  readonly #dispatches: Dispatch[] = [];
  readonly #activations = new Map<string, number>();

  /** @param budget flops beyond which a product is split by rows */
  constructor(readonly budget: number) {}

  /** A matrix of the plan, rows padded to whole vec4s. */
  matrix(name: string, rows: number, columns: number): string {
    return this.buffer(name, 4 * rows * padTo4(columns));
  }

  /** Bytes of the plan under a name. */
  buffer(name: string, bytes: number): string {
    this.#activations.set(name, bytes);
    return name;
  }

  push(...dispatches: readonly Dispatch[]): void {
    this.#dispatches.push(...dispatches);
  }

  add({ constants = {}, ...piece }: Piece): void {
    this.push({ ...piece, constants, storage: 'f32' });
  }

  product({ label, form, bias, residual, accumulate, x, weight, y, ...sizes }: MatrixProduct): string {
    const epilogue: Epilogue = residual !== undefined ? 'residual' : bias === undefined ? 'none' : 'bias';
    const buffers = { x, weight, bias: bias ?? ZEROS, residual: residual ?? ZEROS, y };
    const product = { label, form, epilogue, accumulate: accumulate ?? false, buffers, ...sizes };
    this.push(...productDispatches(product, 'f32', this.budget));
    return y;
  }

  /** y += the sum over the rows of x [rows, columns]. */
  sumRows(label: string, x: string, y: string, rows: number, columns: number): void {
    const stride4 = padTo4(columns) / 4;
    const slices = Math.ceil(rows / SLICE_ROWS);
    const partial = this.matrix(`${x}.slices`, slices, columns);
    const stage = (from: string, to: string, count: number, slice_rows: number, ACCUMULATE: number) =>
      this.add({
        label,
        kernel: 'sum-rows',
        constants: { ACCUMULATE },
        buffers: { x: from, y: to },
        uniforms: { rows: count, stride4, slice_rows },
        flops: 4 * count * stride4,
      });
    stage(x, partial, rows, SLICE_ROWS, 0);
    stage(partial, y, slices, slices, 1);
  }

  /** The gradient of a product's weight and bias: y = x · weight + bias, x [rows, inner], cotangent [rows, columns]. */
  weightGradients(
    weight: string,
    x: string,
    cotangent: string,
    sizes: { readonly rows: number; readonly inner: number; readonly columns: number },
    bias: boolean,
  ): void {
    this.product({
      label: gradientOf(weight),
      form: 'tn',
      ...{ x, weight: cotangent, y: gradientOf(weight), accumulate: true },
      ...{ rows: sizes.inner, inner: sizes.rows, columns: sizes.columns },
    });
    const biasGradient = gradientOf(`${weight}.bias`);
    if (bias) this.sumRows(biasGradient, cotangent, biasGradient, sizes.rows, sizes.columns);
  }

  /** What was collected, without what nobody reads: dispatches that write neither a kept name nor one read later. */
  finish(kept: readonly string[]): {
    readonly dispatches: readonly Dispatch[];
    readonly activations: ReadonlyMap<string, number>;
  } {
    const read = new Set(kept);
    const used: Dispatch[] = [];
    for (const dispatch of this.#dispatches.toReversed()) {
      const { kernel, constants, buffers, flops } = dispatch;
      const written = writtenBuffers(KERNELS[kernel], constants).map((binding) => buffers[binding]);
      if (flops === 0 || written.every((name) => this.#activations.has(name) && !read.has(name))) continue;
      for (const name of Object.values(buffers)) read.add(name);
      used.push(dispatch);
    }
    return {
      dispatches: used.reverse(),
      activations: new Map([...this.#activations].filter(([name]) => read.has(name))),
    };
  }
}
