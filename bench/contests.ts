import { cellsOfLengths } from '../src/speed/cells.ts';
import { type ModelShape, POSITIONS, shapePackage } from '../src/speed/model-shapes.ts';
import { timeEncode } from '../src/speed/timing.ts';
import type { Rates } from './clock.ts';
import type { LengthMix } from './lengths.ts';
import type { Provider } from './peer.ts';
import type { AttentionForm } from './peer-graph.ts';
import type { Contender, Contest, Figure } from './result.ts';
import { type BenchEnvironment, ourRunner, peerRunner, type Runner } from './runners.ts';
import {
  batches,
  type Cost,
  capAt,
  chooseScale,
  flopsAt,
  paddedToLongest,
  type Scale,
  scaledLengths,
} from './scale.ts';

/** Cells of a padded batch, in the order of the file. */
export const PEER_BATCH = 8;
/** Cells of the batch whose every cell is padded to the cap: all such cells cost the same. */
const CAP_BATCH = 2;
/** A first run that compiles, one that counts. */
const RUNS = 2;

/** Somebody in a contest: who, and what a list of cells costs him, padding counted. */
export interface Entry {
  readonly by: Contender;
  readonly padded: (lengths: readonly number[], scale: Scale) => readonly number[];
  readonly make: (shape: ModelShape, scale: Scale) => Promise<Runner | null>;
  /** Cells run of those given, where all cost the same. */
  readonly sample?: number;
}

const asTheyAre = (lengths: readonly number[]) => lengths;
const toLongest = (lengths: readonly number[]) => paddedToLongest(lengths, PEER_BATCH);
const toCap = (lengths: readonly number[], scale: Scale) => lengths.map(() => capAt(scale));

/** One of our engines. */
export function ours(environment: BenchEnvironment, by: 'webgpu' | 'wasm' | 'wasm int8'): Entry {
  return {
    by,
    padded: asTheyAre,
    make: (shape, { layers }) => ourRunner(environment, by, shapePackage(shape, layers)),
  };
}

/** A provider of onnxruntime, batches padded to their longest cell (equal cells are not padded at all). */
export function peerToLongest(
  environment: BenchEnvironment,
  by: Contender,
  provider: Provider,
  form?: AttentionForm,
): Entry {
  return {
    by,
    padded: toLongest,
    make: (shape, { layers }) =>
      peerRunner(environment, provider, shapePackage(shape, layers), 'longest', form),
  };
}

/** onnxruntime's WebGPU provider, every cell padded to the model's positions. */
export function peerToCap(environment: BenchEnvironment): Entry {
  return {
    by: 'ort-webgpu padded to cap',
    padded: toCap,
    sample: CAP_BATCH,
    make: (shape, scale) =>
      peerRunner(environment, 'webgpu', shapePackage(shape, scale.layers), capAt(scale)),
  };
}

/** One model on the cells of one mix by all entries, scaled to the time; null where nothing fits. */
export async function runContest(
  kind: Contest['kind'],
  shape: ModelShape,
  mix: LengthMix,
  entries: readonly Entry[],
  seconds: number,
  rates: Rates,
): Promise<Contest | null> {
  const costs = entries.map(
    ({ by, padded, sample }): Cost => ({
      flops: (scale) => {
        const lengths = padded(scaledLengths(mix.lengths, scale), scale);
        return flopsAt(shape, scale.layers, lengths.slice(0, sample));
      },
      rate: rates.of(by, shape.name),
      runs: RUNS,
    }),
  );
  const scale = chooseScale(shape, mix.lengths.length, costs, seconds);
  if (scale === null) return null;
  const lengths = scaledLengths(mix.lengths, scale);
  const figures: Figure[] = [];
  for (const entry of entries) {
    const took = await timeEntry(entry, shape, scale, lengths, seconds / entries.length, rates);
    if (took === null) continue;
    figures.push({
      by: entry.by,
      cellsPerSecond: lengths.length / took,
      flops: flopsAt(shape, scale.layers, lengths) / took,
    });
  }
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  return { kind, model: shape.name, cells: mix.name, scale, meanLength, figures };
}

/** Seconds of all cells; null where the runtime is not there. */
async function timeEntry(
  { by, padded, make, sample }: Entry,
  shape: ModelShape,
  scale: Scale,
  lengths: readonly number[],
  seconds: number,
  rates: Rates,
): Promise<number | null> {
  const runner = await make(shape, scale);
  if (runner === null) return null;
  try {
    const own = lengths.slice(0, sample);
    // Ours packs and slices by itself; a padded batch is as large as its user makes it.
    const groups = padded === asTheyAre ? [own] : batches(own, PEER_BATCH);
    // All of it once: shapes seen for the first time compile, and a runtime's memory grows by what its longest cells need.
    for (const group of groups) await runner.encode(cellsOfLengths(group), undefined);
    let took = 0;
    for (const group of groups)
      took += await timeEncode(runner, cellsOfLengths(group), { seconds: seconds / groups.length / 2 });
    rates.learn(by, shape.name, flopsAt(shape, scale.layers, padded(own, scale)), took);
    return (took * lengths.length) / own.length;
  } finally {
    await runner.release();
  }
}

/** Cells of one length: nothing to pack, nothing to pad. */
export function equalMix(length: number): LengthMix {
  return { name: `${length} genes each`, lengths: new Array(64).fill(length) };
}

/** Runs a few small cells of a contender, so that its rate is known before anything long starts. */
export async function probeRate(
  entry: Entry,
  shape: ModelShape,
  rates: Rates,
  software: boolean,
): Promise<void> {
  const scale = { layers: 1, cells: software ? 1 : PEER_BATCH, shorter: software ? 8 : 2 };
  const lengths = new Array<number>(scale.cells).fill(POSITIONS / scale.shorter);
  await timeEntry(entry, shape, scale, lengths, 1, rates);
}
