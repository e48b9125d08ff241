import { padTo4, unpadRows } from '../../gpu/buffers.ts';
import { acquireGpu, type GpuContext } from '../../gpu/device.ts';
import { GpuLostError, GpuMemoryError } from '../../gpu/errors.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { ModelPackage } from '../../model/package.ts';
import type { TokenBatch } from '../../model/token-batch.ts';
import { type Encoded, type EncodeOptions, type Engine, EngineLostError } from '../engine.ts';
import { checkBatch } from '../reference/check-batch.ts';
import { type BrokenKernel, Executor } from './executor.ts';
import { maxRows, tableChunks, wideColumns } from './memory.ts';
import { Pace } from './pace.ts';
import { cellFlops, groupDispatches, planSlice, type TableChunk, totalClasses } from './plan.ts';
import { chooseKernels, type SelfTestResult } from './self-test.ts';
import { layoutSlice, rowsOfCell, type SliceLayout, type SpecialIds } from './slice-layout.ts';
import { uploadWeights } from './weights.ts';

export interface WebGpuEngineOptions {
  /** `navigator.gpu`, or that of a Dawn binding in Node. */
  readonly gpu: GPU | undefined;
  readonly package: Pick<ModelPackage, 'config' | 'vocabulary' | 'weights'>;
  /** Kernel variant to prefer where a kernel has it (`register`, `tiled`, `direct`, …). */
  readonly variant?: string;
  /** Bytes of weights on the device, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Test switch: one kernel computes wrongly, which the self-test must notice. */
  readonly breakKernel?: BrokenKernel;
  /** Test switch: bytes of an embedding table in one binding, smaller than what devices guarantee. */
  readonly bindingBytes?: number;
  /** Test switch: flops of one command buffer; otherwise measured. */
  readonly submitFlops?: number;
}

export interface WebGpuEngine extends Engine {
  /** What the start-up self-test found, kernel variant by kernel variant. */
  readonly selfTest: readonly SelfTestResult[];
}

/** Rows of a slice at most, whatever the device's speed: bounds memory and the wait for partial results. */
const MAX_SLICE_ROWS = 32_768;

/**
 * The encoder on our own WGSL kernels: acquires a device, tests every kernel on it, uploads the
 * weights.
 * @throws GpuUnavailableError, KernelSelfTestError, or EngineLostError where the weights do not fit
 * the device
 */
export async function createWebGpuEngine(options: WebGpuEngineOptions): Promise<WebGpuEngine> {
  const { config, vocabulary, weights: source } = options.package;
  const special: SpecialIds = {
    annotations: vocabulary.annotationIds(Object.keys(config.annotations)),
    pad: vocabulary.special.get('<pad>') ?? null,
  };
  const context = await acquireGpu(options.gpu);
  try {
    const { choice, results } = await chooseKernels(context, config, {
      prefer: options.variant,
      broken: options.breakKernel,
    });
    const chunks = tableChunks(config, options.bindingBytes);
    const buffers = await uploadWeights(context, config, chunks, source, {
      onProgress: options.onProgress,
      signal: options.signal,
    });
    const executor = new Executor(context, choice, buffers, options.breakKernel);
    const pace = new Pace(context.software, options.submitFlops);
    return new Encoder({ context, executor, pace, config, special, chunks, selfTest: results });
  } catch (cause) {
    context.destroy();
    throw asEngineError(cause);
  }
}

interface EncoderParts {
  readonly context: GpuContext;
  readonly executor: Executor;
  readonly pace: Pace;
  readonly config: ModelConfig;
  readonly special: SpecialIds;
  readonly chunks: readonly TableChunk[];
  readonly selfTest: readonly SelfTestResult[];
}

