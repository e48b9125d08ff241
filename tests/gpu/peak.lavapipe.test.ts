import { expect, it } from 'vitest';
import type { KernelTime } from '../../bench/result.ts';
import { timeGpu } from '../../bench/time-kernels.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { measureGemms } from '../../src/engine/webgpu/gemm-speed.ts';
import { measurePeak } from '../../src/gpu/peak/peak.ts';
import { cellsOfLengths } from '../../src/speed/cells.ts';
import { MODEL_SHAPES, shapePackage } from '../../src/speed/model-shapes.ts';
import { deviceOn, gpuOn } from '../engine/webgpu/support/adapter.ts';

const gpu = await gpuOn('lavapipe');
const context = await deviceOn('lavapipe');
const pkg = shapePackage(MODEL_SHAPES[0], 1);

it('no matrix product beats the measured peak', async () => {
  const peak = await measurePeak(context, { seconds: 0.02 });
  const shapes = [
    { rows: 64, inner: 128, columns: 384 },
    { rows: 3, inner: 5, columns: 7 },
  ];
  const rates = await measureGemms(context, pkg.config, shapes, { seconds: 0.02 });
  expect(rates).toHaveLength(2);
  for (const rate of [...rates, peak.bytesPerSecond]) expect(rate).toBeGreaterThan(0);
  for (const rate of rates) expect(rate).toBeLessThan(peak.flops);
});

it('stops measuring when cancelled', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(measurePeak(context, { seconds: 1, signal })).rejects.toThrow('enough');
});

it('times every kernel of an engine without changing its answers', async () => {
  const timed = await timeGpu(gpu);
  if (timed === null) throw new Error('lavapipe has timestamp queries');
  const batch = cellsOfLengths([40, 7]);
  const answers: Float32Array[] = [];
  const times: KernelTime[] = [];
  for (const each of [gpu, timed.gpu]) {
    const engine = await createWebGpuEngine({ gpu: each, package: pkg });
    await timed.take();
    answers.push((await engine.encode(batch, { pooling: 'gene_mean' })).embedding);
    if (each === timed.gpu) times.push(...(await timed.take()));
    engine.destroy();
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(new Set(times.map(({ kernel }) => kernel))).toEqual(
    new Set(['gemm', 'attention', 'layer-norm', 'embedding', 'mean-rows']),
  );
  for (const { milliseconds, dispatches } of times) {
    expect(milliseconds).toBeGreaterThan(0);
    expect(dispatches).toBeGreaterThan(0);
  }
  expect(times.find(({ kernel }) => kernel === 'gemm')?.dispatches).toBe(4);
});
