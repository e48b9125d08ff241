import type { CellResults } from '../../run/results.ts';
import type { LoadedModel } from '../../run/services.ts';
import { genesRead } from '../../run/train-defaults.ts';
import { joinRecords, studyRecords } from '../../run/training-cells.ts';
import type { TrainConfig } from '../../train/config.ts';
import { planDonorSets } from '../../train/donor-sets.ts';
import type { DonorSets, TrainingCells, TrainingEstimate } from '../../train/types.ts';
import type { AppState } from './store.ts';

/** What is known of a training before any cell is tokenized. */
export interface TrainPlan {
  /** Cells as an estimate takes them: their lengths, but no token. */
  readonly cells: TrainingCells;
  readonly sets: DonorSets;
}

/**
 * Donor sets of the embedded cells under a configuration.
 * @param genes [cells of the file] genes with a count: the most that a cell can have where more are read of it than it
 * was embedded with
 * @param trainingRows that an audit found among the model's training cells; null = nobody looked
 * @throws TrainError where the sets cannot be made, RunError for a column that is not there
 */
export async function planTraining(
  config: TrainConfig,
  results: Pick<CellResults, 'rows' | 'tokens'>,
  model: Pick<LoadedModel, 'training' | 'config'>,
  genes: ArrayLike<number>,
  trainingRows: Uint32Array | null,
  column: AppState['column'],
): Promise<TrainPlan> {
  const records = await studyRecords({ obs: column }, config.data[0], results.rows, {
    training: model.training,
    trainingRows,
  });
  const cuSeqlens = new Uint32Array(results.rows.length + 1);
  const own = model.config.maxPositionEmbeddings;
  const most = genesRead(config.base).maxPositionEmbeddings ?? own;
  results.tokens.forEach((tokens, cell) => {
    const read = tokens < own ? tokens : Math.max(own, Math.min(most, genes[results.rows[cell]]));
    cuSeqlens[cell + 1] = cuSeqlens[cell] + read;
  });
  const none = { geneIds: new Uint32Array(0), withheld: new Uint8Array(0) };
  const cells: TrainingCells = {
    ...joinRecords([records]),
    tokens: { rows: results.rows, cuSeqlens, ...none },
    expression: null,
  };
  return { cells, sets: planDonorSets(cells, config) };
}

/**
 * Why a training must not start for lack of memory, as a sentence; null = nothing speaks against it. A GPU tells no
 * size of its memory: there the trainer makes smaller micro-batches, and says where that is not enough.
 * @param told bytes of memory this machine says it has; null = it does not say
 * @param software the adapter takes its memory from the same
 */
export function memoryRefusal(
  { deviceBytes, hostBytes }: Pick<TrainingEstimate, 'deviceBytes' | 'hostBytes'>,
  told: number | null,
  software: boolean,
): string | null {
  const needed = hostBytes + (software ? deviceBytes : 0);
  if (told === null || needed <= told) return null;
  const gigabytes = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  return `This training needs about ${gigabytes(needed)} GB of memory and this machine has ${gigabytes(told)} GB: take fewer cells, let fewer weights learn, or compute layers twice.`;
}
