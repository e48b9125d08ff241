import { openModelPackage } from '../model/package.ts';
import { type TensorToWrite, writeSafetensors } from '../model/safetensors-writer.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import { LocalDatasetService } from '../run/dataset-service.ts';
import type { ModelLocation } from '../run/services.ts';
import { parse, UsageError, whole, words } from './arguments.ts';
import { chosenMatrix } from './chosen-matrix.ts';
import { embeddedModelFolder, nodeComputeEnvironment, nodeDatasetEnvironment } from './node-environment.ts';
import { inputOf } from './node-files.ts';
import { ProgressLine } from './progress-line.ts';
import { type CellsAsked, selectionOf } from './session.ts';
import { checkPlace, writeWhole } from './write-whole.ts';

export interface TokenizeRequest extends CellsAsked {
  readonly files: readonly string[];
  readonly model: string;
  readonly matrix: string | null;
  readonly out: string;
}

/** The request of `tokenize`'s arguments. @throws UsageError */
export function tokenizeRequest(args: readonly string[]): TokenizeRequest {
  const text = { type: 'string' } as const;
  const options = { model: text, matrix: text, out: text, cells: text, first: text, seed: text };
  const { values, positionals } = parse(args, options, Number.POSITIVE_INFINITY, 1);
  const out = words(values, 'out');
  if (!out?.endsWith('.safetensors')) throw new UsageError('--out FILE.safetensors is missing');
  const cells = whole(values, 'cells', 1);
  const first = whole(values, 'first', 1);
  if (cells !== null && first !== null) throw new UsageError('--cells and --first exclude each other');
  return {
    files: positionals,
    model: words(values, 'model') ?? embeddedModelFolder(),
    matrix: words(values, 'matrix'),
    out,
    cells,
    first,
    seed: whole(values, 'seed', 0) ?? 0,
  };
}

/**
 * Writes the tokens of a file's cells for a model, packed: `gene_ids` [tokens], `cu_seqlens` [cells + 1], `rows`
 * [cells], and TEDDY-X's `values` [tokens].
 */
export async function tokenize(request: TokenizeRequest, signal: AbortSignal): Promise<void> {
  checkPlace(request.out, request.files);
  const line = new ProgressLine();
  const job = { signal, onProgress: line.show };
  const location: ModelLocation = { kind: 'directory', path: request.model };
  const dataset = new LocalDatasetService(nodeDatasetEnvironment());
  try {
    const { source } = await nodeComputeEnvironment().openSource(location, job);
    const model = await openModelPackage(source, { signal });
    const summary = await dataset.open(inputOf(request.files), job);
    const matrix = chosenMatrix(summary, request.matrix);
    await dataset.preflight(location, matrix, job);
    const rows = await dataset.select(selectionOf(request, summary));
    const tokens = await dataset.tokenize(rows, job);
    const description = { model: model.name, model_sha256: model.sha256, file: summary.fileName, matrix };
    writeWhole(request.out, writeSafetensors(tensorsOf(tokens), description));
    line.end(`${request.out}: ${rows.length} cells, ${tokens.geneIds.length} tokens`);
  } finally {
    line.end();
    await dataset.close();
  }
}

function tensorsOf({ rows, cuSeqlens, geneIds, values }: TokenBatch): TensorToWrite[] {
  const integers = (name: string, data: Uint32Array): TensorToWrite => ({
    name,
    dtype: 'U32',
    shape: [data.length],
    data,
  });
  return [
    integers('gene_ids', geneIds),
    ...(values ? [{ name: 'values', dtype: 'F32', shape: [values.length], data: values } as const] : []),
    integers('cu_seqlens', cuSeqlens),
    integers('rows', rows),
  ];
}
