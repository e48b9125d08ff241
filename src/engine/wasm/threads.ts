/** More threads than this bring onnxruntime-web nothing on matrices of these sizes. */
const MOST_THREADS = 8;

/** Threads the WebAssembly engine gets: they share memory, which browsers allow to isolated pages only. */
export function wasmThreads(context: {
  readonly crossOriginIsolated: boolean;
  readonly hardwareConcurrency: number;
}): number {
  if (!context.crossOriginIsolated) return 1;
  return Math.max(1, Math.min(MOST_THREADS, context.hardwareConcurrency));
}
