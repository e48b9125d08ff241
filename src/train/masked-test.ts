import type { Losses, Trainer } from '../engine/trainer.ts';
import type { ProbeJobOptions } from '../probe/types.ts';
import { evaluateCells } from './evaluate-cells.ts';
import { maskedBatch } from './masking.ts';
import { maskedModel, maskingOf, type TrainingTask } from './task.ts';
import type { MaskedScore } from './types.ts';

/** Added to every count, so that what training never held has a chance. */
const SMOOTHING = 0.5;

/** Study → mean loss on the hidden tokens of its cells among those chosen. */
export type HiddenLosses = ReadonlyMap<string, Pick<Losses, 'masked' | 'maskedTokens' | 'maskedRight'>>;

/** Losses by study of what the trainer holds; no study without a hidden token. */
export async function hiddenLosses(
  trainer: Trainer,
  task: TrainingTask,
  chosen: Uint32Array,
  job: ProbeJobOptions,
  stage: string,
): Promise<HiddenLosses> {
  const found = new Map<string, Losses>();
  if (task.weights.masked === 0) return found;
  for (const [s, { study }] of task.cells.sources.entries()) {
    const cells = cellsOf(task, s, chosen);
    if (cells.length === 0) continue;
    const { losses } = await evaluateCells(trainer, task, cells, true, job, `${stage}, ${study}`);
    if (losses.maskedTokens > 0) found.set(study, losses);
  }
  return found;
}

/**
 * Hidden-token losses of held-out cells by study, all together first, beside always guessing by the study's own
 * frequencies among the training cells (of genes; X: of bins; of ranks: the mean), and beside the base model.
 * @param base losses of the base model on the same tokens; null = it predicts none
 */
export function maskedScores(
  task: TrainingTask,
  chosen: Uint32Array,
  own: HiddenLosses,
  base: HiddenLosses | null,
): readonly MaskedScore[] {
  const rows = task.cells.sources.flatMap(({ study }, s): MaskedScore[] => {
    const losses = own.get(study);
    if (losses === undefined) return [];
    const cells = cellsOf(task, s, chosen);
    const batch = maskedBatch(task.cells.tokens, cells, {}, maskingOf(task, null), maskedModel(task));
    const row = {
      study,
      tokens: losses.maskedTokens,
      loss: losses.masked ?? Number.NaN,
      base: base && (base.get(study)?.masked ?? Number.NaN),
      frequencies: guessLoss(task, s, batch.targets),
      accuracy: losses.maskedRight / losses.maskedTokens,
    };
    return [row];
  });
  if (rows.length < 2) return rows;
  const tokens = rows.reduce((sum, row) => sum + row.tokens, 0);
  const mean = (of: 'loss' | 'base' | 'frequencies' | 'accuracy') =>
    rows.reduce((sum, row) => sum + (row[of] ?? 0) * row.tokens, 0) / tokens;
  const all = {
    loss: mean('loss'),
    base: base && mean('base'),
    frequencies: mean('frequencies'),
    accuracy: mean('accuracy'),
  };
  return [{ study: 'all', tokens, ...all }, ...rows];
}

function cellsOf({ cells }: TrainingTask, study: number, chosen: Uint32Array): Uint32Array {
  return chosen.filter((cell) => cells.studies[cell] === study);
}

/** Mean loss of a guess that knows nothing of a cell but its study. */
function guessLoss(task: TrainingTask, study: number, targets: Float32Array): number {
  const { cells, sets, model } = task;
  const { cuSeqlens, geneIds, values } = cells.tokens;
  const { valueInput, bins, nToken } = model.config;
  const counts = new Float64Array(valueInput === 'binned' ? bins + 1 : nToken);
  let total = 0;
  let sum = 0;
  for (const cell of sets.train) {
    if (cells.studies[cell] !== study) continue;
    for (let t = cuSeqlens[cell]; t < cuSeqlens[cell + 1]; t++) {
      if (valueInput === 'rank') sum += values?.[t] ?? 0;
      else counts[valueInput === 'binned' ? (values?.[t] ?? 0) : geneIds[t]]++;
      total++;
    }
  }
  const outcomes = valueInput === 'binned' ? bins : model.vocabulary.size;
  let loss = 0;
  for (const target of targets) {
    loss +=
      valueInput === 'rank'
        ? (target - sum / Math.max(1, total)) ** 2
        : -Math.log((counts[target] + SMOOTHING) / (total + SMOOTHING * outcomes));
  }
  return loss / targets.length;
}
