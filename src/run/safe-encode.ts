import { type Encoded, type Engine, type EngineKind, EngineLostError } from '../engine/engine.ts';
import type { CreatedEngine } from '../engine/select.ts';
import type { Pooling } from '../model/config.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import { concatenateEncoded, sliceBatch } from './batches.ts';
import type { EncodeJobOptions } from './services.ts';

/** Where the engine that is in use now stands: replaced when it is lost. */
export interface EngineInUse {
  engine: Engine;
}

/** What is asked of the engine. */
export interface EncodeRequest {
  readonly pooling: Pooling;
  readonly states: boolean;
}

const NEXT: Readonly<Record<EngineKind, EngineKind | null>> = {
  webgpu: 'wasm',
  wasm: 'reference',
  reference: null,
};

/**
 * The batch through the engine; a lost engine is rebuilt once, one out of memory gets half as many
 * cells, and where that is one cell already or the rebuilt one fails, the next engine takes over.
 * @param remake an engine of this kind, or of one that works, for the same model
 * @throws EngineLostError where no engine is left
 */
export async function encodeSafely(
  inUse: EngineInUse,
  batch: TokenBatch,
  request: EncodeRequest,
  options: EncodeJobOptions,
  remake: (kind: EngineKind) => Promise<CreatedEngine>,
  rebuilt = false,
): Promise<Encoded> {
  const { signal } = options;
  try {
    return await inUse.engine.encode(batch, {
      ...request,
      annotationStates: options.annotationStates === true,
      ...(signal ? { signal } : {}),
      onCells: (done) =>
        options.onProgress?.({ stage: 'embedding', done, total: batch.rows.length, unit: 'cells' }),
    });
  } catch (error) {
    if (!(error instanceof EngineLostError) || signal?.aborted) throw error;
    const { kind } = inUse.engine.description;
    inUse.engine.destroy();
    const memory = error.reason === 'out-of-memory';
    const cells = batch.rows.length;
    const next = rebuilt && (!memory || cells === 1) ? NEXT[kind] : kind;
    if (next === null) throw error;
    const created = await remake(next);
    inUse.engine = created.engine;
    for (const notice of created.notices) options.onNotice?.(notice);
    if (next !== kind)
      options.onNotice?.(`The ${kind} engine failed again (${error.message}); ${next} goes on.`);
    else if (!rebuilt)
      options.onNotice?.(`The ${kind} engine was lost (${error.message}) and started again.`);
    const encode = (part: TokenBatch) => encodeSafely(inUse, part, request, options, remake, next === kind);
    if (!memory || cells === 1) return encode(batch);
    const half = Math.ceil(cells / 2);
    const first = await encode(sliceBatch(batch, 0, half));
    return concatenateEncoded(first, await encode(sliceBatch(batch, half, cells)));
  }
}
