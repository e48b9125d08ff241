import type { LengthMix } from '../lengths.ts';
import type { BenchResult } from '../result.ts';
import { runSuite } from '../suite.ts';

export interface PageBenchOptions {
  readonly mixes: readonly LengthMix[];
  readonly minutes: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Called from outside once the page has loaded. */
declare global {
  var bench: (options: PageBenchOptions) => Promise<BenchResult>;
}

const RUNTIME = new URL('/ort/', globalThis.location.href).href;

globalThis.bench = async ({ mixes, minutes, versions }) => {
  const onGpu = await import('onnxruntime-web/webgpu');
  const onProcessor = await import('onnxruntime-web/wasm');
  onGpu.env.wasm.wasmPaths = RUNTIME;
  onGpu.env.logLevel = 'error';
  const threads = navigator.hardwareConcurrency;
  return runSuite(
    {
      where: 'chromium',
      gpu: navigator.gpu,
      wasm: { threads, wasmPaths: async () => RUNTIME, importRuntime: async () => onProcessor },
      threads,
      versions,
      peers: { webgpu: onGpu, wasm: onProcessor },
      log: (line) => console.warn(line),
    },
    mixes,
    minutes,
  );
};
