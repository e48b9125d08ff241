import type { Engine } from '../src/engine/engine.ts';
import { createEngine } from '../src/engine/select.ts';
import type { OrtModule, RuntimeOptions } from '../src/engine/wasm/runtime.ts';
import type { ModelPackage } from '../src/model/package.ts';
import { cellsOfLengths } from '../src/speed/cells.ts';
import type { Encodes } from '../src/speed/timing.ts';
import { Peer, type Provider } from './peer.ts';
import type { AttentionForm } from './peer-graph.ts';

/** Where the bench runs: Node or a page of Chromium. */
export interface BenchEnvironment {
  readonly where: 'node' | 'chromium';
  readonly gpu: GPU;
  readonly wasm: RuntimeOptions;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
  /** onnxruntime by provider, as far as there is one here. */
  readonly peers: Readonly<Partial<Record<Provider, OrtModule>>>;
  /** How the WebGPU provider's attention is written where it gives right answers; found out by the suite. */
  readonly form?: AttentionForm;
  readonly log: (line: string) => void;
}

/** Somebody who encodes, and what must be freed afterwards. */
export interface Runner extends Encodes {
  /** [cells, d] */
  embed(lengths: readonly number[]): Promise<Float32Array>;
  release(): Promise<void>;
}

/** An engine of ours. */
export async function ourRunner(
  environment: BenchEnvironment,
  kind: 'webgpu' | 'wasm' | 'wasm int8',
  pkg: ModelPackage,
  gpu = environment.gpu,
): Promise<Runner> {
  const { engine } = await createEngine(kind === 'webgpu' ? 'webgpu' : 'wasm', pkg, {
    gpu,
    wasm: environment.wasm,
    precision: kind === 'wasm int8' ? 'int8' : 'f32',
    strict: true,
  });
  return {
    encode: (batch) => encode(engine, batch),
    embed: async (lengths) => (await encode(engine, cellsOfLengths(lengths))).embedding,
    release: async () => engine.destroy(),
  };
}

function encode(engine: Engine, batch: Parameters<Engine['encode']>[0]) {
  return engine.encode(batch, { pooling: 'gene_mean' });
}

/** onnxruntime with every batch padded to a length, or to its longest cell. */
export async function peerRunner(
  environment: BenchEnvironment,
  provider: Provider,
  pkg: ModelPackage,
  sequence: number | 'longest' = 'longest',
  form = (provider === 'webgpu' ? environment.form : undefined) ?? 'fused',
): Promise<Runner | null> {
  const ort = environment.peers[provider];
  if (ort === undefined) return null;
  const peer = await Peer.create(pkg, { ort, provider, threads: environment.threads, form });
  const { encode: run } = peer.padded(sequence);
  return {
    encode: run,
    embed: (lengths) => peer.encode({ batch: cellsOfLengths(lengths), sequence: Math.max(...lengths) }),
    release: () => peer.release(),
  };
}
