import { Pacer } from '../analysis/pacer.ts';
import { memorySource } from '../model/memory-source.ts';
import { writeSafetensors } from '../model/safetensors-writer.ts';
import { TrainingReference } from '../model/training-reference.ts';
import { positiveInverse } from '../probe/linear-algebra/inverse.ts';
import { ledoitWolf, momentsOf } from '../probe/linear-algebra/ledoit-wolf.ts';
import type { Grouping } from '../probe/types.ts';
import { quantile } from '../probe/uncertainty/quantile.ts';
import type { FrozenFeatures } from './compare.ts';
import type { TrainingTask } from './task.ts';

/** More held-out cells would not move a percentile. */
const MOST_MEASURED = 10_000;
const QUANTILES = 101;
/** Of fewer cells the mean and the gene frequencies would be those cells themselves, for anybody to read. */
const LEAST_CELLS = 10;

export interface ReferenceFile {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly reference: TrainingReference;
}

/**
 * `training_reference.safetensors` (design.md): by cell-type class of the training cells the means of their gene-mean
 * embeddings, one Ledoit–Wolf precision of what is left of them, and how often each gene is among a class's tokens;
 * types of fewer than ten training cells have no class.
 * quantiles over the cells of held-out donors, without their labels, or over training cells where none was held out.
 * @param trained embeddings of the new model, [n, d] for all cells
 * @returns null where the precision cannot be made: embeddings that do not vary
 */
export async function referenceFile(
  task: TrainingTask,
  trained: FrozenFeatures,
  signal: AbortSignal | undefined,
): Promise<ReferenceFile | null> {
  const { features, dimension: d } = trained;
  const { sets, cells, model } = task;
  const classes = classesOf(cells.cellTypes, sets.train);
  const k = classes.names.length;
  const { means, counts } = classMeans(features, d, sets.train, classes);
  const precision = await sharedPrecision(features, d, sets.train, classes, means, signal);
  if (precision === null) return null;
  const frequency = logFrequencies(task, classes, counts);
  const genes = model.vocabulary.size;
  const write = (distances: Float32Array, likelihoods: Float32Array) =>
    writeSafetensors(
      [
        { name: 'means', dtype: 'F32', shape: [k, d], data: Float32Array.from(means) },
        { name: 'precision', dtype: 'F32', shape: [d, d], data: Float32Array.from(precision) },
        { name: 'gene_log_frequency', dtype: 'F16', shape: [k, genes], data: frequency },
        { name: 'distance_quantiles', dtype: 'F32', shape: [QUANTILES], data: distances },
        { name: 'likelihood_quantiles', dtype: 'F32', shape: [QUANTILES], data: likelihoods },
      ],
      { classes: JSON.stringify(classes.names), pool: 'gene_mean' },
    );
  const open = (content: Uint8Array) => TrainingReference.open(memorySource(content), d, genes);
  // Measured with the very arithmetic, and the very rounding, that will judge cells.
  const draft = await open(write(new Float32Array(QUANTILES), new Float32Array(QUANTILES)));
  const heldOut = [...sets.validation, ...sets.test];
  const measured = spread(heldOut.length > 0 ? heldOut : Array.from(sets.train));
  const distances: number[] = [];
  const likelihoods: number[] = [];
  const pacer = new Pacer(signal);
  for (const cell of measured) {
    const { geneIds, cuSeqlens } = cells.tokens;
    const tokens = geneIds.subarray(cuSeqlens[cell], cuSeqlens[cell + 1]);
    if (tokens.length === 0) continue;
    distances.push(draft.distance(features, cell * d));
    likelihoods.push(draft.likelihood(tokens));
    await pacer.pause();
  }
  const content = write(quantiles(distances), quantiles(likelihoods));
  return { content, reference: await open(content) };
}

