import {
  type Encoded,
  type Engine,
  type EngineKind,
  EngineLostError,
  type Precision,
} from '../engine/engine.ts';
import { toPredictions } from '../engine/predictions.ts';
import { chooseEngine, createEngine, type EngineChoice } from '../engine/select.ts';
import type { RuntimeOptions } from '../engine/wasm/runtime.ts';
import type { TuningStore } from '../engine/webgpu/tuner/record.ts';
import type { Pooling } from '../model/config.ts';
import { memorySource } from '../model/memory-source.ts';
import { type ModelPackage, openModelPackage } from '../model/package.ts';
import { sha256 as sha256Of } from '../model/sha256.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import type { ModelStore } from '../store/model-store.ts';
import { concatenateEncoded, geneMeans, sliceBatch } from './batches.ts';
import { RunError } from './errors.ts';
import { judgeCells } from './judge.ts';
import { isAbort, lineOf, TIMINGS_UNREAD } from './messages.ts';
import type { OpenSource } from './model-opener.ts';
import type {
  CellResults,
  ComputeService,
  EncodeJobOptions,
  JobOptions,
  LoadedModel,
  LoadOptions,
  ModelLocation,
} from './services.ts';
import { measureSpeed } from './warm-up.ts';

/** How a compute service reaches devices and models: the page's worker and Node differ in nothing else. */
export interface ComputeEnvironment {
  readonly openSource: OpenSource;
  /** `navigator.gpu`, or Dawn's; asked for when an engine is chosen or made. */
  readonly gpu: () => Promise<GPU | undefined>;
  readonly wasm: RuntimeOptions;
  readonly crossOriginIsolated: boolean;
  readonly hardwareConcurrency: number;
  /** Where timings of kernels are remembered; absent: WebGPU runs as committed. */
  readonly tuning?: TuningStore;
  /** Where dropped models are kept; null where there is no store. */
  readonly store: () => Promise<ModelStore | null>;
}

interface Loaded {
  readonly pkg: ModelPackage;
  /** As asked for: an engine made anew gets the same. */
  readonly precision: Precision | undefined;
  engine: Engine;
}

const NEXT: Readonly<Record<EngineKind, EngineKind | null>> = {
  webgpu: 'wasm',
  wasm: 'reference',
  reference: null,
};

/** The loaded model on its engine. Runs in the compute worker, or directly. */
export class LocalComputeService implements ComputeService {
  #loaded: Loaded | null = null;
  /** Loads and encodes run one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param create another way to make engines, for tests */
  constructor(
    private readonly environment: ComputeEnvironment,
    private readonly create: typeof createEngine = createEngine,
  ) {}

  async engines(): Promise<EngineChoice> {
    const { gpu, crossOriginIsolated, hardwareConcurrency } = this.environment;
    return chooseEngine({ gpu: await gpu(), crossOriginIsolated, hardwareConcurrency });
  }

  load(location: ModelLocation, options: LoadOptions): Promise<LoadedModel> {
    return this.#inTurn(() => this.#load(location, options));
  }

  encode(batch: TokenBatch, pooling: Pooling, options: EncodeJobOptions): Promise<CellResults> {
    return this.#inTurn(() => this.#encode(batch, pooling, options));
  }

  unload(): Promise<void> {
    return this.#inTurn(async () => this.#release());
  }

