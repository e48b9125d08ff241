import type { FitEnvironment } from '../probe/logistic/back-ends.ts';
import { indexedRecords } from '../store/indexed-records.ts';
import { openModelStore } from '../store/model-store.ts';
import type { ComputeEnvironment } from './compute-service.ts';
import { browserOpener } from './model-opener.ts';

/** Surroundings of the compute service in a browser's worker. */
export function browserComputeEnvironment(baseUrl: string): ComputeEnvironment {
  return {
    openSource: browserOpener(),
    gpu: async () => navigator.gpu as GPU | undefined,
    wasm: { wasmPaths: () => runtimeFiles(new URL('ort/', baseUrl)) },
    crossOriginIsolated: globalThis.crossOriginIsolated === true,
    hardwareConcurrency: navigator.hardwareConcurrency,
    store: openModelStore,
    tuning: indexedRecords('teddy-web-tuning'),
  };
}

/** What large fits of the probe service may run on in a browser's worker. */
export function browserFitEnvironment(baseUrl: string): FitEnvironment {
  return {
    gpu: navigator.gpu as GPU | undefined,
    wasm: { wasmPaths: () => runtimeFiles(new URL('ort/', baseUrl)) },
  };
}

/**
 * onnxruntime-web's own files. It starts its threads from the address of its script: given as a blob: URL
 * they inherit the page's policy, also where the host sends isolation headers but none of ours.
 */
async function runtimeFiles(folder: URL): Promise<{ wasm: string; mjs: string }> {
  const response = await fetch(new URL('ort-wasm-simd-threaded.mjs', folder));
  if (!response.ok) throw new Error(`the WebAssembly runtime is not on this site (${response.status})`);
  const script = new Blob([await response.arrayBuffer()], { type: 'text/javascript' });
  return {
    wasm: new URL('ort-wasm-simd-threaded.wasm', folder).href,
    mjs: URL.createObjectURL(script),
  };
}
