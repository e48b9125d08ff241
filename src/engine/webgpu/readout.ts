import { padTo4, unpadRows } from '../../gpu/buffers.ts';
import type { ModelConfig } from '../../model/config.ts';
import { float16ToFloat32 } from '../../model/float16.ts';
import type { TokenBatch } from '../../model/token-batch.ts';
import type { Encoded, EncodeOptions, Precision } from '../engine.ts';
import { totalClasses } from './plan.ts';
import type { SliceLayout } from './slice-layout.ts';

/** Results of a batch, all zero; states only where they are asked for. */
export function emptyResults(batch: TokenBatch, config: ModelConfig, options: EncodeOptions): Encoded {
  const { dModel: d, annotations } = config;
  const cells = batch.cuSeqlens.length - 1;
  const heads = Object.entries(annotations);
  const annotationStates = options.states === true || options.annotationStates === true;
  return {
    embedding: new Float32Array(cells * d),
    logits: Object.fromEntries(
      heads.map(([name, classes]) => [name, new Float32Array(cells * classes.length)]),
    ),
    ...(options.states && { hiddenStates: new Float32Array(batch.geneIds.length * d) }),
    ...(annotationStates && { annotationStates: new Float32Array(cells * heads.length * d) }),
  };
}

/** Puts what slices of cells brought back where it belongs in the results of their batch. */
export class Readout {
  readonly #batch: TokenBatch;
  readonly #config: ModelConfig;
  readonly #precision: Precision;
  readonly #results: Encoded;

  constructor(batch: TokenBatch, config: ModelConfig, precision: Precision, results: Encoded) {
    this.#batch = batch;
    this.#config = config;
    this.#precision = precision;
    this.#results = results;
  }

  /** @param bytes pooled rows and logits in float32, last states as stored (empty unless asked for) */
  take(layout: SliceLayout, cells: readonly number[], [pooled, logits, states]: readonly ArrayBuffer[]) {
    const { dModel: d, annotations } = this.#config;
    const heads = Object.keys(annotations).length;
    const values = unpadRows(new Float32Array(pooled), layout.ranges.length / 2, d);
    for (const [index, cell] of cells.entries()) {
      this.#results.embedding.set(values.subarray(index * d, (index + 1) * d), cell * d);
      const from = (cells.length + index * heads) * d;
      this.#results.annotationStates?.set(values.subarray(from, from + heads * d), cell * heads * d);
    }
    this.#takeLogits(new Float32Array(logits), cells);
    const { hiddenStates } = this.#results;
    if (hiddenStates !== undefined) this.#takeStates(layout, cells, states, hiddenStates);
  }

  /** Each annotation token's row holds the logits of all heads; its own are kept. */
  #takeLogits(logits: Float32Array, cells: readonly number[]): void {
    const heads = Object.entries(this.#config.annotations);
    const stride = padTo4(totalClasses(this.#config));
    let column = 0;
    for (const [k, [name, { length }]] of heads.entries()) {
      for (const [index, cell] of cells.entries()) {
        const at = (cells.length + index * heads.length + k) * stride + column;
        this.#results.logits[name].set(logits.subarray(at, at + length), cell * length);
      }
      column += length;
    }
  }

  #takeStates(layout: SliceLayout, cells: readonly number[], bytes: ArrayBuffer, out: Float32Array): void {
    const { cuSeqlens } = this.#batch;
    const d = this.#config.dModel;
    const stride = padTo4(d);
    const states =
      this.#precision === 'f16' ? float16ToFloat32(new Uint16Array(bytes)) : new Float32Array(bytes);
    for (const [index, cell] of cells.entries()) {
      const genes = cuSeqlens[cell + 1] - cuSeqlens[cell];
      const first = layout.firstGeneRow[index] * stride;
      const rows = states.subarray(first, first + genes * stride);
      out.set(unpadRows(rows, genes, d), cuSeqlens[cell] * d);
    }
  }
}
