import { expect, it } from 'vitest';
import { createEngine } from '../../../src/engine/select.ts';
import { gpuOn } from './support/adapter.ts';
import { smallPackage } from './support/small-model.ts';

const gpu = await gpuOn('swiftshader');

it('says in words that there is no float16, and runs in float32', async () => {
  const { engine, notices } = await createEngine('webgpu', smallPackage, {
    gpu,
    precision: 'f16',
    strict: true,
  });
  expect(engine.description.device).not.toMatch(/float16/);
  expect(notices).toEqual([
    'WebGPU offers no 16-bit numbers (shader-f16) on this device; the model runs in 32 bits.',
  ]);
  engine.destroy();
});
