import { availableParallelism } from 'node:os';
import {
  embeddedModelFolder,
  nodeComputeEnvironment,
  nodeDatasetEnvironment,
} from '../src/cli/node-environment.ts';
import type { Engine } from '../src/engine/engine.ts';
import { createEngine } from '../src/engine/select.ts';
import { createWasmEngine } from '../src/engine/wasm/engine.ts';
import type { OrtModule } from '../src/engine/wasm/runtime.ts';
import { openModelPackage } from '../src/model/package.ts';
import type { TokenBatch } from '../src/model/token-batch.ts';
import { LocalDatasetService } from '../src/run/dataset-service.ts';

/** Speed of one engine on the same cells. */
export interface BenchRow {
  readonly engine: string;
  readonly device: string;
  readonly cellsPerSecond: number;
  /** Against the peer of the same run. */
  readonly ratio: number;
}

const REPEATS = 3;

/**
 * Cells per second of our engines on real cells of the sample file with the embedded model, beside
 * onnxruntime-node's CPU provider as the peer: the same ONNX graph and weights at exact lengths.
 */
export async function benchEncoder(
  file: string,
  cells: number,
  peer: OrtModule,
): Promise<readonly BenchRow[]> {
  const environment = nodeComputeEnvironment();
  const location = { kind: 'directory', path: embeddedModelFolder() } as const;
  const pkg = await openModelPackage((await environment.openSource(location, {})).source);
  const batch = await sampleTokens(file, cells);
  const gpu = await environment.gpu();
  const ours = { gpu, wasm: environment.wasm, strict: true };
  const engines: readonly (() => Promise<Engine>)[] = [
    () =>
      createWasmEngine(pkg, {
        threads: availableParallelism(),
        importRuntime: async () => onProcessor(peer),
      }),
    async () => (await createEngine('wasm', pkg, ours)).engine,
    async () => (await createEngine('webgpu', pkg, ours)).engine,
  ];
  const rows: BenchRow[] = [];
  for (const [i, create] of engines.entries()) {
    const engine = await create();
    const cellsPerSecond = await speed(engine, batch);
    const { kind, device } = engine.description;
    engine.destroy();
    rows.push({
      engine: i === 0 ? 'onnxruntime-node (peer)' : kind,
      device,
      cellsPerSecond,
      ratio: cellsPerSecond / (rows[0]?.cellsPerSecond ?? cellsPerSecond),
    });
  }
  return rows;
}

/** The peer with its CPU provider, on as many threads as ours. */
function onProcessor(peer: OrtModule): OrtModule {
  const { InferenceSession } = peer;
  const create = (model: Uint8Array, options: object) =>
    InferenceSession.create(model, {
      ...options,
      executionProviders: ['cpu'],
      intraOpNumThreads: availableParallelism(),
    });
  return {
    ...peer,
    InferenceSession: { ...InferenceSession, create: create as typeof InferenceSession.create },
  };
}

/** Best of several runs after one to warm up. */
async function speed(engine: Engine, batch: TokenBatch): Promise<number> {
  let seconds = Number.POSITIVE_INFINITY;
  for (let run = 0; run <= REPEATS; run++) {
    const began = performance.now();
    await engine.encode(batch, { pooling: 'gene_mean' });
    if (run > 0) seconds = Math.min(seconds, (performance.now() - began) / 1000);
  }
  return batch.rows.length / seconds;
}

async function sampleTokens(file: string, cells: number): Promise<TokenBatch> {
  const dataset = new LocalDatasetService(nodeDatasetEnvironment());
  const { counts, donorColumn } = await dataset.open(file, {});
  if (counts === null) throw new Error('the sample has no counts');
  await dataset.preflight({ kind: 'directory', path: embeddedModelFolder() }, counts, {});
  const rows = await dataset.select({ kind: 'random', count: cells, seed: 0, balanceBy: donorColumn });
  const batch = await dataset.tokenize(rows, {});
  await dataset.close();
  return batch;
}