/** Share of the cells that a reference calls outside of training; NaN of none. */
export function withheldShare(
  reference: TrainingReference,
  { cells }: TrainingTask,
  { features, dimension }: FrozenFeatures,
  chosen: Uint32Array,
): number {
  const { geneIds, cuSeqlens } = cells.tokens;
  const outside = chosen.filter(
    (cell) =>
      reference.judge(features, cell * dimension, geneIds.subarray(cuSeqlens[cell], cuSeqlens[cell + 1])) !==
      'shown',
  );
  return outside.length / chosen.length;
}

/** Cell types that enough training cells have; cells without one, or all where no type is known of enough, are one class. */
function classesOf(cellTypes: Grouping | null, train: Uint32Array): Grouping {
  const counts = new Map<number, number>();
  for (const cell of train) {
    const type = cellTypes?.codes[cell] ?? -1;
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  const types = [...counts.keys()].filter((type) => (counts.get(type) ?? 0) >= LEAST_CELLS);
  const known = cellTypes !== null && types.length > 0 ? cellTypes : null;
  const codes = new Int32Array(train.reduce((most, cell) => Math.max(most, cell + 1), 0)).fill(-1);
  for (const cell of train) codes[cell] = known ? types.indexOf(known.codes[cell]) : 0;
  const names = known ? types.map((type) => (type < 0 ? 'no cell type' : known.names[type])) : ['all cells'];
  return { names, codes };
}

function classMeans(features: Float32Array, d: number, train: Uint32Array, { names, codes }: Grouping) {
  const means = new Float64Array(names.length * d);
  const counts = new Float64Array(names.length);
  for (const cell of train) {
    if (codes[cell] < 0) continue;
    counts[codes[cell]]++;
    for (let i = 0; i < d; i++) means[codes[cell] * d + i] += features[cell * d + i];
  }
  for (let p = 0; p < means.length; p++) means[p] /= counts[Math.floor(p / d)];
  return { means, counts };
}

async function sharedPrecision(
  features: Float32Array,
  d: number,
  train: Uint32Array,
  { codes }: Grouping,
  means: Float64Array,
  signal: AbortSignal | undefined,
): Promise<Float64Array | null> {
  const inClass = train.filter((cell) => codes[cell] >= 0);
  const centred = new Float32Array(inClass.length * d);
  inClass.forEach((cell, r) => {
    for (let i = 0; i < d; i++) centred[r * d + i] = features[cell * d + i] - means[codes[cell] * d + i];
  });
  const rows = Uint32Array.from({ length: inClass.length }, (_, r) => r);
  const origin = new Float64Array(d);
  const { covariance } = ledoitWolf(centred, rows, origin, await momentsOf(centred, rows, origin, signal));
  return positiveInverse(covariance);
}

/** [K, genes] log((cells of the class with the gene among their tokens + 0.5) / (cells + 1)). */
function logFrequencies(
  { cells, sets, model }: TrainingTask,
  { names, codes }: Grouping,
  counts: Float64Array,
) {
  const genes = model.vocabulary.size;
  const { geneIds, cuSeqlens } = cells.tokens;
  const out = new Float32Array(names.length * genes);
  for (const cell of sets.train) {
    if (codes[cell] < 0) continue;
    for (let t = cuSeqlens[cell]; t < cuSeqlens[cell + 1]; t++) {
      if (geneIds[t] < genes) out[codes[cell] * genes + geneIds[t]]++;
    }
  }
  return out.map((count, p) => Math.log((count + 0.5) / (counts[Math.floor(p / genes)] + 1)));
}

function quantiles(values: readonly number[]): Float32Array {
  const sorted = Float64Array.from(values).sort();
  return Float32Array.from({ length: QUANTILES }, (_, i) => quantile(sorted, i / (QUANTILES - 1)));
}

/** At most MOST_MEASURED of the cells, spread evenly. */
function spread(cells: readonly number[]): readonly number[] {
  if (cells.length <= MOST_MEASURED) return cells;
  return Array.from(
    { length: MOST_MEASURED },
    (_, i) => cells[Math.floor((i * cells.length) / MOST_MEASURED)],
  );
}
