import { availableParallelism } from 'node:os';
import { createNodeGpu } from '../src/cli/node-gpu.ts';
import type { OrtModule } from '../src/engine/wasm/runtime.ts';
import type { LengthMix } from './lengths.ts';
import type { BenchResult } from './result.ts';
import { runSuite } from './suite.ts';

export interface NodeBenchOptions {
  readonly mixes: readonly LengthMix[];
  readonly minutes: number;
  readonly versions: Readonly<Record<string, string>>;
  /** onnxruntime-node, with its WebGPU and CPU providers. */
  readonly peer: OrtModule;
}

/** The suite in this process, on the adapter that Vulkan finds first. */
export async function benchInNode({
  mixes,
  minutes,
  versions,
  peer,
}: NodeBenchOptions): Promise<BenchResult> {
  const importRuntime = () => import('onnxruntime-web');
  const threads = availableParallelism();
  return runSuite(
    {
      where: 'node',
      gpu: await createNodeGpu(),
      wasm: { threads: Math.min(8, threads), importRuntime },
      threads,
      versions,
      peers: { webgpu: peer, cpu: peer, wasm: await importRuntime() },
      log: (line) => console.error(line),
    },
    mixes,
    minutes,
  );
}
