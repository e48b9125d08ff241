import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { auditSentences } from '../audit/sentences.ts';
import type { ModelPackage } from '../model/package.ts';
import { sha256 } from '../model/sha256.ts';
import { LocalDatasetService } from '../run/dataset-service.ts';
import { openerFor } from '../run/new-model-source.ts';
import { probeRows } from '../run/probe-run.ts';
import type { JobOptions, ModelLocation } from '../run/services.ts';
import { gatherStudy, type StudyCells } from '../run/training-cells.ts';
import { genesRead, type TrainConfig } from '../train/config.ts';
import { chosenMatrix } from './chosen-matrix.ts';
import { fileBytes, nodeDatasetEnvironment } from './node-environment.ts';
import { inputOf } from './node-files.ts';
import { filesOf } from './train-config.ts';

/** The base of a training, and where it was found. */
interface FoundBase {
  readonly base: Pick<ModelPackage, 'name' | 'training'>;
  readonly location: ModelLocation;
}

interface AuditedStudy {
  readonly study: StudyCells;
  /** What the look for duplicates found. */
  readonly notices: readonly string[];
}

/**
 * Reads one study of a configuration, after a look for cells that occur twice or that the base model was trained on:
 * their donors are known to it, whatever they are called. One study at a time is open: its tokens stay, its counts do
 * not.
 * @param folder that the study's files are in; null = this one
 * @throws RunError, DataError, the signal's reason
 */
export async function readStudy(
  config: Pick<TrainConfig, 'base' | 'expressionBaseline'>,
  data: TrainConfig['data'][number],
  folder: string | null,
  { base, location }: FoundBase,
  say: (sentence: string) => void,
  job: JobOptions,
): Promise<AuditedStudy> {
  const files = filesOf(data.files, folder);
  const environment = nodeDatasetEnvironment();
  const openSource = openerFor(config.base, environment.openSource);
  const dataset = new LocalDatasetService({ ...environment, openSource });
  const goesOn = config.base.kind === 'package';
  try {
    const summary = await dataset.open(inputOf(files), job);
    const preflight = await dataset.preflight(location, chosenMatrix(summary, data.matrix), job);
    const { genes, matrix } = preflight;
    const findings = await dataset.audit(
      { matrix, groupColumn: data.donorColumn, model: goesOn ? location : null, against: null },
      job,
    );
    const rows = await probeRows(dataset, data, preflight.quality);
    say(
      `${data.study}: ${rows.length} of ${summary.nObs} cells, ${matrix}, ${genes.inVocabulary} of ${genes.columns} genes in the vocabulary of ${base.name}`,
    );
    const notices = auditSentences(findings).map((sentence) => `${data.study}: ${sentence}`);
    const study = await gatherStudy(dataset, data, rows, {
      ...job,
      training: goesOn ? base.training : null,
      trainingRows: findings.trainingRows,
      sha256: await hashes(files, job.signal),
      expression: config.expressionBaseline,
      maxPositionEmbeddings: genesRead(config.base),
    });
    return { study, notices };
  } finally {
    await dataset.close();
  }
}

/** By file name; a folder of files has no hash of its own. */
async function hashes(
  files: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const file of files) {
    if (statSync(file).isFile()) found[basename(file)] = await sha256(await fileBytes(file), { signal });
  }
  return found;
}
