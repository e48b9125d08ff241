import { acquireGpu } from '../gpu/device.ts';
import { GpuUnavailableError } from '../gpu/errors.ts';
import { ModelError } from '../model/errors.ts';
import type { ModelPackage } from '../model/package.ts';
import { type Engine, type EngineKind, EngineLostError, type EnginePrecision } from './engine.ts';
import type { RuntimeOptions } from './wasm/runtime.ts';
import { wasmThreads } from './wasm/threads.ts';
import type { HalfRefusal, WebGpuEngineOptions } from './webgpu/engine.ts';

/** What the choice is made from; in a browser the fields of the same names. */
export interface Surroundings {
  /** `navigator.gpu`, or that of a Dawn binding in Node. */
  readonly gpu: GPU | undefined;
  /** Shared memory, and so more than one wasm thread, is allowed. True in Node. */
  readonly crossOriginIsolated: boolean;
  readonly hardwareConcurrency: number;
}

interface EngineOption {
  readonly kind: EngineKind;
  readonly available: boolean;
  /** Why not, or what it runs on. */
  readonly detail: string;
}

export interface EngineChoice {
  readonly options: readonly EngineOption[];
  /** What is taken without a wish, and why in one sentence. */
  readonly recommended: EngineKind;
  readonly reason: string;
}

/** The next engine to try where one does not start, fastest first. */
const FALLBACKS: Readonly<Record<EngineKind, readonly EngineKind[]>> = {
  webgpu: ['wasm', 'reference'],
  wasm: ['reference'],
  reference: [],
};

const ENGINE_NAMES: Readonly<Record<EngineKind, string>> = {
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  reference: 'the slow reference in plain JavaScript',
};

/**
 * WebGPU, unless there is no adapter or the adapter is a CPU in disguise: there our kernels reach
 * some 2 to 8 GFLOP/s where WebAssembly reaches 20 a thread (measured on two CPU cores).
 */
export async function chooseEngine(surroundings: Surroundings): Promise<EngineChoice> {
  const gpu = await findGpu(surroundings.gpu);
  const threads = wasmThreads(surroundings);
  const wasmDetail = surroundings.crossOriginIsolated
    ? `${threads} ${threads === 1 ? 'thread' : 'threads'}`
    : '1 thread: the page is not cross-origin isolated';
  const useGpu = gpu.available && !gpu.software;
  return {
    options: [
      { kind: 'webgpu', available: gpu.available, detail: gpu.detail },
      { kind: 'wasm', available: true, detail: wasmDetail },
      { kind: 'reference', available: true, detail: 'plain JavaScript in float64, for checks: very slow' },
    ],
    recommended: useGpu ? 'webgpu' : 'wasm',
    reason: gpu.reason,
  };
}

interface FoundGpu {
  readonly available: boolean;
  readonly software: boolean;
  readonly detail: string;
  readonly reason: string;
}

async function findGpu(gpu: GPU | undefined): Promise<FoundGpu> {
  try {
    const context = await acquireGpu(gpu);
    const { name, software } = context;
    context.destroy();
    if (!software)
      return {
        available: true,
        software,
        detail: name,
        reason: `This device has a GPU (${name}), on which the model runs by WebGPU.`,
      };
    return {
      available: true,
      software,
      detail: `software adapter (${name}): slower than WebAssembly`,
      reason: `The only GPU here is software on the processor (${name}), where WebAssembly is several times faster.`,
    };
  } catch (error) {
    if (!(error instanceof GpuUnavailableError)) throw error;
    return {
      available: false,
      software: false,
      detail: error.message,
      reason: `WebGPU cannot be used (${error.message}), so the model runs on the processor as WebAssembly.`,
    };
  }
}

type EnginePackage = Pick<ModelPackage, 'config' | 'vocabulary' | 'weights'>;

