import { measureGemms } from '../src/engine/webgpu/gemm-speed.ts';
import { acquireGpu, type GpuContext } from '../src/gpu/device.ts';
import { measurePeak } from '../src/gpu/peak/peak.ts';
import { cellsOfLengths } from '../src/speed/cells.ts';
import { linearLayers, MODEL_SHAPES, type ModelShape, shapePackage } from '../src/speed/model-shapes.ts';
import { timeEncode } from '../src/speed/timing.ts';
import { Clock, Rates } from './clock.ts';
import { type Entry, equalMix, ours, peerToCap, peerToLongest, probeRate, runContest } from './contests.ts';
import type { LengthMix } from './lengths.ts';
import type { Agreement, BenchResult, Contender, Contest, KernelTime, Latency } from './result.ts';
import { type BenchEnvironment, ourRunner, peerRunner, type Runner } from './runners.ts';
import { chooseScale, flopsAt, scaledLengths, scaleWords } from './scale.ts';
import { timeGpu } from './time-kernels.ts';

/** Relative parts of the time; the first mix has targets of its own. */
const SHARES = {
  peak: 2,
  gemm: 4,
  probes: 6,
  equal: 8,
  mix: [14, 4],
  wasm: [6, 2],
  latency: 2,
  kernels: 4,
} as const;
/** Models of the contests; latency is told for all. */
const CONTEST_MODELS = MODEL_SHAPES.filter(({ name }) => name === '10M' || name === '70M');
const GEMM_MODELS = MODEL_SHAPES.filter(({ name }) => name !== '10M');
const EQUAL_LENGTH = 1024;
/** Float32 is well below this on the checked cells. */
const RIGHT = 1e-3;
/** Floating-point operations a second before anything is known. */
const FIRST_RATE = { gpu: 1e12, software: 2e8 } as const;

/** Everything that is measured on one adapter, within so many minutes as far as guesses go. */
export async function runSuite(
  environment: BenchEnvironment,
  mixes: readonly LengthMix[],
  minutes: number,
): Promise<BenchResult> {
  const { log } = environment;
  const suite = new Suite(environment, mixes, minutes);
  const context = await acquireGpu(environment.gpu);
  const { name, software } = context;
  log(`${name} in ${environment.where}: ${minutes} minutes`);
  try {
    const { peak, gemm } = await suite.roofs(context);
    context.destroy();
    const agreement = await suite.agreement();
    await suite.probes(software);
    const contests = await suite.contests();
    const latency = await suite.latency();
    const kernels = await suite.kernels();
    return {
      date: new Date().toISOString(),
      where: environment.where,
      versions: environment.versions,
      minutes,
      threads: environment.threads,
      adapter: { name, software },
      ...{ peak, gemm, agreement, contests, latency, kernels },
      remarks: suite.remarks,
      seconds: suite.clock.spent,
    };
  } finally {
    context.destroy();
  }
}

function shareOf(kind: 'mix' | 'wasm', place: number): number {
  return SHARES[kind][Math.min(place, 1)];
}

class Suite {
  readonly clock: Clock;
  readonly remarks: string[] = [];
  #rates = new Rates(FIRST_RATE.software);

  constructor(
    private environment: BenchEnvironment,
    private readonly mixes: readonly LengthMix[],
    minutes: number,
  ) {
    const models = CONTEST_MODELS.length;
    this.clock = new Clock(
      60 * minutes,
      SHARES.peak +
        SHARES.gemm +
        SHARES.probes +
        models *
          mixes.reduce<number>((sum, _, i) => sum + shareOf('mix', i) + shareOf('wasm', i), SHARES.equal) +
        MODEL_SHAPES.length * SHARES.latency +
        SHARES.kernels,
    );
  }

