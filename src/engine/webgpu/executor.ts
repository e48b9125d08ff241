import { createStorageBuffer, readBytes } from '../../gpu/buffers.ts';
import { type GpuContext, inErrorScopes } from '../../gpu/device.ts';
import { splitWorkgroups } from '../../gpu/dispatch-size.ts';
import { getPipeline, type Pipeline } from '../../gpu/pipelines.ts';
import { UNIFORM_SLOT_BYTES, writeUniforms } from '../../gpu/uniforms.ts';
import { type BrokenKernel, breakShader } from './broken-kernel.ts';
import type { Dispatch } from './dispatch.ts';
import { type KernelVariant, shaderCode, writtenBuffers } from './kernel.ts';
import { KERNELS } from './kernels/index.ts';

/** The variant that runs a dispatch. */
export type ChooseVariant = (dispatch: Dispatch) => KernelVariant;

/** The first `bytes` of a named buffer. */
interface Wanted {
  readonly name: string;
  readonly bytes: number;
}

/** Read-back buffers kept for the next slices: as many as are in flight. */
const KEPT_STAGING = 2;

/**
 * Encodes dispatches into command buffers. Buffers are known by name: weights, which stay, and an
 * arena, which grows to the largest slice and is used again by every layer and slice. Nothing waits
 * for the device but the promises returned: what is written and submitted keeps its order.
 */
export class Executor {
  readonly #context: GpuContext;
  readonly #choose: ChooseVariant;
  readonly #broken: BrokenKernel | undefined;
  readonly #buffers: Map<string, GPUBuffer>;
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  readonly #staging: GPUBuffer[] = [];
  #uniforms: GPUBuffer | null = null;

