import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { createEngine } from '../engine/select.ts';
import { type ModelPackage, openModelPackage } from '../model/package.ts';
import { type ComputeEnvironment, LocalComputeService } from '../run/compute-service.ts';
import { LocalDatasetService } from '../run/dataset-service.ts';
import { LocalTrainService } from '../run/local-train-service.ts';
import type { JobOptions, ModelLocation } from '../run/services.ts';
import type { TrainedModel } from '../run/train-service.ts';
import { isSoftwareGpu, referenceTrainers, webGpuTrainers } from '../run/trainer-factory.ts';
import { joinStudies, type StudyCells } from '../run/training-cells.ts';
import { checkReading } from '../train/base-model.ts';
import { genesRead, type TrainConfig } from '../train/config.ts';
import { json } from '../train/package-files.ts';
import type { TrainingSummary } from '../train/types.ts';
import { chosenMatrix } from './chosen-matrix.ts';
import { cacheFolder, fileRecords } from './file-records.ts';
import { folderCheckpoints } from './node-checkpoints.ts';
import { nodeComputeEnvironment, nodeDatasetEnvironment } from './node-environment.ts';
import { inputOf } from './node-files.ts';
import { ProgressLine } from './progress-line.ts';
import type { TrainCommand } from './train-arguments.ts';
import { configOf, readTrainConfig } from './train-config.ts';
import { trainingEvents, trainingText } from './train-output.ts';
import { readStudy } from './train-study.ts';
import { sweepOf, sweepTable } from './train-sweep.ts';
import { writeWhole } from './write-whole.ts';

const CHECKPOINT_SECONDS = 60;

/**
 * Trains a model and writes its package into a folder that appears whole or not at all; progress on stderr, the table
 * of the test (or, with --json, every event as a line) on stdout.
 * @throws whatever fails, the signal's reason when cancelled: the last checkpoint stays
 */
export async function train(request: TrainCommand, signal: AbortSignal): Promise<void> {
  const line = new ProgressLine();
  const job = { signal, onProgress: line.show };
  const location: ModelLocation = { kind: 'directory', path: request.model };
  const compute = nodeComputeEnvironment();
  try {
    const { source } = await compute.openSource(location, job);
    const base = await openModelPackage(source, { signal });
    const { config, folder } = await configFor(request, base, location, job);
    // Before files are read, or a configuration is written that could not be trained.
    checkReading(base, genesRead(config.base) ?? base.config.maxPositionEmbeddings);
    if (request.writeConfig !== null) {
      writeWhole(request.writeConfig, json(withFilesFrom(config, dirname(resolve(request.writeConfig)))));
      line.end(`${request.writeConfig}: the configuration; train with --config`);
      return;
    }
    const variants = sweepOf(config, request.sweep);
    const out = resolve(request.out ?? config.name);
    const isSweep = Object.values(request.sweep).some(({ length }) => length > 0);
    const folderOf = ({ name }: TrainConfig) => (isSweep ? join(out, name) : out);
    if (isSweep) mkdirSync(out, { recursive: true });
    // A sweep that goes on leaves alone what it has made before.
    const wanted = variants.filter(
      (variant) => !(isSweep && request.resume && existsSync(folderOf(variant))),
    );
    for (const variant of wanted) checkOut(folderOf(variant));
    const studies: StudyCells[] = [];
    const notices: string[] = [];
    for (const data of config.data) {
      const read = await readStudy(config, data, folder, { base, location }, line.say, job);
      studies.push(read.study);
      notices.push(...read.notices);
    }
    const cells = joinStudies(studies);
    const service = serviceOf(request, compute);
    const rows: { readonly config: TrainConfig; readonly summary: TrainingSummary }[] = [];
    for (const variant of wanted) {
      const model = await service.train(
        { config: variant, model: location, cells, notices, resume: request.resume },
        { ...job, onEvent: trainingEvents(line, request.json), command: request.typed },
      );
      writePackage(folderOf(variant), model);
      rows.push({ config: variant, summary: model.summary });
      line.end(`${folderOf(variant)}: ${model.files.map(({ path: file }) => file).join(', ')}`);
      if (!request.json) process.stdout.write(trainingText(model.summary));
    }
    if (isSweep && !request.json) process.stdout.write(`\n${sweepTable(rows)}`);
  } finally {
    line.end();
  }
}

function serviceOf(request: TrainCommand, compute: ComputeEnvironment): LocalTrainService {
  return new LocalTrainService({
    openSource: compute.openSource,
    createTrainer: request.engine === 'reference' ? referenceTrainers : webGpuTrainers(compute.gpu),
    async createEngine(pkg) {
      const { recommended } = await new LocalComputeService(compute).engines();
      const { engine } = await createEngine(recommended, pkg, {
        gpu: await compute.gpu(),
        wasm: compute.wasm,
      });
      return engine;
    },
    checkpoints: folderCheckpoints(request.checkpoints ?? join(cacheFolder(), 'training')),
    openings: fileRecords(join(cacheFolder(), 'test-openings')),
    fits: {},
    freeMemory,
    sharesMemory: async () => request.engine === 'webgpu' && isSoftwareGpu(compute.gpu),
    checkpointSeconds: CHECKPOINT_SECONDS,
  });
}

async function configFor(
  request: TrainCommand,
  base: ModelPackage,
  location: ModelLocation,
  job: JobOptions,
): Promise<{ readonly config: TrainConfig; readonly folder: string | null }> {
  const { source } = request;
  if (source.kind === 'config')
    return { config: readTrainConfig(source.path), folder: request.data ?? dirname(source.path) };
  const dataset = new LocalDatasetService(nodeDatasetEnvironment());
  try {
    const summary = await dataset.open(inputOf([source.file]), job);
    await dataset.preflight(location, chosenMatrix(summary, null), job);
    return { config: await configOf(source, dataset, summary, base), folder: null };
  } finally {
    await dataset.close();
  }
}

/** Paths as the configuration's folder has them. */
function withFilesFrom(config: TrainConfig, folder: string): TrainConfig {
  const path = (file: string) => relative(folder, resolve(file));
  return { ...config, data: config.data.map((study) => ({ ...study, files: study.files.map(path) })) };
}

/** What the system, or the group of processes this one is in, has left; Node 20 before .13 knows the system alone. */
function freeMemory(): number {
  return process.availableMemory?.() ?? freemem();
}

function checkOut(folder: string): void {
  if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0))
    throw new Error(`${folder} exists: name another folder with --out`);
  if (!existsSync(dirname(folder)))
    throw new Error(`the folder ${dirname(folder)} does not exist: make it, or name another with --out`);
}

function writePackage(folder: string, { files }: TrainedModel): void {
  const part = `${folder}.${process.pid}.part`;
  try {
    mkdirSync(part);
    for (const { path, content } of files) writeFileSync(join(part, path), content);
    if (existsSync(folder)) rmSync(folder, { recursive: true });
    renameSync(part, folder);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw error;
  }
}
