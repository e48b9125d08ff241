import type { Pooling } from '../model/config.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import { concatenateResults, sliceBatch } from './batches.ts';
import type { CellResults } from './results.ts';
import type { ComputeService, DatasetService } from './services.ts';

export interface RunProgress {
  readonly done: number;
  readonly total: number;
  readonly cellsPerSecond: number;
  readonly secondsLeft: number;
}

export interface EmbeddingRun {
  readonly dataset: Pick<DatasetService, 'tokenize'>;
  readonly compute: Pick<ComputeService, 'encode'>;
  /** Rows of the file, ascending. */
  readonly rows: Uint32Array<ArrayBuffer>;
  readonly pooling: Pooling;
  /** Also keep the annotation tokens' states (default false). */
  readonly annotationStates?: boolean;
  /** Measured speed of the engine, for the size of the first batch. */
  readonly tokensPerSecond: number | null;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
  /** The cells of each batch as they come, in order. */
  readonly onBatch?: (results: CellResults) => void;
  readonly onNotice?: (sentence: string) => void;
}

/** Results so far, and whether the run came to its end or was cancelled. */
export interface RunOutcome {
  readonly results: CellResults;
  readonly complete: boolean;
}

/** Cells read from the file at once: below this, reading compressed files loses half its speed. */
const READ = 256;
/** What a batch should take, so that partial results keep coming and a stop loses little. */
const BATCH_SECONDS = 1.5;
const FIRST_BATCH = 16;

/**
 * Embeds the rows, tokenizing ahead while the engine computes. A cancel keeps what is done.
 * @throws what dataset and engine throw, a cancel excepted
 */
export async function runEmbedding(run: EmbeddingRun): Promise<RunOutcome> {
  const { dataset, compute, rows, pooling, signal } = run;
  const job = signal ? { signal } : {};
  const parts: CellResults[] = [];
  const began = performance.now();
  let done = 0;
  let speed = run.tokensPerSecond;
  const read = (from: number): Promise<TokenBatch> | null => {
    if (from >= rows.length) return null;
    const tokens = dataset.tokenize(rows.slice(from, from + READ), job);
    // A reading that fails while the engine computes is reported when its turn comes.
    tokens.catch(() => undefined);
    return tokens;
  };
  try {
    let next = read(0);
    for (let from = 0; next !== null; from += READ) {
      const tokens: TokenBatch = await next;
      next = read(from + READ);
      const cells = tokens.rows.length;
      const perCell = Math.max(1, tokens.geneIds.length / cells);
      for (let at = 0; at < cells; ) {
        signal?.throwIfAborted();
        const size = batchSize(speed, perCell);
        const to = cells - at <= 1.5 * size ? cells : at + size;
        const batch = at === 0 && to === cells ? tokens : sliceBatch(tokens, at, to);
        const started = performance.now();
        const results = await compute.encode(batch, pooling, {
          ...job,
          ...(run.onNotice ? { onNotice: run.onNotice } : {}),
          ...(run.annotationStates ? { annotationStates: true } : {}),
        });
        const seconds = Math.max(1e-3, (performance.now() - started) / 1000);
        speed = Math.max(1, batch.geneIds.length) / seconds;
        parts.push(results);
        done += to - at;
        at = to;
        run.onBatch?.(results);
        const cellsPerSecond = done / ((performance.now() - began) / 1000);
        const secondsLeft = (rows.length - done) / cellsPerSecond;
        run.onProgress?.({ done, total: rows.length, cellsPerSecond, secondsLeft });
      }
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
  return { results: concatenateResults(parts), complete: done === rows.length };
}

function batchSize(tokensPerSecond: number | null, tokensPerCell: number): number {
  if (tokensPerSecond === null) return FIRST_BATCH;
  return Math.min(READ, Math.max(1, Math.round((BATCH_SECONDS * tokensPerSecond) / tokensPerCell)));
}
