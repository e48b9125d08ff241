import type { WasmEngineOptions } from '../../../src/engine/wasm/engine.ts';

/** The runtime's build for Node, which has threads there; the browser's build has one. */
export const nodeRuntime: WasmEngineOptions = { threads: 2, importRuntime: () => import('onnxruntime-web') };
