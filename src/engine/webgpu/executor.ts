import { createStorageBuffer, readFloats } from '../../gpu/buffers.ts';
import { type GpuContext, inErrorScopes } from '../../gpu/device.ts';
import { splitWorkgroups } from '../../gpu/dispatch-size.ts';
import { getPipeline, type Pipeline } from '../../gpu/pipelines.ts';
import { UNIFORM_SLOT_BYTES, writeUniforms } from '../../gpu/uniforms.ts';
import { type Constants, type KernelName, type KernelVariant, shaderCode } from './kernel.ts';
import { KERNELS } from './kernels/index.ts';
import type { Dispatch } from './plan.ts';

/** The variant of each kernel that runs. */
export type KernelChoice = Readonly<Record<KernelName, KernelVariant>>;

/** A test switch: changes the WGSL of one kernel, to show that the self-test notices. */
export interface BrokenKernel {
  readonly kernel: KernelName;
  /** Only this variant; all of them by default. */
  readonly variant?: string;
}

/** For each kernel a text of its WGSL and a slightly wrong one. */
const BREAKS: Readonly<Record<KernelName, readonly [string, string]>> = {
  embedding: ['x[flat] = sum', 'x[flat] = 1.01 * sum'],
  gemm: ['sum + bias[column]', '1.01 * sum + bias[column]'],
  'layer-norm': ['1.0 / sqrt(', '1.01 / sqrt('],
  attention: ['* u.scale', '* 0.9 * u.scale'],
  'mean-rows': ['max(range.y, 1u)', 'max(range.y + 1u, 1u)'],
  'softmax-residual': ['/ sum', '/ (1.01 * sum)'],
  'gemm-transposed': ['let b = r[', 'let b = 1.01 * r['],
};

/** Makes a kernel compute something slightly else, as a wrong driver would. */
function breakShader(kernel: KernelName, code: string): string {
  const [right, wrong] = BREAKS[kernel];
  if (!code.includes(right)) throw new RangeError(`${kernel} has no "${right}" to break`);
  return code.replaceAll(right, wrong);
}

/**
 * Encodes dispatches into command buffers. Buffers are known by name: weights, which stay, and an
 * arena, which grows to the largest slice and is used again by every layer and slice.
 */
export class Executor {
  readonly #context: GpuContext;
  readonly #choice: KernelChoice;
  readonly #broken: BrokenKernel | undefined;
  readonly #buffers: Map<string, GPUBuffer>;
  readonly #pipelines = new Map<string, Pipeline>();
  #bindGroups = new Map<string, GPUBindGroup>();
  #uniforms: GPUBuffer | null = null;
  #staging: GPUBuffer | null = null;

  constructor(
    context: GpuContext,
    choice: KernelChoice,
    weights: ReadonlyMap<string, GPUBuffer>,
    broken?: BrokenKernel,
  ) {
    this.#context = context;
    this.#choice = choice;
    this.#buffers = new Map(weights);
    this.#broken = broken;
  }

