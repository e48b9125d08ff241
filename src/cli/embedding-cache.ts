import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memorySource } from '../model/memory-source.ts';
import { openSafetensors } from '../model/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../model/safetensors-writer.ts';
import { sha256 } from '../model/sha256.ts';
import type { ProbeConfig } from '../probe/config.ts';
import { concatenateResults } from '../run/batches.ts';
import { runEmbedding } from '../run/embedding-run.ts';
import type { CellResults, Prediction } from '../run/results.ts';
import { fileBytes } from './node-environment.ts';
import type { Session } from './session.ts';
import { writeWhole } from './write-whole.ts';

/** Cells of one kept part: what an interrupted run loses at most. */
const PART = 512;
const VERSION = 1;

/**
 * Results of the rows; parts that an earlier run kept in the folder are read instead of computed. A part is
 * known by the bytes of file and weights, engine, pooling, matrix and rows.
 * @param folder null = nothing is kept
 * @throws what dataset and engine throw, the signal's reason
 */
export async function embedCached(
  session: Session,
  file: string,
  rows: Uint32Array<ArrayBuffer>,
  { pooling, features }: Pick<ProbeConfig, 'pooling' | 'features'>,
  folder: string | null,
): Promise<CellResults> {
  const { dataset, compute, model, matrix, line, job } = session;
  const annotationStates = features.kind === 'annotation-state';
  const embed = async (part: Uint32Array<ArrayBuffer>) => {
    const { results } = await runEmbedding({
      dataset,
      compute,
      rows: part,
      pooling,
      annotationStates,
      tokensPerSecond: model.tokensPerSecond,
      signal: job.signal,
      onProgress: line.run,
      onNotice: line.say,
    });
    job.signal.throwIfAborted();
    return results;
  };
  if (folder === null) return embed(rows);
  mkdirSync(folder, { recursive: true });
  const { kind } = model.engine;
  const said = [VERSION, await sha256(await fileBytes(file)), model.sha256, model.vocabularySha256];
  const about = JSON.stringify([...said, kind, pooling, matrix, annotationStates]);
  const parts: CellResults[] = [];
  for (let from = 0; from < rows.length; from += PART) {
    const part = rows.slice(from, from + PART);
    const key = createHash('sha256').update(about).update(part).digest('hex').slice(0, 32);
    const path = join(folder, `${key}.safetensors`);
    const kept = existsSync(path) ? await readResults(path).catch(() => null) : null;
    parts.push(kept ?? (await embed(part)));
    if (kept === null) writeWhole(path, writeResults(parts[parts.length - 1]));
    line.show({ stage: 'embedded', done: from + part.length, total: rows.length, unit: 'cells' });
  }
  return concatenateResults(parts);
}

function writeResults(results: CellResults): Uint8Array<ArrayBuffer> {
  const n = results.rows.length;
  const f32 = (name: string, data: Float32Array): TensorToWrite => ({
    name,
    dtype: 'F32',
    shape: [n, n === 0 ? 0 : data.length / n],
    data,
  });
  const i32 = (name: string, data: ArrayLike<number>): TensorToWrite => ({
    name,
    dtype: 'I32',
    shape: [n],
    data: Int32Array.from(data),
  });
  const classes = Object.fromEntries(
    Object.entries(results.predictions).map(([name, prediction]) => [name, prediction.classes]),
  );
  return writeSafetensors(
    [
      f32('embedding', results.embedding),
      i32('rows', results.rows),
      i32('withheld', results.withheld),
      i32('tokens', results.tokens),
      ...Object.entries(results.predictions).map(([name, { probabilities }]) =>
        f32(`predictions.${name}`, probabilities),
      ),
      ...Object.entries(results.annotationStates ?? {}).map(([name, states]) =>
        f32(`states.${name}`, states),
      ),
    ],
    { classes: JSON.stringify(classes) },
  );
}

/** @throws where the file is not a part as `writeResults` writes it */
async function readResults(path: string): Promise<CellResults> {
  const file = await openSafetensors(memorySource(new Uint8Array(readFileSync(path))));
  const names = [...file.tensors.keys()];
  const classes = JSON.parse(file.metadata.get('classes') ?? '{}') as Record<string, readonly string[]>;
  const predictions: Record<string, Prediction> = {};
  for (const [name, own] of Object.entries(classes)) {
    predictions[name] = { classes: own, probabilities: await file.read(`predictions.${name}`) };
  }
  const states: Record<string, Float32Array<ArrayBuffer>> = {};
  for (const name of names.filter((tensor) => tensor.startsWith('states.'))) {
    states[name.slice('states.'.length)] = await file.read(name);
  }
  return {
    rows: Uint32Array.from(await file.readNumbers('rows')),
    dimension: file.tensors.get('embedding')?.shape[1] ?? 0,
    embedding: await file.read('embedding'),
    predictions,
    withheld: Uint8Array.from(await file.readNumbers('withheld')),
    tokens: Uint32Array.from(await file.readNumbers('tokens')),
    ...(Object.keys(states).length > 0 ? { annotationStates: states } : {}),
  };
}
