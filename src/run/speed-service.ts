import { version } from '../../package.json';
import type { Engine } from '../engine/engine.ts';
import { createEngine } from '../engine/select.ts';
import { acquireGpu } from '../gpu/device.ts';
import { GpuUnavailableError } from '../gpu/errors.ts';
import { measurePeak } from '../gpu/peak/peak.ts';
import { cellsOfLengths } from '../speed/cells.ts';
import {
  forwardFlops,
  linearLayers,
  MODEL_SHAPES,
  type ModelShape,
  shapePackage,
} from '../speed/model-shapes.ts';
import { measuredPart } from '../speed/part.ts';
import { type Contestant, GENES_OF_A_CELL, type SpeedReport } from '../speed/report.ts';
import { timeEncode } from '../speed/timing.ts';
import type { ComputeEnvironment } from './compute-service.ts';
import { lineOf } from './messages.ts';

export interface SpeedOptions {
  /** Time for everything, roughly; what does not fit is measured in part, or skipped. */
  readonly seconds: number;
  readonly signal?: AbortSignal;
  /** Told after every measurement: all that is known, and how many measurements are done of how many. */
  readonly onReport?: (report: SpeedReport, done: number, total: number) => void;
}

/** "How fast is this machine?": needs no model and no data. */
export interface SpeedService {
  measure(options: SpeedOptions): Promise<SpeedReport>;
}

type SpeedEnvironment = Pick<ComputeEnvironment, 'gpu' | 'wasm'>;

/** Rates assumed before anything is measured, floating-point operations a second: rather low. */
const FIRST_RATES = { gpu: 2e11, software: 1e9, wasm: 8e9 } as const;
/** Rows of the matrix products, on a GPU and on a processor in disguise. */
const GEMM_ROWS = { gpu: 2048, software: 256 } as const;
const GEMM_SECONDS = { gpu: 0.05, software: 0.2 } as const;
/** A run shorter than this is repeated with more cells, so that a GPU is full. */
const LEAST_SECONDS = 0.1;
const MOST_CELLS = 64;

/** Layers and genes that even a slow engine manages. */
const LEAST_PART = { layers: 1, genes: 60 } as const;

/** One measurement within a time: what the report has more of then. */
type Step = (seconds: number) => Promise<Partial<SpeedReport>>;

const ON_GPU: Contestant = { engine: 'webgpu', precision: 'f32' };
const ON_PROCESSOR: readonly Contestant[] = [
  { engine: 'wasm', precision: 'f32' },
  { engine: 'wasm', precision: 'int8' },
];

/** The measurements where they are called: a worker of the page, or Node. */
export class LocalSpeedService implements SpeedService {
  /** One measurement at a time: a cancelled one may still be in a call that cannot be stopped. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param create another way to make engines, for tests */
  constructor(
    private readonly environment: SpeedEnvironment,
    private readonly create: typeof createEngine = createEngine,
  ) {}

