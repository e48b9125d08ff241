import type * as Ort from 'onnxruntime-web/wasm';
import type { OrtModule } from '../src/engine/wasm/runtime.ts';
import type { ModelPackage } from '../src/model/package.ts';
import type { TokenBatch } from '../src/model/token-batch.ts';
import type { Encodes } from '../src/speed/timing.ts';
import { type AttentionForm, peerModel, WEIGHTS_NAME } from './peer-graph.ts';

/** Which provider of onnxruntime runs the model. */
export type Provider = 'webgpu' | 'wasm' | 'cpu';

export interface PeerOptions {
  readonly ort: OrtModule;
  readonly provider: Provider;
  readonly threads: number;
  /** Default 'fused'. */
  readonly form?: AttentionForm;
}

/** Cells padded to one length, as a batch of onnxruntime. */
export interface PaddedCells {
  readonly batch: TokenBatch;
  /** Every cell is padded to so many positions. */
  readonly sequence: number;
}

/**
 * The same encoder on onnxruntime. Its WebGPU provider has no mask for padding but a matrix of
 * batch × sequence × sequence: there padded cells go through unmasked, which is less work than a right
 * answer takes, and no node may fall back to the processor.
 */
export class Peer {
  private constructor(
    private readonly ort: OrtModule,
    private readonly session: Ort.InferenceSession,
    private readonly masked: boolean,
  ) {}

  static async create(
    pkg: ModelPackage,
    { ort, provider, threads, form = 'fused' }: PeerOptions,
  ): Promise<Peer> {
    const masked = provider !== 'webgpu';
    const { model, weights } = await peerModel(pkg, form, masked);
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: threads,
      externalData: [{ path: WEIGHTS_NAME, data: weights }],
      ...(provider === 'webgpu' ? { extra: { session: { disable_cpu_ep_fallback: '1' } } } : {}),
    });
    return new Peer(ort, session as Ort.InferenceSession, masked);
  }

  /** [cells, d] mean of each cell's `sequence` states: the embedding where no cell is shorter. */
  async encode({ batch, sequence }: PaddedCells): Promise<Float32Array> {
    const { Tensor } = this.ort;
    const cells = batch.cuSeqlens.length - 1;
    const ids = new Int32Array(cells * sequence);
    const keys = new Int32Array(cells);
    for (let cell = 0; cell < cells; cell++) {
      const own = batch.geneIds.subarray(batch.cuSeqlens[cell], batch.cuSeqlens[cell + 1]);
      ids.set(own, cell * sequence);
      keys[cell] = own.length;
    }
    const { pooled } = await this.session.run({
      ids: new Tensor('int32', ids, [cells, sequence]),
      places: new Tensor(
        'int32',
        Int32Array.from({ length: sequence }, (_, i) => i),
        [sequence],
      ),
      share: new Tensor('float32', new Float32Array(sequence).fill(1 / sequence), [1, 1, sequence]),
      ...(this.masked ? { keys: new Tensor('int32', keys, [cells]) } : {}),
    });
    return pooled.data as Float32Array;
  }

  /** To be timed with every cell of a batch padded to `sequence`, or to the longest beside it. */
  padded(sequence: number | 'longest'): Encodes {
    return {
      encode: (batch) =>
        this.encode({ batch, sequence: sequence === 'longest' ? longest(batch.cuSeqlens) : sequence }),
    };
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/** Tokens of the longest cell. */
export function longest(cuSeqlens: Uint32Array): number {
  let most = 0;
  for (let cell = 1; cell < cuSeqlens.length; cell++)
    most = Math.max(most, cuSeqlens[cell] - cuSeqlens[cell - 1]);
  return most;
}