  /** A buffer of the arena with room for `bytes`; its content is lost when it has to grow. */
  async reserve(name: string, bytes: number): Promise<GPUBuffer> {
    const present = this.#buffers.get(name);
    if (present !== undefined && present.size >= bytes) return present;
    present?.destroy();
    this.#buffers.delete(name);
    this.#bindGroups.clear();
    const made = await createStorageBuffer(this.#context, name, bytes);
    this.#buffers.set(name, made);
    return made;
  }

  /** Reserves and fills a buffer. */
  async write(name: string, values: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>): Promise<void> {
    const buffer = await this.reserve(name, values.byteLength);
    this.#context.device.queue.writeBuffer(buffer, 0, values);
  }

  /** One command buffer of these dispatches; resolves when the device has finished it. */
  async run(dispatches: readonly Dispatch[]): Promise<void> {
    const { device } = this.#context;
    const uniforms = await this.#writeUniforms(dispatches);
    const pipelines = await Promise.all(dispatches.map((dispatch) => this.#pipeline(dispatch)));
    const encoder = device.createCommandEncoder({ label: dispatches[0]?.label ?? 'empty' });
    const pass = encoder.beginComputePass();
    for (const [i, dispatch] of dispatches.entries()) {
      const { pipeline, layout } = pipelines[i];
      const group = this.#bindGroup(dispatch, layout, uniforms);
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group, [i * UNIFORM_SLOT_BYTES]);
      const variant = this.#choice[dispatch.kernel];
      const constants = variant.constants(dispatch.constants, dispatch.uniforms);
      pass.dispatchWorkgroups(...splitWorkgroups(variant.workgroups(dispatch.uniforms, constants)));
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
    await this.#context.guard(device.queue.onSubmittedWorkDone());
  }

  /** The first `bytes` of each named buffer, as float32. */
  async read(wanted: readonly { name: string; bytes: number }[]): Promise<Float32Array<ArrayBuffer>[]> {
    const { device } = this.#context;
    const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total === 0) return wanted.map(() => new Float32Array(0));
    const staging = await this.#stagingBuffer(total);
    const encoder = device.createCommandEncoder({ label: 'read back' });
    let offset = 0;
    for (const { name, bytes } of wanted) {
      if (bytes > 0) encoder.copyBufferToBuffer(this.#buffer(name), 0, staging, offset, bytes);
      offset += bytes;
    }
    device.queue.submit([encoder.finish()]);
    const all = await readFloats(this.#context, staging, total);
    let start = 0;
    return wanted.map(({ bytes }) => {
      const part = all.slice(start, start + bytes / 4);
      start += bytes / 4;
      return part;
    });
  }

  /** Frees every buffer, weights included. */
  destroy(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#uniforms?.destroy();
    this.#staging?.destroy();
    this.#buffers.clear();
    this.#bindGroups.clear();
  }

  async #pipeline(dispatch: Dispatch): Promise<Pipeline> {
    const kernel = KERNELS[dispatch.kernel];
    const variant = this.#choice[dispatch.kernel];
    const constants: Constants = variant.constants(dispatch.constants, dispatch.uniforms);
    const key = `${kernel.name} ${variant.name} ${JSON.stringify(constants)}`;
    const known = this.#pipelines.get(key);
    if (known !== undefined) return known;
    let code = shaderCode(kernel, variant, constants);
    const broken = this.#broken;
    if (broken?.kernel === kernel.name && (broken.variant ?? variant.name) === variant.name)
      code = breakShader(kernel.name, code);
    const made = await getPipeline(this.#context, { label: key, code, reads: kernel.reads.length });
    this.#pipelines.set(key, made);
    return made;
  }

  #bindGroup(dispatch: Dispatch, layout: GPUBindGroupLayout, uniforms: GPUBuffer): GPUBindGroup {
    const kernel = KERNELS[dispatch.kernel];
    const names = [...kernel.reads, kernel.writes].map((binding) => dispatch.buffers[binding]);
    // The layouts of all pipelines of a kernel are equal, so a group serves all of them.
    const key = `${kernel.name} ${names.join(' ')}`;
    let group = this.#bindGroups.get(key);
    if (group === undefined) {
      group = this.#context.device.createBindGroup({
        label: key,
        layout,
        entries: [
          { binding: 0, resource: { buffer: uniforms, size: UNIFORM_SLOT_BYTES } },
          ...names.map((name, i) => ({ binding: i + 1, resource: { buffer: this.#buffer(name) } })),
        ],
      });
      this.#bindGroups.set(key, group);
    }
    return group;
  }

  #buffer(name: string): GPUBuffer {
    const buffer = this.#buffers.get(name);
    if (buffer === undefined) throw new RangeError(`no buffer named ${name}`);
    return buffer;
  }

  async #writeUniforms(dispatches: readonly Dispatch[]): Promise<GPUBuffer> {
    const bytes = Math.max(1, dispatches.length) * UNIFORM_SLOT_BYTES;
    if (this.#uniforms === null || this.#uniforms.size < bytes) {
      this.#uniforms?.destroy();
      this.#bindGroups = new Map();
      this.#uniforms = await inErrorScopes(this.#context, 'uniforms', bytes, () =>
        this.#context.device.createBuffer({
          label: 'uniforms',
          size: 2 * bytes,
          usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
        }),
      );
    }
    const view = new DataView(new ArrayBuffer(bytes));
    for (const [i, { kernel, uniforms }] of dispatches.entries())
      writeUniforms(view, i * UNIFORM_SLOT_BYTES, KERNELS[kernel].uniforms, uniforms);
    this.#context.device.queue.writeBuffer(this.#uniforms, 0, view.buffer);
    return this.#uniforms;
  }

  async #stagingBuffer(bytes: number): Promise<GPUBuffer> {
    if (this.#staging === null || this.#staging.size < bytes) {
      this.#staging?.destroy();
      this.#staging = await inErrorScopes(this.#context, 'staging', bytes, () =>
        this.#context.device.createBuffer({
          label: 'staging',
          size: bytes,
          usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
        }),
      );
    }
    return this.#staging;
  }
}
