import type { Engine, EnginePrecision } from '../engine/engine.ts';
import { toPredictions } from '../engine/predictions.ts';
import { chooseEngine, createEngine, type EngineChoice } from '../engine/select.ts';
import type { RuntimeOptions } from '../engine/wasm/runtime.ts';
import type { TuningStore } from '../engine/webgpu/tuner/record.ts';
import type { Pooling } from '../model/config.ts';
import { type ModelPackage, openModelPackage } from '../model/package.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import type { ModelStore } from '../store/model-store.ts';
import { geneMeans, statesByName } from './batches.ts';
import { describeLoaded } from './describe-loaded.ts';
import { RunError } from './errors.ts';
import { judgeCells } from './judge.ts';
import { isAbort, lineOf, TIMINGS_UNREAD } from './messages.ts';
import type { OpenSource } from './model-opener.ts';
import type { CellResults } from './results.ts';
import { encodeSafely } from './safe-encode.ts';
import type {
  ComputeService,
  EncodeJobOptions,
  JobOptions,
  LoadedModel,
  LoadOptions,
  ModelLocation,
} from './services.ts';

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
  readonly precision: EnginePrecision | undefined;
  engine: Engine;
}

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
    const kept = location.kind === 'files' && location.keep !== false;
    const notices = kept ? await this.#keep(source, pkg, options) : [];
    // The old weights must go before the new ones come: two models may not fit side by side.
    this.#release();
    const kind = options.engine ?? (await this.engines()).recommended;
    const created = await this.create(
      kind,
      pkg,
      await this.#creation(options, (notice) => notices.push(notice)),
    );
    this.#loaded = { pkg, precision: options.precision, engine: created.engine };
    return describeLoaded(pkg, created.engine, [...notices, ...created.notices], signal);
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
    const encoded = await encodeSafely(loaded, batch, { pooling, states }, options, async (kind) =>
      this.create(
        kind,
        loaded.pkg,
        await this.#creation(
          {
            ...(options.signal ? { signal: options.signal } : {}),
            ...(loaded.precision ? { precision: loaded.precision } : {}),
          },
          options.onNotice,
        ),
      ),
    );
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
