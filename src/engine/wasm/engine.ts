import type * as Ort from 'onnxruntime-web/wasm';
import type { ModelConfig } from '../../model/config.ts';
import type { ModelPackage } from '../../model/package.ts';
import type { TokenBatch } from '../../model/token-batch.ts';
import type { Encoded, EncodeOptions, Engine, EngineDescription } from '../engine.ts';
import { checkBatch } from '../reference/check-batch.ts';
import { buildEncoderBlock, layerBytes } from './graph.ts';
import type { WasmPrecision } from './graph-builder.ts';
import { type InputTables, readInputTables, writeInputStates } from './input-states.ts';
import { type AnnotationHead, annotationLogits, poolStates, readAnnotationHeads } from './readout.ts';
import { exclusively, loadRuntime, type OrtModule, type RuntimeOptions } from './runtime.ts';
import { planSlices, type Slice, type SliceLimits } from './slices.ts';

export interface WasmEngineOptions extends RuntimeOptions {
  /**
   * Default 'f32'. 'int8' multiplies 8-bit integers in the linear layers: pooled vectors are 0.4 % off
   * with the bootstrap model on real cells, 1 to 4 % in the golden cases (root mean squares).
   */
  readonly precision?: WasmPrecision;
  /** Bytes of layer weights in the runtime so far, of all. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Weights of one session. Small, so that few weights stand twice while a session is made (our blob and
 * its copy in the heap), and so that a long cell can be cancelled between sessions.
 */
const BLOCK_BYTES = 8 * 2 ** 20;
/** Arithmetic of one call: well under a second at the ~20 GFLOP/s of one thread (measured on 2 cores). */
const CALL_FLOPS = 8e9;
/** Attention scores of one call, if the runtime holds them all: heads · Σ sequence² floats. */
const SCORE_BYTES = 256 * 2 ** 20;
const MESSAGE_INTERVAL_MS = 100;

/**
 * The encoder on onnxruntime-web's WebAssembly backend: the graph is made in memory from the package's
 * weights, in sessions of a few layers each. Weights live in the wasm heap (4 GB at most), the
 * embedding tables in JavaScript.
 * @throws EngineLostError 'out-of-memory' when the heap or the device has no room for the model
 */
export async function createWasmEngine(
  pkg: Pick<ModelPackage, 'config' | 'vocabulary' | 'weights'>,
  options: WasmEngineOptions = {},
): Promise<Engine> {
  const { config } = pkg;
  const { precision = 'f32' } = options;
  const { ort, threads } = await loadRuntime(options);
  const tables = await readInputTables(pkg);
  const heads = await readAnnotationHeads(pkg);
  const layersPerBlock = Math.max(1, Math.floor(BLOCK_BYTES / layerBytes(config)));
  const sessions: Ort.InferenceSession[] = [];
  try {
    for (let first = 0; first < config.nLayers; first += layersPerBlock) {
      options.signal?.throwIfAborted();
      const last = Math.min(config.nLayers, first + layersPerBlock);
      sessions.push(await createSession(ort, pkg, first, last, precision));
      options.onProgress?.(last * layerBytes(config), config.nLayers * layerBytes(config));
    }
  } catch (error) {
    releaseAll(sessions);
    throw error;
  }
  return new WasmEngine(ort, threads, precision, config, sessions, tables, heads, layersPerBlock);
}

async function createSession(
  ort: OrtModule,
  pkg: Pick<ModelPackage, 'config' | 'weights'>,
  first: number,
  last: number,
  precision: WasmPrecision,
): Promise<Ort.InferenceSession> {
  const block = await buildEncoderBlock(pkg.config, pkg.weights, first, last, precision);
  return exclusively(() =>
    ort.InferenceSession.create(block.model, {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'all',
      // An arena a session would keep the scores of its longest cell for good, once for every block.
      enableCpuMemArena: false,
      enableMemPattern: false,
      externalData: [{ path: block.externalLocation, data: block.weights }],
    }),
  );
}

function releaseAll(sessions: readonly Ort.InferenceSession[]): void {
  for (const session of sessions) exclusively(() => session.release()).catch(() => undefined);
}

class WasmEngine implements Engine {
  readonly description: EngineDescription;
  private heardAt = 0;

  constructor(
    private readonly ort: OrtModule,
    threads: number,
    private readonly precision: WasmPrecision,
    readonly config: ModelConfig,
    private readonly sessions: readonly Ort.InferenceSession[],
    private readonly tables: InputTables,
    private readonly heads: readonly AnnotationHead[],
    private readonly layersPerBlock: number,
  ) {
    const name = threads === 1 ? '1 thread' : `${threads} threads`;
    const device = precision === 'f32' ? name : `${name}, ${precision}`;
    this.description = { kind: 'wasm', device, software: true, threads };
  }