  async #load(location: ModelLocation, options: LoadOptions): Promise<LoadedModel> {
    const { signal, onProgress } = options;
    const { source, sha256 } = await this.environment.openSource(location, options);
    const pkg = await openModelPackage(source, {
      signal,
      onProgress: (done, total) => onProgress?.({ stage: 'checking weights', done, total, unit: 'bytes' }),
    });
    if (sha256 !== null && sha256 !== pkg.sha256) {
      throw new RunError('model-gone', 'the stored weights are not what was stored', pkg.name);
    }
    const notices = packageNotices(pkg);
    if (location.kind === 'files') notices.push(...(await this.#keep(source, pkg, options)));
    // The old weights must go before the new ones come: two models may not fit side by side.
    this.#release();
    const kind = options.engine ?? (await this.engines()).recommended;
    const created = await this.create(
      kind,
      pkg,
      await this.#creation(options, (notice) => notices.push(notice)),
    );
    this.#loaded = { pkg, precision: options.precision, engine: created.engine };
    const { engine } = created;
    return {
      name: pkg.name,
      sha256: pkg.sha256,
      vocabularySha256: await vocabularyHash(pkg),
      config: pkg.config,
      parameters: pkg.parameters,
      engine: engine.description,
      training: pkg.training,
      notices: [...notices, ...created.notices],
      tokensPerSecond: await measureSpeed(engine, pkg, signal),
      deviceBytes: 4 * pkg.parameters + workBytes(pkg),
    };
  }

  async #creation(
    { signal, onProgress, breakKernel, precision }: LoadOptions,
    onNotice: ((notice: string) => void) | undefined,
  ) {
    const { tuning } = this.environment;
    return {
      gpu: await this.environment.gpu(),
      wasm: this.environment.wasm,
      ...(breakKernel === undefined ? {} : { breakKernel }),
      ...(precision === undefined ? {} : { precision }),
      ...(tuning && {
        tuning: {
          store: tuning,
          userAgent: globalThis.navigator?.userAgent ?? 'Node',
          onProgress: (done: number, total: number) =>
            onProgress?.({ stage: 'trying kernels', done, total, unit: 'kernels' }),
          onUnread: () => onNotice?.(TIMINGS_UNREAD),
        },
      }),
      ...(signal ? { signal } : {}),
      onProgress: (done: number, total: number) =>
        onProgress?.({ stage: 'loading weights', done, total, unit: 'bytes' }),
    };
  }

