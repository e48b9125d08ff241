import type * as Ort from 'onnxruntime-web/wasm';
import { EngineLostError } from '../engine.ts';
import { wasmThreads } from './threads.ts';

export type OrtModule = Pick<typeof Ort, 'env' | 'InferenceSession' | 'Tensor'>;

/** Where onnxruntime-web's own files are: a folder, or the two files by name. */
type WasmPaths = string | { readonly wasm: string; readonly mjs: string };

export interface RuntimeOptions {
  /** Threads wished for; default: what the context allows, at most 8. */
  readonly threads?: number;
  /** Asked for once the runtime is needed. */
  readonly wasmPaths?: () => Promise<WasmPaths>;
  /**
   * How to import the runtime. Default `onnxruntime-web/wasm`, the build for browsers, which in Node has
   * one thread only; a caller in Node passes `() => import('onnxruntime-web')` for threads.
   */
  readonly importRuntime?: () => Promise<OrtModule>;
}

/** Threads of the runtime that runs in this context: the first session fixes them for good. */
let startedThreads: number | null = null;

/** The last call into the runtime: it can neither create nor run two sessions at a time. */
let lastCall: Promise<unknown> = Promise.resolve();

/** Imports onnxruntime-web and sets it up; the thread count only counts the first time in a context. */
export async function loadRuntime(options: RuntimeOptions): Promise<{ ort: OrtModule; threads: number }> {
  const ort = await (options.importRuntime?.() ?? import('onnxruntime-web/wasm'));
  startedThreads ??= options.threads ?? contextThreads();
  ort.env.wasm.numThreads = startedThreads;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = 'error';
  if (options.wasmPaths !== undefined) ort.env.wasm.wasmPaths = await options.wasmPaths();
  return { ort, threads: startedThreads };
}

function contextThreads(): number {
  const { crossOriginIsolated = false, navigator } = globalThis;
  return wasmThreads({ crossOriginIsolated, hardwareConcurrency: navigator?.hardwareConcurrency ?? 1 });
}

/** Runs `call` after every earlier call into the runtime, and tells memory from other failures. */
export function exclusively<T>(call: () => Promise<T>): Promise<T> {
  const result = lastCall.then(call, call).catch((error: unknown) => {
    throw asEngineError(error);
  });
  lastCall = result.catch(() => undefined);
  return result;
}

/** What the runtime, the emscripten glue and the engines under them say when memory ends. */
const OUT_OF_MEMORY =
  /bad_alloc|out of memory|\bOOM\b|fail\w* to allocate|could not allocate|cannot enlarge memory|allocation failed|array length|can't create a session\. failed to allocate/i;
/** A trap inside wasm: the instance is not to be used again. */
const TRAPPED = /RuntimeError|Aborted\(|memory access out of bounds|unreachable/i;

/** EngineLostError where `error` says that memory ended or the wasm instance trapped; else `error` itself. */
export function asEngineError(error: unknown): unknown {
  const text = String(error);
  if (OUT_OF_MEMORY.test(text)) {
    return new EngineLostError('out-of-memory', `the WebAssembly engine ran out of memory: ${text}`);
  }
  if (TRAPPED.test(text)) return new EngineLostError('lost', `the WebAssembly engine stopped: ${text}`);
  return error;
}