  async encode(batch: TokenBatch, options: EncodeOptions): Promise<Encoded> {
    checkBatch(batch, this.config);
    options.signal?.throwIfAborted();
    const d = this.config.dModel;
    const cells = batch.cuSeqlens.length - 1;
    const annotations = this.heads.length;
    const allPositions = options.pooling === 'all_positions';
    const rows = Uint32Array.from({ length: cells }, (_, cell) => {
      const genes = batch.cuSeqlens[cell + 1] - batch.cuSeqlens[cell];
      return annotations + (allPositions && genes > 0 ? this.config.maxPositionEmbeddings : genes);
    });
    const embedding = new Float32Array(cells * d);
    const logits: Record<string, Float32Array<ArrayBuffer>> = {};
    for (const head of this.heads) logits[head.name] = new Float32Array(cells * head.classes);
    const states = {
      ...(options.states ? { hiddenStates: new Float32Array(batch.geneIds.length * d) } : {}),
      ...(options.states || options.annotationStates
        ? { annotationStates: new Float32Array(cells * annotations * d) }
        : {}),
    };

    const slices = planSlices(rows, this.limits());
    let done = cells - slices.reduce((sum, slice) => sum + slice.cells.length, 0);
    if (done > 0) options.onCells?.(done);
    for (const slice of slices) {
      const result = await this.encodeSlice(slice, batch, options.signal);
      slice.cells.forEach((cell, place) => {
        const own = result.subarray(place * slice.sequence * d, (place + 1) * slice.sequence * d);
        const start = batch.cuSeqlens[cell];
        const genes = batch.cuSeqlens[cell + 1] - start;
        if (genes > 0)
          embedding.set(poolStates(own, annotations, genes, options.pooling, this.config), cell * d);
        this.heads.forEach((head, k) => {
          logits[head.name].set(
            annotationLogits(head, own.subarray(k * d, (k + 1) * d)),
            cell * head.classes,
          );
        });
        states.annotationStates?.set(own.subarray(0, annotations * d), cell * annotations * d);
        states.hiddenStates?.set(own.subarray(annotations * d, (annotations + genes) * d), start * d);
      });
      done += slice.cells.length;
      options.onCells?.(done);
    }
    return { embedding, logits, ...states };
  }

  destroy(): void {
    releaseAll(this.sessions);
  }

  /** States [cells of the slice, sequence, dModel] after the last layer. */
  private async encodeSlice(slice: Slice, batch: TokenBatch, signal?: AbortSignal): Promise<Float32Array> {
    const d = this.config.dModel;
    const { cells, sequence } = slice;
    const input = new Float32Array(cells.length * sequence * d);
    cells.forEach((cell, place) => {
      const own = input.subarray(place * sequence * d, (place + 1) * sequence * d);
      writeInputStates(own, sequence, batch, cell, this.tables, this.config);
    });
    const keys = Int32Array.from(
      cells,
      (cell) => this.heads.length + batch.cuSeqlens[cell + 1] - batch.cuSeqlens[cell],
    );
    let states = input;
    for (const session of this.sessions) {
      await this.hearMessages();
      signal?.throwIfAborted();
      const feeds = {
        x: new this.ort.Tensor('float32', states, [cells.length, sequence, d]),
        keys: new this.ort.Tensor('int32', keys, [cells.length]),
      };
      const { y } = await exclusively(() => session.run(feeds));
      states = y.data as Float32Array<ArrayBuffer>;
    }
    return states;
  }

  /** A turn of the event loop now and then: the runtime blocks its thread, and a cancel is a message. */
  private async hearMessages(): Promise<void> {
    if (performance.now() - this.heardAt < MESSAGE_INTERVAL_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.heardAt = performance.now();
  }

  private limits(): SliceLimits {
    const { dModel, dHid, nHeads } = this.config;
    const flopsOfRow = 2 * this.layersPerBlock * (4 * dModel * dModel + 2 * dModel * dHid);
    return {
      // A call quantizes by the range of all its rows: a cell alone has an answer of its own.
      rows: this.precision === 'int8' ? 0 : CALL_FLOPS / flopsOfRow,
      squares: SCORE_BYTES / (4 * nHeads),
      // A call of one cell runs as fast as one of eight (within 2 % from 300 rows on): only calls are saved.
      paddingShare: 0.01,
      paddingRows: 8,
    };
  }
}
