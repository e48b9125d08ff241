import { padTo4 } from '../../gpu/buffers.ts';
import type { GpuContext } from '../../gpu/device.ts';
import type { ModelConfig } from '../../model/config.ts';
import { chooseKernels } from './choose-kernels.ts';
import type { Dispatch } from './dispatch.ts';
import { Executor } from './executor.ts';
import { gemmConstants, gemmUniforms } from './kernels/gemm/gemm.ts';

/** y [rows, columns] = x [rows, inner] · Wᵀ + bias. */
export interface GemmShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

export interface GemmSpeedOptions {
  /** Time of one measurement, aimed at. */
  readonly seconds: number;
  readonly signal?: AbortSignal | undefined;
}

const REPEATS = 3;
/** Dispatches of one command buffer at most: each has a slot of uniforms. */
const MOST_DISPATCHES = 64;

/**
 * Floating-point operations a second of linear layers by the kernels that an engine of this model
 * would use, each the best of three runs.
 */
export async function measureGemms(
  context: GpuContext,
  config: ModelConfig,
  shapes: readonly GemmShape[],
  { seconds, signal }: GemmSpeedOptions,
): Promise<number[]> {
  const { choose } = await chooseKernels(context, config, {});
  const executor = new Executor(context, choose, new Map());
  const rates: number[] = [];
  try {
    for (const shape of shapes) {
      const dispatch = await prepare(executor, shape);
      const run = async (times: number) => {
        signal?.throwIfAborted();
        const began = performance.now();
        await executor.run(new Array(times).fill(dispatch));
        return (performance.now() - began) / 1000 / times;
      };
      await run(1);
      let best = await run(1);
      const times = Math.max(1, Math.min(MOST_DISPATCHES, Math.floor(seconds / best)));
      for (let i = 0; i < REPEATS; i++) best = Math.min(best, await run(times));
      rates.push(dispatch.flops / best);
    }
  } finally {
    executor.destroy();
  }
  return rates;
}

async function prepare(executor: Executor, { rows, inner, columns }: GemmShape): Promise<Dispatch> {
  await executor.write('x', numbers(rows * padTo4(inner)));
  await executor.write('weight', numbers(padTo4(inner) * padTo4(columns)));
  await executor.write('bias', numbers(padTo4(columns)));
  await executor.reserve('y', 4 * rows * padTo4(columns));
  return {
    label: `gemm ${rows}×${inner}×${columns}`,
    kernel: 'gemm',
    constants: gemmConstants('bias'),
    storage: 'f32',
    buffers: { x: 'x', weight: 'weight', bias: 'bias', residual: 'x', y: 'y' },
    uniforms: gemmUniforms({ rows, inner, columns }),
    flops: 2 * rows * inner * columns,
  };
}

/** Values in [−1, 1) without order: some hardware is faster on zeros. */
function numbers(count: number): Float32Array<ArrayBuffer> {
  let state = 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