  /** What the adapter can do, and the linear layers beside it. */
  async roofs(context: GpuContext): Promise<Pick<BenchResult, 'peak' | 'gemm'>> {
    const { log } = this.environment;
    const peak = await measurePeak(context, { seconds: Math.min(0.3, this.clock.take(SHARES.peak) / 20) });
    log(`peak ${(peak.flops / 1e9).toFixed(1)} GFLOP/s, ${(peak.bytesPerSecond / 1e9).toFixed(1)} GB/s`);
    const seconds = this.clock.take(SHARES.gemm) / GEMM_MODELS.length / 4;
    // A tenth of the peak is a guess at how long the first, slowest run takes.
    const rows = context.software && (2 * 2048 * 4096 * 1024 * 8) / (peak.flops / 10) > seconds ? 256 : 2048;
    const gemm: BenchResult['gemm'][number][] = [];
    for (const shape of GEMM_MODELS) {
      const products = linearLayers(shape).map(([inner, columns]) => ({ rows, inner, columns }));
      const options = { seconds: Math.min(1, seconds / 8) };
      const rates = await measureGemms(context, shapePackage(shape, 1).config, products, options);
      rates.forEach((flops, i) => {
        gemm.push({ model: shape.name, ...products[i], flops });
      });
      log(`gemm ${shape.name}: ${rates.map((rate) => (rate / 1e9).toFixed(1)).join(', ')} GFLOP/s`);
    }
    return { peak, gemm };
  }

