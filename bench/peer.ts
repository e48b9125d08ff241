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

/**
 * Scores [batch, heads, sequence, sequence] that the WebGPU provider can multiply where attention is plain: it
 * cuts a tensor into bindings of 128 MiB, and a shader has 16 of them, for input, output and the factor.
 */
const PLAIN_SCORE_BYTES = 7 * 128 * 2 ** 20;

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
    /** Bytes of scores of all heads in one call. */
    private readonly scoreBytes: number,
    private readonly heads: number,
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
    const scoreBytes =
      provider === 'webgpu' && form === 'plain' ? PLAIN_SCORE_BYTES : Number.POSITIVE_INFINITY;
    return new Peer(ort, session as Ort.InferenceSession, masked, scoreBytes, pkg.config.nHeads);
  }

  /** [cells, d] mean of each cell's `sequence` states: the embedding where no cell is shorter. */
  async encode({ batch, sequence }: PaddedCells): Promise<Float32Array> {
    const cells = batch.cuSeqlens.length - 1;
    const atOnce = Math.max(1, Math.floor(this.scoreBytes / (4 * this.heads * sequence * sequence)));
    const parts: Float32Array[] = [];
    for (let first = 0; first < cells; first += atOnce)
      parts.push(await this.run(batch, first, Math.min(cells, first + atOnce), sequence));
    return parts.length === 1 ? parts[0] : Float32Array.from(parts.flatMap((part) => [...part]));
  }

  /** Cells [first, last) in one call. */
  private async run(batch: TokenBatch, first: number, last: number, sequence: number): Promise<Float32Array> {
    const { Tensor } = this.ort;
    const cells = last - first;
    const ids = new Int32Array(cells * sequence);
    const keys = new Int32Array(cells);
    for (let cell = 0; cell < cells; cell++) {
      const own = batch.geneIds.subarray(batch.cuSeqlens[first + cell], batch.cuSeqlens[first + cell + 1]);
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