class Encoder implements WebGpuEngine {
  readonly description: Engine['description'];
  readonly config: ModelConfig;
  readonly selfTest: readonly SelfTestResult[];
  readonly #context: GpuContext;
  readonly #executor: Executor;
  readonly #special: SpecialIds;
  readonly #chunks: readonly TableChunk[];
  readonly #pace: Pace;
  /** Calls run one after the other: they share the arena. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ context, executor, pace, config, special, chunks, selfTest }: EncoderParts) {
    this.description = { kind: 'webgpu', device: context.name, software: context.software };
    this.config = config;
    this.selfTest = selfTest;
    this.#context = context;
    this.#executor = executor;
    this.#pace = pace;
    this.#special = special;
    this.#chunks = chunks;
  }

  encode(batch: TokenBatch, options: EncodeOptions): Promise<Encoded> {
    const result = this.#last
      .then(() => this.#encode(batch, options))
      .catch((cause) => {
        throw asEngineError(cause);
      });
    this.#last = result.catch(() => {});
    return result;
  }

  destroy(): void {
    this.#executor.destroy();
    this.#context.destroy();
  }

  async #encode(batch: TokenBatch, options: EncodeOptions): Promise<Encoded> {
    options.signal?.throwIfAborted();
    checkBatch(batch, this.config);
    const { dModel: d, annotations } = this.config;
    const cells = batch.cuSeqlens.length - 1;
    const heads = Object.entries(annotations);
    const annotationsAsked = options.states === true || options.annotationStates === true;
    const out = {
      embedding: new Float32Array(cells * d),
      logits: Object.fromEntries(
        heads.map(([name, classes]) => [name, new Float32Array(cells * classes.length)]),
      ),
      hiddenStates: new Float32Array(options.states ? batch.geneIds.length * d : 0),
      annotationStates: new Float32Array(annotationsAsked ? cells * heads.length * d : 0),
    };
    for (let from = 0; from < cells; ) {
      const to = this.#sliceEnd(batch, from, options);
      const layout = layoutSlice(batch, from, to, this.config, this.#special, options.pooling);
      if (layout.rows > 0) await this.#encodeSlice(layout, batch, from, options, out);
      from = to;
      options.onCells?.(to);
    }
    const { embedding, logits, hiddenStates, annotationStates } = out;
    return {
      embedding,
      logits,
      ...(options.states ? { hiddenStates } : {}),
      ...(annotationsAsked ? { annotationStates } : {}),
    };
  }

  /** The cells whose work fits one command buffer; one cell at least. */
  #sliceEnd(batch: TokenBatch, from: number, { pooling }: EncodeOptions): number {
    const annotations = this.#special.annotations.length;
    const limit = Math.min(MAX_SLICE_ROWS, maxRows(this.config));
    let rows = 0;
    let flops = 0;
    let to = from;
    for (; to + 1 < batch.cuSeqlens.length; to++) {
      const genes = batch.cuSeqlens[to + 1] - batch.cuSeqlens[to];
      const cellRows = rowsOfCell(genes, annotations, pooling, this.config);
      rows += cellRows;
      flops += cellFlops(this.config, cellRows, annotations + genes);
      if (to > from && (rows > limit || flops > this.#pace.budget)) break;
    }
    return to;
  }

  async #encodeSlice(
    layout: SliceLayout,
    batch: TokenBatch,
    from: number,
    options: EncodeOptions,
    out: Required<Encoded>,
  ): Promise<void> {
    const { config } = this;
    const d = config.dModel;
    const stride = padTo4(d);
    const classes = totalClasses(config);
    const ranges = layout.ranges.length / 2;
    const rowBytes = 4 * stride;
    for (const name of ['states', 'other', 'narrow'])
      await this.#executor.reserve(name, layout.rows * rowBytes);
    await this.#executor.reserve('wide', 4 * layout.rows * wideColumns(config));
    await this.#executor.reserve('pooled', ranges * rowBytes);
    await this.#executor.reserve('logits', 4 * ranges * padTo4(classes));
    await this.#executor.write('input', layout.input);
    await this.#executor.write('blocks', layout.blocks);
    await this.#executor.write('ranges', layout.ranges);

    const budget = this.#pace.budget;
    const { dispatches, states } = planSlice(config, layout, this.#chunks, budget);
    for (const group of groupDispatches(dispatches, budget)) {
      options.signal?.throwIfAborted();
      const start = performance.now();
      await this.#executor.run(group);
      const flops = group.reduce((sum, dispatch) => sum + dispatch.flops, 0);
      this.#pace.measured(flops, (performance.now() - start) / 1000);
    }
    options.signal?.throwIfAborted();
    const [pooled, logits, hidden] = await this.#executor.read([
      { name: 'pooled', bytes: ranges * rowBytes },
      { name: 'logits', bytes: classes > 0 ? 4 * ranges * padTo4(classes) : 0 },
      { name: states, bytes: options.states ? layout.rows * rowBytes : 0 },
    ]);

    const values = unpadRows(pooled, ranges, d);
    out.embedding.set(values.subarray(0, layout.cells * d), from * d);
    this.#setLogits(logits, layout.cells, from, out);
    const annotations = this.#special.annotations.length;
    if (out.annotationStates.length > 0)
      out.annotationStates.set(values.subarray(layout.cells * d), from * annotations * d);
    if (!options.states) return;
    for (let index = 0; index < layout.cells; index++) {
      const cell = from + index;
      const genes = batch.cuSeqlens[cell + 1] - batch.cuSeqlens[cell];
      const first = layout.firstGeneRow[index] * stride;
      const rows = hidden.subarray(first, first + genes * stride);
      out.hiddenStates.set(unpadRows(rows, genes, d), batch.cuSeqlens[cell] * d);
    }
  }

  /** Each annotation token's row holds the logits of all heads; its own are kept. */
  #setLogits(logits: Float32Array, cells: number, from: number, out: Required<Encoded>): void {
    const heads = Object.entries(this.config.annotations);
    const stride = padTo4(totalClasses(this.config));
    let column = 0;
    for (const [k, [name, { length }]] of heads.entries()) {
      for (let index = 0; index < cells; index++) {
        const at = (cells + index * heads.length + k) * stride + column;
        out.logits[name].set(logits.subarray(at, at + length), (from + index) * length);
      }
      column += length;
    }
  }
}

function asEngineError(cause: unknown): unknown {
  if (cause instanceof GpuLostError) return new EngineLostError('lost', cause.message);
  if (cause instanceof GpuMemoryError) return new EngineLostError('out-of-memory', cause.message);
  return cause;
}