  /** Who agrees with onnxruntime on the processor: a fast wrong answer is none. */
  async agreement(): Promise<Agreement[]> {
    const pkg = shapePackage(MODEL_SHAPES[0], 2);
    const lengths = [64, 64];
    const judge = await peerRunner(this.environment, this.#processor(), pkg);
    if (judge === null) return [];
    const right = await judge.embed(lengths);
    await judge.release();
    const errors: Agreement[] = [];
    const check = async (by: Contender, made: Promise<Runner | null>) => {
      const runner = await made;
      if (runner === null) return;
      const answer = await runner.embed(lengths);
      await runner.release();
      const error = right.reduce((worst, value, i) => Math.max(worst, Math.abs(value - answer[i])), 0);
      errors.push({ by, error });
      if ((by === 'webgpu' || by === 'wasm') && !(error <= RIGHT))
        throw new Error(`${by} is off by ${error}: there is no speed of wrong answers`);
      this.environment.log(`largest difference of ${by}: ${error.toExponential(1)}`);
    };
    for (const by of ['webgpu', 'wasm', 'wasm int8'] as const)
      await check(by, ourRunner(this.environment, by, pkg));
    for (const form of ['fused', 'plain'] as const)
      await check(`ort-webgpu ${form}`, peerRunner(this.environment, 'webgpu', pkg, 'longest', form));
    const fused = errors.find(({ by }) => by === 'ort-webgpu fused');
    if (fused !== undefined && !(fused.error <= RIGHT)) {
      this.environment = { ...this.environment, form: 'plain' };
      this.remarks.push(
        `onnxruntime's MultiHeadAttention on WebGPU is off by ${fused.error.toExponential(1)} here: ort-webgpu ` +
          'is its plain form, MatMul and Softmax; the wrong fused one stands beside it at equal lengths',
      );
    }
    return errors;
  }

  async probes(software: boolean): Promise<void> {
    this.clock.take(SHARES.probes);
    this.#rates = new Rates(software ? FIRST_RATE.software : FIRST_RATE.gpu);
    for (const entry of [...this.#onGpu(), ...this.#onProcessor()])
      for (const shape of CONTEST_MODELS) await probeRate(entry, shape, this.#rates, software);
  }

  async contests(): Promise<Contest[]> {
    const contests: Contest[] = [];
    const run = async (
      kind: Contest['kind'],
      shape: ModelShape,
      mix: LengthMix,
      entries: readonly Entry[],
      share: number,
    ) => {
      const contest = await runContest(kind, shape, mix, entries, this.clock.take(share), this.#rates);
      if (contest === null) {
        this.remarks.push(`${shape.name} on ${mix.name} (${kind}): too slow for its time`);
        return;
      }
      contests.push(contest);
      const speeds = contest.figures.map((figure) => `${figure.by} ${figure.cellsPerSecond.toPrecision(3)}`);
      this.environment.log(
        `${shape.name}, ${mix.name} (${scaleWords(shape, contest.scale)}): ${speeds.join(', ')} cells/s`,
      );
    };
    const { environment } = this;
    for (const shape of CONTEST_MODELS) {
      const even = [ours(environment, 'webgpu'), peerToLongest(environment, 'ort-webgpu', 'webgpu')];
      if (environment.form === 'plain')
        even.push(peerToLongest(environment, 'ort-webgpu fused', 'webgpu', 'fused'));
      await run('equal', shape, equalMix(EQUAL_LENGTH), even, SHARES.equal);
      for (const [i, mix] of this.mixes.entries()) {
        await run('mix', shape, mix, this.#onGpu(), shareOf('mix', i));
        await run('wasm', shape, mix, this.#onProcessor(), shareOf('wasm', i));
      }
    }
    return contests;
  }

  /** One cell at a time, by model size. */
  async latency(): Promise<Latency[]> {
    const { environment } = this;
    const rows: Latency[] = [];
    for (const shape of MODEL_SHAPES) {
      const entries = [
        ours(environment, 'webgpu'),
        peerToLongest(environment, 'ort-webgpu', 'webgpu'),
        ours(environment, 'wasm'),
        ours(environment, 'wasm int8'),
      ];
      const seconds = this.clock.take(SHARES.latency);
      for (const entry of entries) {
        const rate = this.#rates.of(entry.by, shape.name);
        const one = [EQUAL_LENGTH];
        const cost = {
          rate,
          runs: 2,
          flops: ({ layers, shorter }: { layers: number; shorter: number }) =>
            flopsAt(shape, layers, [EQUAL_LENGTH / shorter]),
        };
        const scale = chooseScale(shape, 4, [cost], seconds / entries.length);
        if (scale === null) {
          this.remarks.push(`latency of ${shape.name} by ${entry.by}: too slow for its time`);
          continue;
        }
        const runner = await entry.make(shape, scale);
        if (runner === null) continue;
        const cell = cellsOfLengths(scaledLengths(one, { ...scale, cells: 1 }));
        await runner.encode(cell, undefined);
        const took = await timeEncode(runner, cell, { seconds: seconds / entries.length / 2 });
        await runner.release();
        rows.push({
          by: entry.by,
          model: shape.name,
          genes: cell.geneIds.length,
          layers: scale.layers,
          milliseconds: 1000 * took,
        });
        environment.log(`${shape.name} by ${entry.by}: ${(1000 * took).toFixed(0)} ms a cell`);
      }
    }
    return rows;
  }

  /** Where the time of a forward pass goes: 70M, cells of the first mix. */
  async kernels(): Promise<KernelTime[]> {
    const [, shape] = CONTEST_MODELS;
    const [mix] = this.mixes;
    const seconds = this.clock.take(SHARES.kernels);
    const timed = await timeGpu(this.environment.gpu);
    if (timed === null) {
      this.remarks.push('time by kernel: the adapter has no timestamp queries');
      return [];
    }
    const cost = {
      rate: this.#rates.of('webgpu', shape.name),
      runs: 2,
      flops: (scale: Parameters<typeof scaledLengths>[1]) =>
        flopsAt(shape, scale.layers, scaledLengths(mix.lengths, scale)),
    };
    const scale = chooseScale(shape, mix.lengths.length, [cost], seconds);
    if (scale === null) return [];
    const runner = await ourRunner(this.environment, 'webgpu', shapePackage(shape, scale.layers), timed.gpu);
    try {
      const batch = cellsOfLengths(scaledLengths(mix.lengths, scale));
      await runner.encode(cellsOfLengths([64]), undefined);
      await timed.take();
      await runner.encode(batch, undefined);
      return await timed.take();
    } finally {
      await runner.release();
    }
  }

  #processor(): 'cpu' | 'wasm' {
    return this.environment.peers.cpu === undefined ? 'wasm' : 'cpu';
  }

  #onGpu(): Entry[] {
    const { environment } = this;
    return [
      ours(environment, 'webgpu'),
      peerToLongest(environment, 'ort-webgpu padded to longest', 'webgpu'),
      peerToCap(environment),
    ];
  }

  #onProcessor(): Entry[] {
    const { environment } = this;
    return [
      ours(environment, 'wasm'),
      ours(environment, 'wasm int8'),
      peerToLongest(environment, 'ort-wasm padded to longest', 'wasm'),
      peerToLongest(environment, 'ort-cpu padded to longest', 'cpu'),
    ];
  }
}
