import { padTo4 } from '../../gpu/buffers.ts';
import type { GpuContext } from '../../gpu/device.ts';
import { GpuLostError, GpuMemoryError } from '../../gpu/errors.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { TokenBatch } from '../../model/token-batch.ts';
import { type Encoded, type EncodeOptions, type Engine, EngineLostError, type Precision } from '../engine.ts';
import { checkBatch } from '../reference/check-batch.ts';
import { placeInArena, planArena } from './arena.ts';
import { groupDispatches, type TableChunk } from './dispatch.ts';
import type { Executor } from './executor.ts';
import { maxRows } from './memory.ts';
import type { Pace } from './pace.ts';
import { planSlice, totalClasses } from './plan.ts';
import { emptyResults, Readout } from './readout.ts';
import { layoutSlice, type SliceLayout, type SpecialIds } from './slice-layout.ts';
import { Slices } from './slices.ts';
import { SubmitQueue } from './submit-queue.ts';

/** Rows of a slice at most, whatever the device's speed: bounds memory and the wait for partial results. */
const MAX_SLICE_ROWS = 32_768;

/** Slices whose results are awaited while the next is laid out and submitted. */
const SLICES_IN_FLIGHT = 2;

export interface EncoderParts {
  readonly context: GpuContext;
  readonly executor: Executor;
  readonly pace: Pace;
  readonly config: ModelConfig;
  readonly special: SpecialIds;
  readonly chunks: readonly TableChunk[];
  readonly precision: Precision;
}

/**
 * Slices of cells through the device: while one slice runs, the next is laid out, uploaded and
 * submitted behind it, and the results of the one before are read back.
 */
export class Encoder implements Engine {
  readonly description: Engine['description'];
  readonly config: ModelConfig;
  readonly #parts: EncoderParts;
  /** Calls run one after the other: they share the arena. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: EncoderParts) {
    const { name, software } = parts.context;
    const device = parts.precision === 'f16' ? `${name}, float16` : name;
    this.description = { kind: 'webgpu', device, software };
    this.config = parts.config;
    this.#parts = parts;
  }

  encode(batch: TokenBatch, options: EncodeOptions): Promise<Encoded> {
    const result = this.#last
      .then(() => this.#encode(batch, options))
      .catch((cause) => {
        throw asEngineError(cause);
      });
    this.#last = result.catch(() => {});
    return result;
  }

  destroy(): void {
    this.#parts.executor.destroy();
    this.#parts.context.destroy();
  }

  async #encode(batch: TokenBatch, options: EncodeOptions): Promise<Encoded> {
    options.signal?.throwIfAborted();
    checkBatch(batch, this.config);
    const { executor, pace, config, special, precision } = this.#parts;
    const results = emptyResults(batch, config, options);
    const readout = new Readout(batch, config, precision, results);
    const slices = new Slices(batch, config, special.annotations.length, options.pooling);
    const queue = new SubmitQueue(executor, pace, options.signal);
    const rows = Math.min(MAX_SLICE_ROWS, maxRows(config));
    const reading: Promise<void>[] = [];
    let done = 0;
    const finished = (cells: number) => {
      done += cells;
      options.onCells?.(done);
    };
    try {
      for (;;) {
        const cells = slices.take({ rows, flops: pace.budget });
        if (cells.length === 0) break;
        const layout = layoutSlice(batch, cells, config, special, options.pooling);
        if (layout.rows === 0) {
          finished(cells.length);
          continue;
        }
        const { parts } = await this.#submitSlice(layout, queue, options.states ?? false);
        const read = parts.then((bytes) => {
          readout.take(layout, cells, bytes);
          finished(cells.length);
        });
        read.catch(() => {});
        reading.push(read);
        if (reading.length >= SLICES_IN_FLIGHT) await reading.shift();
      }
      await Promise.all(reading);
    } finally {
      // After a cancel, what is on its way still ends before the next call uses the arena.
      await Promise.allSettled(reading);
    }
    options.signal?.throwIfAborted();
    return results;
  }

  /** Submits the slice's work and the copies of its results, whose bytes are promised. */
  async #submitSlice(layout: SliceLayout, queue: SubmitQueue, states: boolean) {
    const { executor, config, chunks, pace, precision } = this.#parts;
    const plan = planSlice(config, layout, chunks, pace.budget, precision);
    const arena = planArena(plan.dispatches, plan.activations, states ? [plan.states] : []);
    const spare = roomFor(layout.rows, maxRows(config)) / layout.rows;
    for (const [slot, bytes] of arena.bytes) await executor.reserve(slot, spare * bytes);
    const ranges = layout.ranges.length / 2;
    const pooled = 4 * ranges * padTo4(config.dModel);
    const logits = 4 * ranges * padTo4(totalClasses(config));
    await executor.reserve('pooled', roomFor(pooled));
    await executor.reserve('logits', roomFor(logits));
    for (const name of ['input', 'blocks', 'ranges'] as const) {
      await executor.reserve(name, roomFor(layout[name].byteLength));
      await executor.write(name, layout[name]);
    }
    const dispatches = placeInArena(plan.dispatches, arena);
    for (const group of groupDispatches(dispatches, pace.budget)) await queue.submit(group);
    return executor.fetch([
      { name: 'pooled', bytes: pooled },
      { name: 'logits', bytes: logits },
      {
        name: arena.slots.get(plan.states) ?? plan.states,
        bytes: states ? (plan.activations.get(plan.states) ?? 0) : 0,
      },
    ]);
  }
}

/** Rounded up to a power of two, within a limit: buffers of slices a little larger need not be made anew. */
function roomFor(count: number, most = Number.POSITIVE_INFINITY): number {
  return Math.max(count, Math.min(most, 2 ** Math.ceil(Math.log2(Math.max(256, count)))));
}

/** What went wrong on the device in the words of the engine's contract; other errors as they are. */
export function asEngineError(cause: unknown): unknown {
  if (cause instanceof GpuLostError) return new EngineLostError('lost', cause.message);
  if (cause instanceof GpuMemoryError) return new EngineLostError('out-of-memory', cause.message);
  return cause;
}
