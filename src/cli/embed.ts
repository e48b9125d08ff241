import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { LayoutService } from '../analysis/layout-service.ts';
import { DataError } from '../data/errors.ts';
import type { EngineKind } from '../engine/engine.ts';
import type { Pooling } from '../model/config.ts';
import { LocalComputeService } from '../run/compute-service.ts';
import { LocalDatasetService } from '../run/dataset-service.ts';
import { runEmbedding } from '../run/embedding-run.ts';
import { RunError } from '../run/errors.ts';
import { provenanceOf } from '../run/provenance.ts';
import { oneDonorWarning } from '../run/selection.ts';
import type { CellSelection, DatasetSummary, ExportFormat, ModelLocation } from '../run/services.ts';
import { qcPass } from '../tokenize/quality.ts';
import { choice, parse, UsageError, whole } from './arguments.ts';
import { embeddedModelFolder, nodeComputeEnvironment, nodeDatasetEnvironment } from './node-environment.ts';
import { inputOf } from './node-files.ts';
import { ProgressLine } from './progress-line.ts';

export interface EmbedRequest {
  readonly files: readonly string[];
  readonly model: string;
  readonly engine: EngineKind | null;
  readonly out: string;
  readonly format: ExportFormat;
  readonly cells: number | null;
  readonly first: number | null;
  readonly seed: number;
  readonly pooling: Pooling;
  readonly matrix: string | null;
  /** Also lay the cells out. */
  readonly umap: boolean;
}

const FORMATS: Readonly<Record<string, ExportFormat>> = { '.h5ad': 'h5ad', '.arrow': 'arrow', '.csv': 'csv' };

/** The request of `embed`'s arguments. @throws UsageError */
export function embedRequest(args: readonly string[]): EmbedRequest {
  const text = { type: 'string' } as const;
  const { values, positionals } = parse(
    args,
    {
      model: text,
      engine: text,
      out: text,
      cells: text,
      first: text,
      seed: text,
      pooling: text,
      matrix: text,
      'no-umap': { type: 'boolean' },
    },
    1,
    true,
  );
  if (typeof values.out !== 'string') throw new UsageError('--out FILE.h5ad, .arrow or .csv is missing');
  const format = FORMATS[extname(values.out).toLowerCase()];
  if (format === undefined) throw new UsageError(`--out ends in .h5ad, .arrow or .csv, not ${values.out}`);
  const cells = whole(values, 'cells', 1);
  const first = whole(values, 'first', 1);
  if (cells !== null && first !== null) throw new UsageError('--cells and --first exclude each other');
  return {
    files: positionals,
    model: typeof values.model === 'string' ? values.model : embeddedModelFolder(),
    engine: choice(values, 'engine', ['webgpu', 'wasm', 'reference']),
    out: values.out,
    format,
    cells,
    first,
    seed: whole(values, 'seed', 0) ?? 0,
    pooling: choice(values, 'pooling', ['gene_mean', 'first_gene', 'all_positions']) ?? 'gene_mean',
    matrix: typeof values.matrix === 'string' ? values.matrix : null,
    umap: values['no-umap'] !== true,
  };
}

/**
 * Embeds a file's cells and writes the results; progress on stderr. The output appears whole or not at
 * all: it is written beside its place and renamed.
 * @throws whatever fails, the signal's reason when cancelled
 */
export async function embed(request: EmbedRequest, signal: AbortSignal): Promise<void> {
  const dataset = new LocalDatasetService(nodeDatasetEnvironment());
  const compute = new LocalComputeService(nodeComputeEnvironment());
  const line = new ProgressLine();
  const job = { signal, onProgress: line.show };
  try {
    const summary = await dataset.open(inputOf(request.files), job);
    const matrix = chosenMatrix(summary, request.matrix);
    const location: ModelLocation = { kind: 'directory', path: request.model };
    const preflight = await dataset.preflight(location, matrix, job);
    const rows = await dataset.select(selectionOf(request, summary));
    if (summary.donorColumn !== null && request.first !== null) {
      const warning = oneDonorWarning(await dataset.obs(summary.donorColumn), rows);
      if (warning) line.say(warning);
    }
    const model = await compute.load(location, {
      ...job,
      ...(request.engine ? { engine: request.engine } : {}),
    });
    for (const notice of model.notices) line.say(notice);
    const { genes } = preflight;
    line.say(
      `${rows.length} of ${summary.nObs} cells, ${matrix} (${summary.reason}) ` +
        `${genes.inVocabulary} of ${genes.columns} genes in the vocabulary of ${model.name}; ` +
        `${model.engine.kind} (${model.engine.device})`,
    );
    if (genes.panelNote) line.say(genes.panelNote);
    const { results } = await runEmbedding({
      dataset,
      compute,
      rows,
      pooling: request.pooling,
      tokensPerSecond: model.tokensPerSecond,
      signal,
      onProgress: line.run,
      onNotice: line.say,
    });
    signal.throwIfAborted();
    const layout = { seed: request.seed, signal, onProgress: line.show };
    const umap = request.umap
      ? { umap: await new LayoutService().umap(results.embedding, results.dimension, layout) }
      : {};
    const pass = qcPass(preflight.quality);
    const provenance = provenanceOf({
      model,
      matrix,
      pooling: request.pooling,
      seed: request.seed,
      quality: preflight.quality,
    });
    const bytes = await dataset.export(
      request.format,
      { ...results, ...umap, qcPass: Uint8Array.from(results.rows, (row) => pass[row]) },
      provenance,
    );
    signal.throwIfAborted();
    writeWhole(request.out, bytes);
    line.end(`${request.out}: ${rows.length} cells`);
  } finally {
    line.end();
    await compute.unload();
    await dataset.close();
  }
}

function chosenMatrix(summary: DatasetSummary, wish: string | null): string {
  if (summary.nObs === 0) throw new DataError('no-cells', 'the file has no cells');
  if (wish !== null) {
    const scan = summary.scans.find(({ matrix }) => matrix.name === wish);
    const names = summary.scans.map(({ matrix }) => matrix.name).join(', ');
    if (!scan) throw new RunError('no-counts', `the file has no matrix ${wish}, only ${names}`, wish);
    if (!scan.counts)
      throw new RunError('no-counts', `${wish} does not hold raw counts: ${scan.finding}`, wish);
    return wish;
  }
  if (summary.counts === null) throw new RunError('no-counts', summary.reason);
  return summary.counts;
}

function selectionOf({ cells, first, seed }: EmbedRequest, { donorColumn }: DatasetSummary): CellSelection {
  if (first !== null) return { kind: 'first', count: first };
  if (cells !== null) return { kind: 'random', count: cells, seed, balanceBy: donorColumn };
  return { kind: 'all' };
}

/** Writes beside the place, then renames: a failure leaves what was there before. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  try {
    writeFileSync(part, bytes);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
