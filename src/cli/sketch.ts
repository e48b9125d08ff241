import { basename } from 'node:path';
import type { SketchSource } from '../audit/sketch.ts';
import { writeSketch } from '../audit/sketch-file.ts';
import { DataError } from '../data/errors.ts';
import { readJson } from '../model/json-file.ts';
import { findPackageFiles } from '../model/package-files.ts';
import { parseTrainingRecord, type TrainingRecord } from '../model/training-record.ts';
import { LocalDatasetService } from '../run/dataset-service.ts';
import { RunError } from '../run/errors.ts';
import { parseMany, UsageError } from './arguments.ts';
import { chosenMatrix } from './chosen-matrix.ts';
import { nodeDatasetEnvironment } from './node-environment.ts';
import { ProgressLine } from './progress-line.ts';
import { writeWhole } from './write-whole.ts';

export interface SketchCommand {
  /** Each file under the name of its study. */
  readonly studies: readonly { readonly name: string; readonly file: string }[];
  readonly out: string;
  /** Package whose training.json says which donors' cells to take; null = all cells. */
  readonly training: string | null;
  readonly groups: string | null;
}

/** The request of `sketch`'s arguments. @throws UsageError */
export function sketchCommand(args: readonly string[]): SketchCommand {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseMany(args, { out: text, training: text, groups: text });
  if (positionals.length === 0) throw new UsageError('NAME=FILE is missing');
  const { out, training, groups } = values;
  if (typeof out !== 'string' || !out.endsWith('.safetensors')) {
    throw new UsageError('--out FILE.safetensors is missing');
  }
  return {
    studies: positionals.map((given) => {
      const at = given.indexOf('=');
      const file = given.slice(at + 1);
      return { name: at > 0 ? given.slice(0, at) : basename(file), file };
    }),
    out,
    training: typeof training === 'string' ? training : null,
    groups: typeof groups === 'string' ? groups : null,
  };
}

/**
 * Sketches the cells of files, or of those the training cells of a model, into one file.
 * @throws whatever fails, the signal's reason when cancelled
 */
export async function makeSketch(command: SketchCommand, signal: AbortSignal): Promise<void> {
  const record = command.training === null ? null : await trainingRecord(command.training);
  const line = new ProgressLine();
  try {
    const sources: SketchSource[] = [];
    for (const { name, file } of command.studies) {
      const donors = record && trainingDonors(record, name);
      const source = await sketchFile(file, name, command.groups, donors, { signal, onProgress: line.show });
      line.say(`${name}: ${source.donorOf.length} cells of ${source.donors.length} donors`);
      sources.push(source);
    }
    const bytes = writeSketch({ sources });
    writeWhole(command.out, bytes);
    line.end(`${command.out}: ${(bytes.length / 1e6).toFixed(2)} MB`);
  } finally {
    line.end();
  }
}

async function sketchFile(
  file: string,
  name: string,
  groups: string | null,
  donors: readonly string[] | null,
  job: { readonly signal: AbortSignal; readonly onProgress: ProgressLine['show'] },
): Promise<SketchSource> {
  const service = new LocalDatasetService(nodeDatasetEnvironment());
  try {
    const summary = await service.open(file, job);
    const groupColumn = groups ?? summary.donorColumn;
    if (donors && groupColumn === null) {
      throw new RunError('unknown-column', `${file} names no donors: give their column with --groups`);
    }
    const rows = await service.select(
      donors && groupColumn !== null
        ? { kind: 'values', column: groupColumn, values: donors }
        : { kind: 'all' },
    );
    return await service.sketch({ matrix: chosenMatrix(summary, null), groupColumn }, name, rows, job);
  } finally {
    await service.close();
  }
}

async function trainingRecord(folder: string): Promise<TrainingRecord> {
  const { source } = await nodeDatasetEnvironment().openSource({ kind: 'directory', path: folder }, {});
  const { training } = findPackageFiles(await source.list(), { folder: undefined, needWeights: false });
  const record =
    training &&
    parseTrainingRecord(await readJson(await source.open(training), training, 'training-invalid'));
  if (!record) throw new DataError('missing', `${folder} has no training.json that names donors`, folder);
  return record;
}

function trainingDonors(record: TrainingRecord, study: string): readonly string[] {
  const donors = record.trainingDonors[study];
  if (donors) return donors;
  const known = Object.keys(record.trainingDonors).join(', ');
  throw new UsageError(`${record.name} was trained on ${known}, not ${study}`);
}
