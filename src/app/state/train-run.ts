import { blobSource } from '../../data/blob-source.ts';
import { type DatasetInput, isSeveral, lastPart } from '../../data/input.ts';
import { sha256 } from '../../model/sha256.ts';
import { RunError } from '../../run/errors.ts';
import { probeRows } from '../../run/probe-run.ts';
import type { JobOptions } from '../../run/services.ts';
import type { TrainedModel, TrainJobOptions } from '../../run/train-service.ts';
import { gatherStudy, joinStudies } from '../../run/training-cells.ts';
import { genesRead, type TrainConfig } from '../../train/config.ts';
import { TrainError } from '../../train/errors.ts';
import { services } from './services.ts';
import type { AppState } from './store.ts';

/** A model that was trained in this page, and how. */
export interface FinishedTraining {
  readonly config: TrainConfig;
  readonly model: TrainedModel;
}

export interface TrainingStart {
  readonly config: TrainConfig;
  /** Rows that an audit found among the base model's training cells; null = it failed. */
  readonly trainingRows: Uint32Array | null;
  /** What the audit found, or that it failed. */
  readonly notices: readonly string[];
  readonly resume: boolean;
}

/**
 * Reads the cells a configuration means from the open file and trains on them; the same steps as `npx teddy-web
 * finetune` takes.
 * @throws RunError, DataError, TrainError, the signal's reason
 */
export async function runTraining(
  { preflight, model, location, input }: Pick<AppState, 'preflight' | 'model' | 'location' | 'input'>,
  { config, trainingRows, notices, resume }: TrainingStart,
  options: TrainJobOptions,
): Promise<FinishedTraining> {
  if (!preflight || !input) throw new RunError('nothing-open', 'no file is open');
  if (!model || !location) throw new RunError('no-model', 'no model is loaded');
  const { dataset, training } = services();
  const [data] = config.data;
  if (data.matrix !== null && data.matrix !== preflight.matrix)
    throw new TrainError(
      'checkpoint-other',
      `this training is of ${data.matrix}, and the page reads ${preflight.matrix}: choose ${data.matrix} first`,
      data.matrix,
    );
  const { signal, onProgress } = options;
  const job: JobOptions = { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
  const rows = await probeRows(dataset, data, preflight.quality);
  const study = await gatherStudy(dataset, data, rows, {
    ...job,
    training: model.training,
    trainingRows,
    sha256: await hashes(input, job),
    expression: config.expressionBaseline,
    maxPositionEmbeddings: genesRead(config.base),
  });
  const cells = joinStudies([study]);
  const request = { config, model: location, cells, notices, resume };
  return { config, model: await training.train(request, options) };
}

/** File name → hex SHA-256: what the package says it was trained on. */
async function hashes(
  input: DatasetInput,
  { signal, onProgress }: JobOptions,
): Promise<Record<string, string>> {
  const files = isSeveral(input) ? input : [{ path: nameOf(input), file: input }];
  const found: Record<string, string> = {};
  for (const { path, file } of files) {
    if (typeof file === 'string') continue;
    found[lastPart(path)] = await sha256(blobSource(file), {
      signal,
      onProgress: (done, total) => onProgress?.({ stage: 'hashing the file', done, total, unit: 'bytes' }),
    });
  }
  return found;
}

function nameOf(input: Exclude<DatasetInput, readonly unknown[]>): string {
  return typeof input === 'string' ? input : input.name;
}