  constructor(
    context: GpuContext,
    choose: ChooseVariant,
    weights: ReadonlyMap<string, GPUBuffer>,
    broken?: BrokenKernel,
  ) {
    this.#context = context;
    this.#choose = choose;
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

  /** Reserves and fills a buffer, behind the work submitted before. */
  async write(name: string, values: ArrayBufferView<ArrayBuffer>): Promise<void> {
    const buffer = await this.reserve(name, values.byteLength);
    this.#context.device.queue.writeBuffer(buffer, 0, values.buffer, values.byteOffset, values.byteLength);
  }

  /** Compiles what these dispatches need. */
  async prepare(dispatches: readonly Dispatch[]): Promise<void> {
    await Promise.all(dispatches.map((dispatch) => this.#pipeline(dispatch)));
  }

  /**
   * One command buffer of these dispatches; resolves, once it is submitted, with the promise of its
   * end on the device.
   */
  async submit(dispatches: readonly Dispatch[]): Promise<{ readonly done: Promise<void> }> {
    const { device } = this.#context;
    const pipelines = await Promise.all(dispatches.map((dispatch) => this.#pipeline(dispatch)));
    const uniforms = await this.#writeUniforms(dispatches);
    const encoder = device.createCommandEncoder({ label: dispatches[0]?.label ?? 'empty' });
    const pass = encoder.beginComputePass();
    for (const [i, dispatch] of dispatches.entries()) {
      const { pipeline, layout } = pipelines[i];
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, this.#bindGroup(dispatch, layout, uniforms), [i * UNIFORM_SLOT_BYTES]);
      const variant = this.#choose(dispatch);
      const constants = variant.constants(dispatch.constants, dispatch.uniforms);
      pass.dispatchWorkgroups(...splitWorkgroups(variant.workgroups(dispatch.uniforms, constants)));
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
    const done = this.#context.guard(device.queue.onSubmittedWorkDone());
    done.catch(() => {});
    return { done };
  }

  /** One command buffer, waited for. */
  async run(dispatches: readonly Dispatch[]): Promise<void> {
    const { done } = await this.submit(dispatches);
    await done;
  }

  /**
   * Copies of the first bytes of each named buffer, behind the work submitted before; resolves, once
   * the copy is submitted, with the promise of the bytes.
   */
  async fetch(wanted: readonly Wanted[]): Promise<{ readonly parts: Promise<ArrayBuffer[]> }> {
    const { device } = this.#context;
    const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total === 0) return { parts: Promise.resolve(wanted.map(() => new ArrayBuffer(0))) };
    const staging = await this.#takeStaging(total);
    const encoder = device.createCommandEncoder({ label: 'read back' });
    let offset = 0;
    for (const { name, bytes } of wanted) {
      if (bytes > 0) encoder.copyBufferToBuffer(this.#buffer(name), 0, staging, offset, bytes);
      offset += bytes;
    }
    device.queue.submit([encoder.finish()]);
    const parts = readBytes(this.#context, staging, total).then((all) => {
      this.#giveStaging(staging);
      let start = 0;
      return wanted.map(({ bytes }) => {
        start += bytes;
        return all.slice(start - bytes, start);
      });
    });
    parts.catch(() => staging.destroy());
    return { parts };
  }

  /** The first bytes of each named buffer, as float32. */
  async read(wanted: readonly Wanted[]): Promise<Float32Array<ArrayBuffer>[]> {
    const { parts } = await this.fetch(wanted);
    return (await parts).map((bytes) => new Float32Array(bytes));
  }

  /** Bytes of every buffer it has on the device now. */
  get bytes(): number {
    const others = this.#uniforms === null ? this.#staging : [...this.#staging, this.#uniforms];
    return [...this.#buffers.values(), ...others].reduce((sum, { size }) => sum + size, 0);
  }

  /** Frees every buffer, weights included. */
  destroy(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    for (const buffer of this.#staging) buffer.destroy();
    this.#uniforms?.destroy();
    this.#buffers.clear();
    this.#bindGroups.clear();
  }

  async #pipeline(dispatch: Dispatch): Promise<Pipeline> {
    const kernel = KERNELS[dispatch.kernel];
    const variant = this.#choose(dispatch);
    const constants = variant.constants(dispatch.constants, dispatch.uniforms);
    const key = `${kernel.name} ${variant.name} ${dispatch.storage} ${JSON.stringify(constants)}`;
    const known = this.#pipelines.get(key);
    if (known !== undefined) return known;
    let code = shaderCode(kernel, variant, constants, dispatch.storage);
    const broken = this.#broken;
    if (
      broken?.kernel === kernel.name &&
      (broken.variant ?? variant.name) === variant.name &&
      (broken.storage ?? dispatch.storage) === dispatch.storage
    )
      code = breakShader(broken, code);
    const made = await getPipeline(this.#context, {
      label: key,
      code,
      reads: kernel.reads.length,
      writes: writtenBuffers(kernel, dispatch.constants).length,
    });
    this.#pipelines.set(key, made);
    return made;
  }

  #bindGroup(dispatch: Dispatch, layout: GPUBindGroupLayout, uniforms: GPUBuffer): GPUBindGroup {
    const kernel = KERNELS[dispatch.kernel];
    const bindings = [...kernel.reads, ...writtenBuffers(kernel, dispatch.constants)];
    const names = bindings.map((binding) => dispatch.buffers[binding]);
    // Pipelines of a kernel with as many buffers have equal layouts, so a group serves all of them.
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
      this.#bindGroups.clear();
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

  async #takeStaging(bytes: number): Promise<GPUBuffer> {
    const at = this.#staging.findIndex(({ size }) => size >= bytes);
    if (at >= 0) return this.#staging.splice(at, 1)[0];
    this.#staging.shift()?.destroy();
    // Some room to spare, so that slices a little larger find it again.
    const size = 2 ** Math.ceil(Math.log2(bytes));
    return inErrorScopes(this.#context, 'staging', size, () =>
      this.#context.device.createBuffer({
        label: 'staging',
        size,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      }),
    );
  }

  #giveStaging(buffer: GPUBuffer): void {
    if (this.#staging.length < KEPT_STAGING) this.#staging.push(buffer);
    else buffer.destroy();
  }
}