  measure(options: SpeedOptions): Promise<SpeedReport> {
    const result = this.#last.then(() => this.#measure(options));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #measure({ seconds, signal, onReport }: SpeedOptions): Promise<SpeedReport> {
    signal?.throwIfAborted();
    const started = performance.now();
    const gpu = await this.environment.gpu();
    let report: SpeedReport = {
      date: new Date().toISOString(),
      version,
      userAgent: globalThis.navigator?.userAgent ?? 'Node',
      adapter: await adapterOf(gpu),
      threads: null,
      peak: null,
      gemm: [],
      models: [],
      skipped: [],
    };
    const rates = new Map<Contestant, number>();
    const models = (contestant: Contestant): Step[] =>
      MODEL_SHAPES.map((shape) => (time) => this.#model(contestant, shape, report, rates, time, gpu, signal));
    const onProcessor = ON_PROCESSOR.flatMap(models);
    const onGpu = report.adapter === null ? [] : [() => gpuFigures(gpu, signal), ...models(ON_GPU)];
    // What a user is served best by comes first: it is sure of its time.
    const steps = report.adapter?.software ? [...onProcessor, ...onGpu] : [...onGpu, ...onProcessor];
    for (const [i, step] of steps.entries()) {
      signal?.throwIfAborted();
      const left = seconds - (performance.now() - started) / 1000;
      report = { ...report, ...(await step(Math.max(0, left) / (steps.length - i))) };
      onReport?.(report, i + 1, steps.length);
    }
    return report;
  }

  /** The report's figures with those of one more model, or why there are none. */
  async #model(
    contestant: Contestant,
    shape: ModelShape,
    { adapter, threads: known, models, skipped }: SpeedReport,
    rates: Map<Contestant, number>,
    seconds: number,
    gpu: GPU | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Partial<SpeedReport>> {
    const skip = (reason: string) => ({
      skipped: [...skipped, { ...contestant, model: shape.name, reason }],
    });
    const rate = rates.get(contestant) ?? FIRST_RATES[rateKind(contestant, adapter)];
    // Of every engine something is measured, however little time there is.
    const part = measuredPart(shape, rate, seconds) ?? (rates.has(contestant) ? null : LEAST_PART);
    if (part === null) return skip('slow');
    try {
      const { flops, threads } = await this.#time(contestant, shape, part, gpu, signal);
      rates.set(contestant, flops);
      const cellsPerSecond = flops / forwardFlops(configOf(shape), [GENES_OF_A_CELL]);
      const figure = { ...contestant, model: shape.name, ...part, flops, cellsPerSecond };
      return { threads: threads ?? known, models: [...models, figure] };
    } catch (error) {
      signal?.throwIfAborted();
      return skip(lineOf(error));
    }
  }

  async #time(
    { engine: kind, precision }: Contestant,
    shape: ModelShape,
    { layers, genes }: { readonly layers: number; readonly genes: number },
    gpu: GPU | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly flops: number; readonly threads: number | undefined }> {
    const pkg = shapePackage(shape, layers);
    const { engine } = await this.create(kind, pkg, {
      gpu,
      wasm: this.environment.wasm,
      precision,
      strict: true,
      ...(signal ? { signal } : {}),
    });
    try {
      const subject = encodes(engine);
      await subject.encode(cellsOfLengths([genes]), signal);
      for (let cells = 1; ; cells *= 4) {
        const lengths = new Array<number>(cells).fill(genes);
        const seconds = await timeEncode(subject, cellsOfLengths(lengths), {
          seconds: LEAST_SECONDS,
          signal,
        });
        if (seconds >= LEAST_SECONDS || 4 * cells > MOST_CELLS)
          return { flops: forwardFlops(pkg.config, lengths) / seconds, threads: engine.description.threads };
      }
    } finally {
      engine.destroy();
    }
  }
}

function encodes(engine: Engine) {
  return {
    encode: (batch: ReturnType<typeof cellsOfLengths>, signal: AbortSignal | undefined) =>
      engine.encode(batch, { pooling: 'gene_mean', ...(signal ? { signal } : {}) }),
  };
}

function configOf({ layers, dModel, dHid }: ModelShape) {
  return { nLayers: layers, dModel, dHid };
}

function rateKind({ engine }: Contestant, adapter: SpeedReport['adapter']): keyof typeof FIRST_RATES {
  if (engine === 'wasm') return 'wasm';
  return adapter?.software ? 'software' : 'gpu';
}

async function adapterOf(gpu: GPU | undefined): Promise<SpeedReport['adapter']> {
  try {
    const context = await acquireGpu(gpu);
    const { name, software } = context;
    context.destroy();
    return { name, software };
  } catch (error) {
    if (error instanceof GpuUnavailableError) return null;
    throw error;
  }
}

/** The peaks of the adapter and the widest product of every model; on a software adapter of one. */
async function gpuFigures(
  gpu: GPU | undefined,
  signal: AbortSignal | undefined,
): Promise<Partial<SpeedReport>> {
  const { measureGemms } = await import('../engine/webgpu/gemm-speed.ts');
  const context = await acquireGpu(gpu);
  try {
    const kind = context.software ? 'software' : 'gpu';
    const options = { seconds: GEMM_SECONDS[kind], signal };
    const peak = await measurePeak(context, options);
    const gemm: SpeedReport['gemm'][number][] = [];
    for (const shape of kind === 'gpu' ? MODEL_SHAPES : MODEL_SHAPES.slice(1, 2)) {
      const [, , [inner, columns]] = linearLayers(shape);
      const product = { rows: GEMM_ROWS[kind], inner, columns };
      const [flops] = await measureGemms(context, shapePackage(shape, 1).config, [product], options);
      gemm.push({ model: shape.name, ...product, flops });
    }
    return { peak, gemm };
  } finally {
    context.destroy();
  }
}
