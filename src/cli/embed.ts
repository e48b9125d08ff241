import { dirname } from 'node:path';
import { LayoutService } from '../analysis/layout-service.ts';
import type { Pooling } from '../model/config.ts';
import { runEmbedding } from '../run/embedding-run.ts';
import { provenanceOf } from '../run/provenance.ts';
import { oneDonorWarning } from '../run/selection.ts';
import type { ExportFormat } from '../run/services.ts';
import { qcPass } from '../tokenize/quality.ts';
import { choice, exportFormat, parse, UsageError, whole } from './arguments.ts';
import { embeddedModelFolder } from './node-environment.ts';
import { type CellsAsked, type SessionRequest, sayCells, selectionOf, withSession } from './session.ts';
import { checkPlace, writeWhole } from './write-whole.ts';

export interface EmbedRequest extends SessionRequest, CellsAsked {
  readonly out: string;
  readonly format: ExportFormat;
  readonly pooling: Pooling;
  /** The original with the results added, instead of the results alone. */
  readonly whole: boolean;
  /** Also lay the cells out. */
  readonly umap: boolean;
}

/** The request of `embed`'s arguments. @throws UsageError */
export function embedRequest(args: readonly string[]): EmbedRequest {
  const text = { type: 'string' } as const;
  const { values, positionals } = parse(
    args,
    {
      model: text,
      engine: text,
      precision: text,
      out: text,
      cells: text,
      first: text,
      seed: text,
      pooling: text,
      matrix: text,
      'no-umap': { type: 'boolean' },
      whole: { type: 'boolean' },
    },
    Number.POSITIVE_INFINITY,
    1,
  );
  const { out, format } = exportFormat(values);
  if (values.whole === true && format !== 'h5ad')
    throw new UsageError('--whole adds to an .h5ad: --out must end in .h5ad');
  const cells = whole(values, 'cells', 1);
  const first = whole(values, 'first', 1);
  if (cells !== null && first !== null) throw new UsageError('--cells and --first exclude each other');
  return {
    files: positionals,
    model: typeof values.model === 'string' ? values.model : embeddedModelFolder(),
    engine: choice(values, 'engine', ['webgpu', 'wasm', 'reference']),
    precision: choice(values, 'precision', ['f32', 'f16', 'int8']),
    out,
    format,
    cells,
    first,
    seed: whole(values, 'seed', 0) ?? 0,
    pooling: choice(values, 'pooling', ['gene_mean', 'first_gene', 'all_positions']) ?? 'gene_mean',
    matrix: typeof values.matrix === 'string' ? values.matrix : null,
    umap: values['no-umap'] !== true,
    whole: values.whole === true,
    ...(values.whole === true ? { copies: dirname(out) } : {}),
  };
}

/**
 * Embeds a file's cells and writes the results; progress on stderr. The output appears whole or not at
 * all: it is written beside its place and renamed.
 * @throws whatever fails, the signal's reason when cancelled
 */
export async function embed(request: EmbedRequest, signal: AbortSignal): Promise<void> {
  checkPlace(request.out, request.files);
  await withSession(request, signal, async (session) => {
    const { dataset, compute, summary, matrix, preflight, model, line } = session;
    const rows = await dataset.select(selectionOf(request, summary));
    if (summary.donorColumn !== null && request.first !== null) {
      const warning = oneDonorWarning(await dataset.obs(summary.donorColumn), rows);
      if (warning) line.say(warning);
    }
    sayCells(session, rows.length);
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
      scans: summary.scans,
      pooling: request.pooling,
      seed: request.seed,
      quality: preflight.quality,
    });
    const all = { ...results, ...umap, qcPass: Uint8Array.from(results.rows, (row) => pass[row]) };
    const job = { signal, onProgress: line.show };
    const { content, note } = request.whole
      ? await dataset.exportWhole(all, provenance, job)
      : await dataset.export(request.format, all, provenance, job);
    if (!request.whole) signal.throwIfAborted();
    if (note !== null) line.say(note);
    writeWhole(request.out, content);
    line.end(`${request.out}: ${rows.length} cells`);
  });
}