export interface CreateEngineOptions {
  readonly gpu: GPU | undefined;
  /** Default 'f32'. */
  readonly precision?: EnginePrecision;
  readonly wasm?: RuntimeOptions;
  /** Where WebGPU's fastest kernels on this adapter are remembered; absent: nothing is measured. */
  readonly tuning?: WebGpuEngineOptions['tuning'];
  /** Test switch: this WGSL kernel is broken on purpose before the self-test. */
  readonly breakKernel?: string;
  /** Throw where `kind` does not start, instead of trying the next engine (default false). */
  readonly strict?: boolean;
  readonly signal?: AbortSignal;
  /** Bytes of weights on the device or in the runtime, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** An engine, and sentences on what did not go as wished. */
export interface CreatedEngine {
  readonly engine: Engine;
  readonly notices: readonly string[];
}

export type EngineFactory = (pkg: EnginePackage, options: CreateEngineOptions) => Promise<CreatedEngine>;

/**
 * Makes the engine of this kind, or, where it fails its self-test or does not start, the next of
 * webgpu → wasm → reference, with a sentence for the user for each step down.
 * @throws ModelError for a faulty package and the signal's reason for a cancel: neither gets better
 * with another engine. EngineLostError 'out-of-memory' from wasm: the reference needs as much.
 */
export async function createEngine(
  kind: EngineKind,
  pkg: EnginePackage,
  options: CreateEngineOptions,
  factories: Readonly<Record<EngineKind, EngineFactory>> = ENGINE_FACTORIES,
): Promise<CreatedEngine> {
  const order = [kind, ...(options.strict ? [] : FALLBACKS[kind])];
  const notices: string[] = [];
  for (const [i, candidate] of order.entries()) {
    try {
      const created = await factories[candidate](pkg, options);
      return {
        engine: created.engine,
        notices: [...notices, ...created.notices, ...precisionNotices(created.engine, options)],
      };
    } catch (error) {
      const next = order[i + 1];
      if (next === undefined || !anotherEngineMayHelp(error, candidate, options.signal)) throw error;
      notices.push(demotionNotice(candidate, next, error));
    }
  }
  throw new RangeError(`no engine is called ${kind}`);
}

function anotherEngineMayHelp(error: unknown, failed: EngineKind, signal?: AbortSignal): boolean {
  if (signal?.aborted || error instanceof ModelError) return false;
  return !(failed === 'wasm' && error instanceof EngineLostError && error.reason === 'out-of-memory');
}

function demotionNotice(failed: EngineKind, next: EngineKind, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${ENGINE_NAMES[failed]} could not be used (${message}); ${ENGINE_NAMES[next]} runs the model instead.`;
}

/** Said where the engine that runs has not the precision asked for. */
function precisionNotices({ description }: Engine, { precision = 'f32' }: CreateEngineOptions): string[] {
  if (precision === 'int8' && description.kind !== 'wasm')
    return ['8-bit integers are the WebAssembly engine’s alone; the model runs in 32 bits.'];
  if (precision === 'f16' && description.kind !== 'webgpu')
    return ['16-bit numbers are WebGPU’s alone; the model runs in 32 bits.'];
  return [];
}

const HALF_REFUSALS: Readonly<Record<HalfRefusal, string>> = {
  absent: 'WebGPU offers no 16-bit numbers (shader-f16) on this device; the model runs in 32 bits.',
  wrong: 'This GPU gave wrong numbers in 16 bits in the start-up test; the model runs in 32 bits.',
};

/** Each engine's code is loaded when it is first made. */
const ENGINE_FACTORIES: Readonly<Record<EngineKind, EngineFactory>> = {
  async webgpu(pkg, options) {
    const { createWebGpuEngine } = await import('./webgpu/engine.ts');
    const { KERNELS } = await import('./webgpu/kernels/index.ts');
    const broken = Object.values(KERNELS).find(({ name }) => name === options.breakKernel);
    if (options.breakKernel !== undefined && broken === undefined) {
      throw new RangeError(`no kernel is called ${options.breakKernel}`);
    }
    const engine = await createWebGpuEngine({
      gpu: options.gpu,
      package: pkg,
      precision: options.precision === 'f16' ? 'f16' : 'f32',
      ...(options.tuning && { tuning: options.tuning }),
      ...(broken === undefined ? {} : { breakKernel: { kernel: broken.name } }),
      ...loading(options),
    });
    const notices = engine.selfTest
      .filter(({ ok }) => !ok)
      .map(
        ({ kernel, variant }) =>
          `The ${variant} form of the ${kernel} kernel gave wrong numbers on this GPU in the start-up test; another form is used.`,
      );
    if (engine.halfRefused) notices.unshift(HALF_REFUSALS[engine.halfRefused]);
    return { engine, notices };
  },
  async wasm(pkg, options) {
    const { createWasmEngine } = await import('./wasm/engine.ts');
    const precision = options.precision === 'int8' ? 'int8' : 'f32';
    const engine = await createWasmEngine(pkg, { ...options.wasm, precision, ...loading(options) });
    return { engine, notices: [] };
  },
  async reference(pkg) {
    const { createReferenceEngine } = await import('./reference/engine.ts');
    return { engine: await createReferenceEngine(pkg), notices: [] };
  },
};

function loading({
  signal,
  onProgress,
}: CreateEngineOptions): Pick<CreateEngineOptions, 'signal' | 'onProgress'> {
  return { ...(signal && { signal }), ...(onProgress && { onProgress }) };
}
