import { memorySource } from '../model/memory-source.ts';
import { sha256 } from '../model/sha256.ts';
import { type BasePackage, headClasses, trainableModel } from './base-model.ts';
import type { TrainConfig } from './config.ts';
import { planDonorSets } from './donor-sets.ts';
import { TrainError } from './errors.ts';
import { lossWeights, type TrainingTask } from './task.ts';
import { drawTrainingShare } from './training-share.ts';
import type { DonorSets, TrainingCells, TrainingLabels } from './types.ts';

/**
 * Configuration, base model and cells as a task: donor sets dealt, heads made fit for the labels, labels in the
 * classes of the heads. A class that no training donor has is no class; a share of their cells is drawn afterwards, so
 * that heads and tested cells are the same whatever the share.
 * @throws TrainError 'one-class', 'nothing-to-train', 'unfit-model' and those of the donor sets
 */
export function prepareTask(config: TrainConfig, base: BasePackage, cells: TrainingCells): TrainingTask {
  const dealt = planDonorSets(cells, config);
  const { trainingShare: share } = config;
  const sets = share === undefined ? dealt : drawTrainingShare(cells, dealt, share, config.seed);
  const weights = lossWeights(config.objective);
  const known = config.base.kind === 'new' ? config.base.annotations : base.config.annotations;
  const notices: string[] = [];
  const classes: Record<string, readonly string[]> = {};
  const labels: Record<string, TrainingLabels> = {};
  for (const annotation of Object.keys(weights.annotations)) {
    const recorded = Object.hasOwn(cells.labels, annotation) ? cells.labels[annotation] : null;
    const found = recorded === null ? [] : classesOf(recorded, dealt.train);
    const exact = config.objective.kind === 'finetune';
    if (exact && found.length < 2)
      throw new TrainError(
        'one-class',
        `${annotation} has fewer than two classes among training donors`,
        annotation,
      );
    if (found.length === 0)
      throw new TrainError('nothing-to-train', `no training cell has a label of ${annotation}`, annotation);
    const left = recorded?.classes.filter((name) => !found.includes(name)) ?? [];
    if (left.length > 0)
      notices.push(`Classes of ${annotation} that no training donor has are left out: ${left.join(', ')}.`);
    const taught = recorded === null ? [] : classesOf(recorded, sets.train);
    const untaught = found.filter((name) => !taught.includes(name));
    if (untaught.length > 0)
      notices.push(`The share has no cell of these classes of ${annotation}: ${untaught.join(', ')}.`);
    classes[annotation] = headClasses(known[annotation], found, exact);
    if (recorded) labels[annotation] = aligned(recorded, classes[annotation]);
  }
  const bias = config.base.kind === 'new' && weights.masked > 0 ? decoderBias(base, cells, sets) : undefined;
  const model = trainableModel(base, config, classes, bias);
  const { maxPositionEmbeddings: read } = model.config;
  if (config.base.kind === 'package' && read > base.config.maxPositionEmbeddings)
    notices.push(longerNotice(base, read, config.trainable.kind === 'all'));
  return { config, model, weights, cells, labels, sets: { ...sets, notices: [...sets.notices, ...notices] } };
}

/** Hex SHA-256 of what a run learns from: tokens, labels and donor sets. */
export async function cellsFingerprint({ cells, labels, sets }: TrainingTask): Promise<string> {
  const { cuSeqlens, geneIds, values } = cells.tokens;
  const arrays = [
    cuSeqlens,
    geneIds,
    ...(values ? [values] : []),
    ...Object.values(labels).map(({ codes }) => codes),
    sets.train,
    sets.validation,
    sets.test,
  ];
  const hashes: string[] = [];
  for (const { buffer, byteOffset, byteLength } of arrays)
    hashes.push(await sha256(memorySource(new Uint8Array(buffer, byteOffset, byteLength))));
  return sha256(memorySource(new TextEncoder().encode(hashes.join())));
}

function longerNotice({ name, config }: BasePackage, read: number, learn: boolean): string {
  const first = `The new model reads ${read} genes of a cell and ${name} ${config.maxPositionEmbeddings}: ranks beyond begin as copies of its last`;
  return learn ? `${first}.` : `${first} and stay so, since not all weights learn.`;
}

function classesOf({ classes, codes }: TrainingLabels, train: Uint32Array): readonly string[] {
  const counts = new Float64Array(classes.length);
  for (const cell of train) if (codes[cell] >= 0) counts[codes[cell]]++;
  return classes.filter((_, c) => counts[c] > 0);
}

function aligned({ classes, codes }: TrainingLabels, into: readonly string[]): TrainingLabels {
  const places = classes.map((name) => into.indexOf(name));
  return { classes: into, codes: codes.map((code) => (code < 0 ? -1 : places[code])) };
}

/** Log frequencies of the genes: a new decoder starts where guessing by frequency ends. */
function decoderBias({ config, vocabulary }: BasePackage, cells: TrainingCells, sets: DonorSets) {
  const counts = new Float64Array(config.nToken);
  let total = 0;
  for (const cell of sets.train) {
    for (let t = cells.tokens.cuSeqlens[cell]; t < cells.tokens.cuSeqlens[cell + 1]; t++) {
      counts[cells.tokens.geneIds[t]]++;
      total++;
    }
  }
  return Float32Array.from(counts, (count) => Math.log((count + 0.5) / (total + 0.5 * vocabulary.size)));
}
