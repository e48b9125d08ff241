import type { CellResults } from '../../run/results.ts';
import type { LoadedModel } from '../../run/services.ts';
import { joinRecords, studyRecords } from '../../run/training-cells.ts';
import { genesRead, type TrainConfig } from '../../train/config.ts';
import { planDonorSets } from '../../train/donor-sets.ts';
import type { DonorSets, TrainingCells, TrainingEstimate } from '../../train/types.ts';
import type { RunSettings } from './run.ts';
import type { AppState } from './store.ts';

/** What is known of a training before any cell is tokenized. */
export interface TrainPlan {
  /** Cells as an estimate takes them: their lengths, but no token. */
  readonly cells: TrainingCells;
  readonly sets: DonorSets;
}

/**
 * Donor sets of the embedded cells under a configuration.
 * @param run that embedded them: of a cell that filled its model's positions more may be read, as many as have a count
 * @param trainingRows that an audit found among the model's training cells; null = nobody looked
 * @throws TrainError where the sets cannot be made, RunError for a column that is not there
 */
export async function planTraining(
  config: TrainConfig,
  results: Pick<CellResults, 'rows' | 'tokens'>,
  model: Pick<LoadedModel, 'training' | 'config'>,
  run: Pick<RunSettings, 'preflight' | 'model'>,
  trainingRows: Uint32Array | null,
  column: AppState['column'],
): Promise<TrainPlan> {
  const records = await studyRecords({ obs: column }, config.data[0], results.rows, {
    training: model.training,
    trainingRows,
  });
  const cuSeqlens = new Uint32Array(results.rows.length + 1);
  const most = genesRead(config.base) ?? model.config.maxPositionEmbeddings;
  const filled = run.model.config.maxPositionEmbeddings;
  const { genes } = run.preflight.quality;
  results.tokens.forEach((tokens, cell) => {
    const read = Math.min(most, tokens < filled ? tokens : Math.max(tokens, genes[results.rows[cell]]));
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
 * Tokens a second of a model that reads more genes of a cell: a token costs 4 d² + 2 d d_hid multiplications in the
 * linear layers of a layer, and 2 d for each token it attends to.
 */
export function slowed(
  tokensPerSecond: number,
  { dModel, dHid, maxPositionEmbeddings: own }: LoadedModel['config'],
  genesPerCell: number,
): number {
  const cost = (genes: number) => 2 * dModel + dHid + genes;
  return (tokensPerSecond * cost(own)) / cost(Math.max(own, genesPerCell));
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
