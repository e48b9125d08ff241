import type { EngineKind } from '../../engine/engine.ts';

const NAMES: Record<EngineKind, string> = {
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  reference: 'Reference (float64, slow)',
};

/** How an engine is called on the page. */
export function engineName(kind: EngineKind): string {
  return NAMES[kind];
}
