import { extname } from 'node:path';
import { LayoutService } from '../analysis/layout-service.ts';
import type { EngineKind } from '../engine/engine.ts';
import type { Pooling } from '../model/config.ts';
import { LocalComputeService } from '../run/compute-service.ts';
import { LocalDatasetService } from '../run/dataset-service.ts';
import { runEmbedding } from '../run/embedding-run.ts';
import { provenanceOf } from '../run/provenance.ts';
import { oneDonorWarning } from '../run/selection.ts';
import type { CellSelection, DatasetSummary, ExportFormat, ModelLocation } from '../run/services.ts';
import { qcPass } from '../tokenize/quality.ts';
import { choice, parse, UsageError, whole } from './arguments.ts';
import { chosenMatrix } from './chosen-matrix.ts';
import { embeddedModelFolder, nodeComputeEnvironment, nodeDatasetEnvironment } from './node-environment.ts';
import { ProgressLine } from './progress-line.ts';
import { checkPlace, writeWhole } from './write-whole.ts';

export interface EmbedRequest {
  readonly file: string;
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
  );
  if (typeof values.out !== 'string') throw new UsageError('--out FILE.h5ad, .arrow or .csv is missing');
  const format = FORMATS[extname(values.out).toLowerCase()];
  if (format === undefined) throw new UsageError(`--out ends in .h5ad, .arrow or .csv, not ${values.out}`);
  const cells = whole(values, 'cells', 1);
  const first = whole(values, 'first', 1);
  if (cells !== null && first !== null) throw new UsageError('--cells and --first exclude each other');
  return {
    file: positionals[0],
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
  checkPlace(request.out, [request.file]);
  const dataset = new LocalDatasetService(nodeDatasetEnvironment());
  const compute = new LocalComputeService(nodeComputeEnvironment());
  const line = new ProgressLine();
  const job = { signal, onProgress: line.show };
  try {
    const summary = await dataset.open(request.file, job);
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

function selectionOf({ cells, first, seed }: EmbedRequest, { donorColumn }: DatasetSummary): CellSelection {
  if (first !== null) return { kind: 'first', count: first };
  if (cells !== null) return { kind: 'random', count: cells, seed, balanceBy: donorColumn };
  return { kind: 'all' };
}
