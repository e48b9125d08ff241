import type { Pooling } from '../../model/config.ts';
import type { CellResults, ComputeService, DatasetService } from '../../run/services.ts';
import { sliceBatch } from './slice-batch.ts';

export interface EmbedOptions {
  readonly pooling: Pooling;
  /** Measured speed of the engine, for the size of a first batch. */
  readonly tokensPerSecond: number | null;
  readonly signal: AbortSignal;
  /** Called with the cells of each batch, in order. */
  readonly onBatch: (results: CellResults) => void;
}

/** Cells read from the file at once: below this, reading h5ad loses half its speed. */
const READ = 256;
/** What a batch should take, so that partial results keep coming and a stop loses little. */
const BATCH_SECONDS = 1.5;

/**
 * Tokens of some rows through the engine, reading ahead while it computes.
 * @throws the signal's reason when stopped; batches given to onBatch stay valid.
 */
export async function embedCells(
  dataset: DatasetService,
  compute: ComputeService,
  rows: Uint32Array<ArrayBuffer>,
  { pooling, tokensPerSecond, signal, onBatch }: EmbedOptions,
): Promise<void> {
  const read = (start: number) =>
    start < rows.length ? dataset.tokenize(rows.slice(start, start + READ), { signal }) : null;
  let speed = tokensPerSecond;
  let next = read(0);
  for (let start = 0; next !== null; start += READ) {
    const tokens = await next;
    next = read(start + READ);
    // A reading that fails while the engine computes is reported when its turn comes.
    next?.catch(() => undefined);
    const cells = tokens.rows.length;
    const perCell = Math.max(1, tokens.geneIds.length / cells);
    for (let from = 0; from < cells; ) {
      const size = batchSize(speed, perCell);
      const to = cells - from <= 1.5 * size ? cells : from + size;
      const batch = from === 0 && to === cells ? tokens : sliceBatch(tokens, from, to);
      const began = performance.now();
      onBatch(await compute.encode(batch, pooling, { signal }));
      const seconds = (performance.now() - began) / 1000;
      speed = (batch.geneIds.length + batch.rows.length) / Math.max(seconds, 1e-3);
      from = to;
    }
  }
}

function batchSize(tokensPerSecond: number | null, tokensPerCell: number): number {
  if (tokensPerSecond === null) return 16;
  return Math.min(READ, Math.max(4, Math.round((BATCH_SECONDS * tokensPerSecond) / tokensPerCell)));
}
