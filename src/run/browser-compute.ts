import { openModelStore } from '../store/model-store.ts';
import type { ComputeEnvironment } from './compute-service.ts';
import { browserOpener } from './model-opener.ts';

/** Surroundings of the compute service in a browser's worker. */
export function browserComputeEnvironment(baseUrl: string): ComputeEnvironment {
  return {
    openSource: browserOpener(),
    gpu: async () => navigator.gpu as GPU | undefined,
    wasm: { wasmPaths: new URL('ort/', baseUrl).href },
    crossOriginIsolated: globalThis.crossOriginIsolated === true,
    hardwareConcurrency: navigator.hardwareConcurrency,
    store: openModelStore,
  };
}
