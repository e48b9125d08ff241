import type { Engine } from '../engine/engine.ts';
import type { ModelPackage } from '../model/package.ts';
import type { TokenBatch } from '../model/token-batch.ts';

/** Arithmetic of the first try: a second on the slowest engine that anyone waits for. */
const FIRST_FLOPS = 1e9;
/** A measurement shorter than this is repeated with more cells. */
const LEAST_SECONDS = 0.1;
const MOST_TOKENS = 16_384;

/**
 * Tokens per second of an engine on made-up cells: compiles and warms everything, then takes a time.
 * Null where the engine is too slow for a try (or failed it: the real work will say why).
 */
export async function measureSpeed(
  engine: Engine,
  pkg: ModelPackage,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const { dModel, dHid, nLayers, maxPositionEmbeddings } = pkg.config;
  const flopsPerToken = 2 * nLayers * (4 * dModel * dModel + 2 * dModel * dHid);
  const length = Math.max(8, Math.min(maxPositionEmbeddings, 512, Math.round(FIRST_FLOPS / flopsPerToken)));
  let cells = 1;
  try {
    await time(engine, pkg, 1, length, signal);
    for (;;) {
      const seconds = await time(engine, pkg, cells, length, signal);
      const tokens = cells * length;
      if (seconds >= LEAST_SECONDS || 4 * tokens > MOST_TOKENS) return tokens / Math.max(seconds, 1e-6);
      cells *= 4;
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    return null;
  }
}

async function time(
  engine: Engine,
  pkg: ModelPackage,
  cells: number,
  length: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const began = performance.now();
  await engine.encode(madeUpBatch(pkg, cells, length), {
    pooling: 'gene_mean',
    ...(signal ? { signal } : {}),
  });
  return (performance.now() - began) / 1000;
}

function madeUpBatch({ config, vocabulary }: ModelPackage, cells: number, length: number): TokenBatch {
  const geneIds = Uint32Array.from({ length: cells * length }, (_, i) => (7919 * i + 13) % vocabulary.size);
  return {
    rows: Uint32Array.from({ length: cells }, (_, cell) => cell),
    cuSeqlens: Uint32Array.from({ length: cells + 1 }, (_, cell) => cell * length),
    geneIds,
    ...(config.valueInput === 'none' ? {} : { values: Float32Array.from(geneIds, (_, i) => 1 - (i % 2)) }),
    withheld: new Uint8Array(cells),
  };
}