  /** Keeps a dropped model in the browser's store; without room it stays in memory, with a sentence. */
  async #keep(
    source: Parameters<ModelStore['put']>[0],
    pkg: ModelPackage,
    { signal, onProgress }: JobOptions,
  ): Promise<string[]> {
    const store = await this.environment.store();
    const forgotten = 'the model is used from memory and has to be dropped again after a reload';
    if (!store) return [`This browser gives the page no private storage: ${forgotten}.`];
    try {
      await store.put(source, pkg.sha256, {
        signal,
        onBytes: (done) => onProgress?.({ stage: 'storing', done, unit: 'bytes' }),
      });
      return [];
    } catch (error) {
      if (isAbort(error)) throw error;
      return [`The model could not be stored (${lineOf(error)}): ${forgotten}.`];
    }
  }

  async #encode(batch: TokenBatch, pooling: Pooling, options: EncodeJobOptions): Promise<CellResults> {
    const loaded = this.#loaded;
    if (!loaded) throw new RunError('no-model', 'no model is loaded');
    const { config, reference } = loaded.pkg;
    const states = reference !== null && pooling !== 'gene_mean';
    const encoded = await this.#encodeSafely(loaded, batch, pooling, states, options);
    if (
      !encoded.embedding.every(Number.isFinite) ||
      encoded.annotationStates?.every(Number.isFinite) === false
    ) {
      const { kind, device } = loaded.engine.description;
      throw new RunError(
        'not-finite',
        `the engine ${kind} (${device}) gave results that are not numbers`,
        kind,
      );
    }
    const means =
      states && encoded.hiddenStates
        ? geneMeans(batch, encoded.hiddenStates, config.dModel)
        : encoded.embedding;
    return {
      rows: batch.rows,
      dimension: config.dModel,
      embedding: encoded.embedding,
      predictions: toPredictions(config, encoded.logits),
      withheld: judgeCells(batch, means, reference),
      tokens: Uint32Array.from(batch.rows, (_, cell) => batch.cuSeqlens[cell + 1] - batch.cuSeqlens[cell]),
      ...(options.annotationStates && encoded.annotationStates
        ? { annotationStates: statesByName(config, encoded.annotationStates) }
        : {}),
    };
  }

  /**
   * The batch through the engine; a lost engine is rebuilt once, one out of memory gets half as many
   * cells, and where that is one cell already or the rebuilt one fails, the next engine takes over.
   */
  async #encodeSafely(
    loaded: Loaded,
    batch: TokenBatch,
    pooling: Pooling,
    states: boolean,
    options: EncodeJobOptions,
    rebuilt = false,
  ): Promise<Encoded> {
    const { signal } = options;
    try {
      return await loaded.engine.encode(batch, {
        pooling,
        states,
        annotationStates: options.annotationStates === true,
        ...(signal ? { signal } : {}),
        onCells: (done) =>
          options.onProgress?.({ stage: 'embedding', done, total: batch.rows.length, unit: 'cells' }),
      });
    } catch (error) {
      if (!(error instanceof EngineLostError) || signal?.aborted) throw error;
      const { kind } = loaded.engine.description;
      loaded.engine.destroy();
      const memory = error.reason === 'out-of-memory';
      const cells = batch.rows.length;
      const next = rebuilt && (!memory || cells === 1) ? NEXT[kind] : kind;
      if (next === null) throw error;
      const created = await this.create(
        next,
        loaded.pkg,
        await this.#creation(
          {
            ...(signal ? { signal } : {}),
            ...(loaded.precision ? { precision: loaded.precision } : {}),
          },
          options.onNotice,
        ),
      );
      loaded.engine = created.engine;
      for (const notice of created.notices) options.onNotice?.(notice);
      if (next !== kind)
        options.onNotice?.(`The ${kind} engine failed again (${error.message}); ${next} goes on.`);
      else if (!rebuilt)
        options.onNotice?.(`The ${kind} engine was lost (${error.message}) and started again.`);
      const again = next === kind;
      if (!memory || cells === 1) return this.#encodeSafely(loaded, batch, pooling, states, options, again);
      const half = Math.ceil(cells / 2);
      const parts = [sliceBatch(batch, 0, half), sliceBatch(batch, half, cells)];
      const first = await this.#encodeSafely(loaded, parts[0], pooling, states, options, again);
      const second = await this.#encodeSafely(loaded, parts[1], pooling, states, options, again);
      return concatenateEncoded(first, second);
    }
  }

  #release(): void {
    this.#loaded?.engine.destroy();
    this.#loaded = null;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function packageNotices(pkg: ModelPackage): string[] {
  const notices: string[] = [];
  if (pkg.extraTensors.length > 0) {
    const some = pkg.extraTensors.slice(0, 3).join(', ');
    notices.push(`The model file has ${pkg.extraTensors.length} tensors the encoder does not use: ${some}.`);
  }
  if (Object.keys(pkg.config.annotations).length > 0 && !pkg.reference) {
    notices.push(
      'The model has no training_reference.safetensors: cells unlike its training data cannot be told, and their predictions are shown too.',
    );
  }
  return notices;
}

async function vocabularyHash({ vocabulary }: ModelPackage): Promise<string> {
  return sha256Of(memorySource(new TextEncoder().encode(vocabulary.tokens().join('\n'))));
}

/** [cells, annotations, d] as one [cells, d] for each annotation. */
function statesByName(
  { annotations, dModel: d }: ModelPackage['config'],
  states: Float32Array,
): Record<string, Float32Array<ArrayBuffer>> {
  const names = Object.keys(annotations);
  const cells = names.length === 0 ? 0 : states.length / (names.length * d);
  return Object.fromEntries(
    names.map((name, k) => {
      const own = new Float32Array(cells * d);
      for (let cell = 0; cell < cells; cell++) {
        const at = (cell * names.length + k) * d;
        own.set(states.subarray(at, at + d), cell * d);
      }
      return [name, own];
    }),
  );
}

/** Activations of one slice of work, roughly. */
function workBytes({ config }: ModelPackage): number {
  const rows = 8192;
  return 4 * rows * (6 * config.dModel + Math.max(3 * config.dModel, config.dHid));
}
