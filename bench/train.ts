import { createNodeGpu } from '../src/cli/node-gpu.ts';
import type { OptimiserSettings, TrainBatch, Trainer } from '../src/engine/trainer.ts';
import { createWebGpuTrainer } from '../src/engine/webgpu/training/trainer.ts';
import { acquireGpu } from '../src/gpu/device.ts';
import { cellsOfLengths } from '../src/speed/cells.ts';
import { forwardFlops, MODEL_SHAPES, type ModelShape, shapePackage } from '../src/speed/model-shapes.ts';

/** One training step beside the forward pass with its losses, of the same cells. */
export interface TrainBenchRow {
  readonly adapter: string;
  readonly model: string;
  readonly tokens: number;
  readonly checkpointing: boolean;
  /** Seconds, the median of `ROUNDS`. */
  readonly forward: number;
  readonly step: number;
  /** step / forward: what is asked for is 3.5, with checkpointing 4.5. */
  readonly ratio: number;
  /** The same of processor time, all threads: what the ratio is on a software adapter of a machine that is busy. */
  readonly cpuRatio: number;
  readonly gflops: number;
  readonly mebibytes: number;
}

const ROUNDS = 3;
const MASKED_SHARE = 0.15;
const SETTINGS: OptimiserSettings = {
  ...{ learningRate: 1e-4, beta1: 0.9, beta2: 0.999, eps: 1e-8 },
  ...{ weightDecay: 0.1, clipGlobalNorm: 1, seed: 1 },
};

/**
 * Steps in which everything learns, loss and optimiser included, on the adapter that Vulkan finds first.
 * @param name of a model of src/speed
 */
export async function benchTraining(
  name: string,
  cells: number,
  genesPerCell: number,
): Promise<readonly TrainBenchRow[]> {
  const model = MODEL_SHAPES.find((candidate) => candidate.name === name);
  if (model === undefined) throw new RangeError(`no model shape named ${name}`);
  const gpu = await createNodeGpu();
  const rows: TrainBenchRow[] = [];
  for (const checkpointing of [false, true])
    rows.push(await timeSteps(gpu, model, cells, genesPerCell, checkpointing));
  return rows;
}

async function timeSteps(
  gpu: GPU,
  model: ModelShape,
  cells: number,
  genesPerCell: number,
  checkpointing: boolean,
): Promise<TrainBenchRow> {
  const context = await acquireGpu(gpu);
  const { config, weights } = shapePackage(model);
  const trainer = await createWebGpuTrainer(context, config, weights, [], {
    ...{ trainable: { kind: 'all' }, weights: { masked: 1, annotations: {} } },
    ...{ checkpointing, dropout: 0 },
  });
  const batch = maskedCells(cells, genesPerCell);
  const times = await alternate(trainer, batch);
  const mebibytes = trainer.deviceBytes / 2 ** 20;
  trainer.destroy();
  context.destroy();
  const lengths = new Array(cells).fill(genesPerCell);
  return {
    adapter: context.name,
    model: model.name,
    tokens: cells * genesPerCell,
    checkpointing,
    ...times,
    ratio: times.step / times.forward,
    gflops: forwardFlops(config, lengths) / times.forward / 1e9,
    mebibytes,
  };
}

/** Seconds of each round, by the clock and of all processors. */
interface Times {
  readonly clock: number[];
  readonly cpu: number[];
}

/** Forward and step by turns, so that a busy machine is busy for both. */
async function alternate(trainer: Trainer, batch: TrainBatch) {
  const forward: Times = { clock: [], cpu: [] };
  const step: Times = { clock: [], cpu: [] };
  const timed = async (times: Times, work: () => Promise<unknown>) => {
    const began = performance.now();
    const cpu = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(cpu);
    times.clock.push((performance.now() - began) / 1000);
    times.cpu.push((user + system) / 1e6);
  };
  for (let round = 0; round <= ROUNDS; round++) {
    await timed(forward, () => trainer.evaluate(batch));
    await timed(step, () => trainer.step([batch], SETTINGS));
  }
  // The first round compiles, and makes the buffers.
  const median = (values: readonly number[]) => values.slice(1).toSorted((a, b) => a - b)[ROUNDS >> 1];
  return {
    forward: median(forward.clock),
    step: median(step.clock),
    cpuRatio: median(step.cpu) / median(forward.cpu),
  };
}

function maskedCells(cells: number, genesPerCell: number): TrainBatch {
  const { cuSeqlens, geneIds } = cellsOfLengths(new Array(cells).fill(genesPerCell));
  const count = Math.floor(MASKED_SHARE * geneIds.length);
  const masked = Uint32Array.from({ length: count }, (_, i) => Math.floor(i / MASKED_SHARE));
  return {
    cuSeqlens,
    geneIds,
    masked,
    targets: Float32Array.from(masked, (token) => geneIds[token]),
    labels: {},
  };
}
