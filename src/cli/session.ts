import type { EngineKind, EnginePrecision } from '../engine/engine.ts';
import { LocalComputeService } from '../run/compute-service.ts';
import { LocalDatasetService } from '../run/dataset-service.ts';
import { orthologNote } from '../run/messages.ts';
import type {
  CellSelection,
  DatasetSummary,
  JobOptions,
  LoadedModel,
  ModelLocation,
  Preflight,
} from '../run/services.ts';
import { chosenMatrix } from './chosen-matrix.ts';
import { nodeComputeEnvironment, nodeDatasetEnvironment } from './node-environment.ts';
import { inputOf } from './node-files.ts';
import { ProgressLine } from './progress-line.ts';

export interface SessionRequest {
  /** Several are joined as samples. */
  readonly files: readonly string[];
  /** Folder of the model. */
  readonly model: string;
  /** null = recommended. */
  readonly engine: EngineKind | null;
  /** Of WebGPU; absent = f32. */
  readonly precision?: EnginePrecision | null;
  /** null = the one that looks like counts. */
  readonly matrix: string | null;
  /** Folder for copies of whole files; default: that of temporary files. */
  readonly copies?: string;
}

/** A file of cells opened and checked for a model, and the model loaded: where every command begins. */
export interface Session {
  readonly dataset: LocalDatasetService;
  readonly compute: LocalComputeService;
  readonly summary: DatasetSummary;
  readonly matrix: string;
  readonly preflight: Preflight;
  readonly model: LoadedModel;
  readonly location: ModelLocation;
  readonly line: ProgressLine;
  /** Signal and progress on stderr, for every call. */
  readonly job: JobOptions & { readonly signal: AbortSignal };
}

/**
 * Runs work on an open file and a loaded model and closes both after it, whatever happens.
 * @throws whatever fails, the signal's reason when cancelled
 */
export async function withSession<T>(
  request: SessionRequest,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const dataset = new LocalDatasetService(nodeDatasetEnvironment(request.copies));
  const compute = new LocalComputeService(nodeComputeEnvironment());
  const line = new ProgressLine();
  const job = { signal, onProgress: line.show };
  try {
    const summary = await dataset.open(inputOf(request.files), job);
    const matrix = chosenMatrix(summary, request.matrix);
    const location: ModelLocation = { kind: 'directory', path: request.model };
    const preflight = await dataset.preflight(location, matrix, job);
    const model = await compute.load(location, {
      ...job,
      ...(request.engine ? { engine: request.engine } : {}),
      ...(request.precision ? { precision: request.precision } : {}),
    });
    for (const notice of model.notices) line.say(notice);
    return await work({ dataset, compute, summary, matrix, preflight, model, location, line, job });
  } finally {
    line.end();
    await compute.unload();
    await dataset.close();
  }
}

/** What is about to be embedded, and what is odd about it. */
export function sayCells({ summary, matrix, preflight, model, line }: Session, cells: number): void {
  const { genes } = preflight;
  line.say(
    `${cells} of ${summary.nObs} cells, ${matrix} (${matrix === summary.counts ? summary.reason : 'as asked for'}) ` +
      `${genes.inVocabulary} of ${genes.columns} genes in the vocabulary of ${model.name}; ` +
      `${model.engine.kind} (${model.engine.device})`,
  );
  const offer = summary.scans.find((scan) => scan.matrix.name === matrix)?.offer;
  for (const note of [offer, summary.emptyNote, genes.panelNote, orthologNote(genes.byOrtholog)])
    if (note) line.say(note);
}

export interface CellsAsked {
  readonly cells: number | null;
  readonly first: number | null;
  readonly seed: number;
}

/** The first N, N drawn equally from the donors, or all. */
export function selectionOf(
  { cells, first, seed }: CellsAsked,
  { donorColumn }: Pick<DatasetSummary, 'donorColumn'>,
): Exclude<CellSelection, { kind: 'rows' }> {
  if (first !== null) return { kind: 'first', count: first };
  if (cells !== null) return { kind: 'random', count: cells, seed, balanceBy: donorColumn };
  return { kind: 'all' };
}
