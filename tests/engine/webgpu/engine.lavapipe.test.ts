import { afterEach, describe, expect, it } from 'vitest';
import { EngineLostError } from '../../../src/engine/engine.ts';
import { createReferenceEngine } from '../../../src/engine/reference/engine.ts';
import { createWebGpuEngine, type WebGpuEngineOptions } from '../../../src/engine/webgpu/engine.ts';
import { tableChunks } from '../../../src/engine/webgpu/memory.ts';
import { maxRelativeError } from '../../support/tolerance.ts';
import { gpuOn } from './support/adapter.ts';
import { batchOf, smallBatch, smallPackage } from './support/small-model.ts';
import { watchGpu } from './support/watched-gpu.ts';

const options = { pooling: 'gene_mean', states: true } as const;
/** One dispatch a command buffer, one cell a slice. */
const smallSteps = { submitFlops: 1 };

/** After this the results are let go, so that an engine with one slice in flight fails instead of waiting for ever. */
const HELD_BACK_MS = 10_000;

const watched = watchGpu(await gpuOn('lavapipe'));
const engineWith = (more: Partial<WebGpuEngineOptions> = {}) =>
  createWebGpuEngine({ gpu: watched.gpu, package: smallPackage, ...more });

afterEach(() => {
  watched.onSubmit = null;
  watched.outOfMemory = null;
  watched.onMapped = null;
  watched.buffers.length = 0;
  for (const device of watched.devices.splice(0)) device.destroy();
});

/** What the promise rejects with; fails the test when it does not. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (cause) {
    return cause;
  }
  throw new Error('it did not reject');
}

describe('slices and chunks', () => {
  it('give the same answer however small, right by float64', async () => {
    const reference = await createReferenceEngine(smallPackage);
    const expected = await reference.encode(smallBatch, options);
    // 331 rows of 36 floats, 100 rows a binding.
    const bindingBytes = 100 * 36 * 4;
    expect(tableChunks(smallPackage.config, bindingBytes)).toHaveLength(4);
    for (const more of [{}, smallSteps, { bindingBytes }, { ...smallSteps, bindingBytes }]) {
      const engine = await engineWith(more);
      const done: number[] = [];
      const actual = await engine.encode(smallBatch, { ...options, onCells: (cells) => done.push(cells) });
      engine.destroy();
      expect(done).toEqual('submitFlops' in more ? [1, 2, 3, 4, 5, 6, 7] : [7]);
      expect(maxRelativeError(actual.embedding, expected.embedding)).toBeLessThanOrEqual(2e-5);
      expect(maxRelativeError(actual.logits.disease, expected.logits.disease)).toBeLessThanOrEqual(2e-5);
      expect(maxRelativeError(actual.logits.sex, expected.logits.sex)).toBeLessThanOrEqual(2e-5);
      expect(
        maxRelativeError(actual.hiddenStates ?? [], expected.hiddenStates ?? [Number.NaN]),
      ).toBeLessThanOrEqual(2e-5);
    }
  });

  it('give the annotation states alone, without reading all states back', async () => {
    const reference = await createReferenceEngine(smallPackage);
    const asked = { pooling: 'first_gene', annotationStates: true } as const;
    const expected = await reference.encode(smallBatch, asked);
    for (const more of [{}, smallSteps]) {
      const engine = await engineWith(more);
      const actual = await engine.encode(smallBatch, asked);
      expect(actual.hiddenStates).toBeUndefined();
      expect(
        maxRelativeError(actual.annotationStates ?? [], expected.annotationStates ?? [Number.NaN]),
      ).toBeLessThanOrEqual(2e-5);
      expect(await engine.encode(smallBatch, { pooling: 'first_gene' })).not.toHaveProperty(
        'annotationStates',
      );
      engine.destroy();
    }
  });
});

describe('two hundred batches', () => {
  it('need no buffer that the first did not', async () => {
    const engine = await engineWith();
    const largest = batchOf(Array.from({ length: 12 }, () => 80));
    await engine.encode(largest, options);
    const made = watched.buffers.length;
    let alive = 0;
    for (const buffer of watched.buffers) alive += buffer.size;
    for (let i = 0; i < 200; i++) {
      const lengths = Array.from({ length: 1 + (i % 12) }, (_, k) => (i * 31 + k * 17) % 81);
      await engine.encode(batchOf(lengths), { pooling: 'gene_mean', states: i % 2 === 0 });
    }
    // At most the second of the two read-back buffers, the other one's size.
    expect(watched.buffers.length - made).toBeLessThanOrEqual(1);
    const now = watched.buffers.reduce((sum, { size }) => sum + size, 0);
    expect(now).toBeLessThan(1.2 * alive);
    engine.destroy();
  });
});

describe('slices in flight', () => {
  it('are two: the next is submitted before the results of the one before are there', async () => {
    const engine = await engineWith(smallSteps);
    const order: string[] = [];
    let submitted = () => {};
    watched.onSubmit = () => {
      order.push('submit');
      submitted();
    };
    await engine.encode(batchOf([40]), options);
    const ofOneSlice = order.splice(0).length;
    // The results of a slice this small are there at once: they are held back until the next slice is on its way.
    const next = new Promise<void>((resolve) => {
      submitted = () => order.length > ofOneSlice && resolve();
      setTimeout(resolve, HELD_BACK_MS);
    });
    watched.onMapped = () => {
      const first = !order.includes('read');
      if (!first) order.push('read');
      return first ? next.then(() => void order.push('read')) : undefined;
    };
    await engine.encode(batchOf([40, 40, 40]), options);
    expect(order.filter((what) => what === 'read')).toHaveLength(3);
    expect(order.indexOf('read')).toBeGreaterThan(ofOneSlice);
    engine.destroy();
  });
});

describe('a lost device', () => {
  it('ends the work with EngineLostError, and a new engine gives the same numbers, twice', async () => {
    let engine = await engineWith(smallSteps);
    const before = await engine.encode(smallBatch, options);
    for (const after of [3, 40]) {
      const start = watched.submits;
      watched.onSubmit = (device, count) => {
        if (count === start + after) device.destroy();
      };
      const error = await rejection(engine.encode(smallBatch, options));
      expect(error).toBeInstanceOf(EngineLostError);
      expect((error as EngineLostError).reason).toBe('lost');
      watched.onSubmit = null;
      expect(await rejection(engine.encode(smallBatch, options))).toBeInstanceOf(EngineLostError);
      engine.destroy();
      engine = await engineWith(smallSteps);
      expect(await engine.encode(smallBatch, options)).toEqual(before);
    }
    engine.destroy();
  });

  it('while the weights are uploaded fails the creation', async () => {
    const onProgress = () => watched.devices[0].destroy();
    expect(await rejection(engineWith({ onProgress }))).toMatchObject({
      name: 'EngineLostError',
      reason: 'lost',
    });
  });
});

describe('a device without memory', () => {
  it.each([['layers.1.linear1'], ['embeddings.0']])('fails the creation at %s', async (label) => {
    watched.outOfMemory = new RegExp(`^${label}$`);
    expect(await rejection(engineWith())).toMatchObject({
      name: 'EngineLostError',
      reason: 'out-of-memory',
      message: expect.stringContaining(label),
    });
  });

  it('fails the slice that does not fit', async () => {
    const engine = await engineWith();
    watched.outOfMemory = /^arena\.1$/;
    expect(await rejection(engine.encode(smallBatch, options))).toMatchObject({ reason: 'out-of-memory' });
    engine.destroy();
  });
});

describe('cancel', () => {
  it('stops before the next command buffer, with the reason given, and leaves the engine usable', async () => {
    const engine = await engineWith(smallSteps);
    const before = await engine.encode(smallBatch, options);
    const controller = new AbortController();
    const start = watched.submits;
    watched.onSubmit = (_, count) => {
      if (count === start + 20) controller.abort(new Error('enough'));
    };
    const error = await rejection(engine.encode(smallBatch, { ...options, signal: controller.signal }));
    expect(error).toMatchObject({ message: 'enough' });
    expect(watched.submits).toBe(start + 21);
    watched.onSubmit = null;
    expect(await engine.encode(smallBatch, options)).toEqual(before);
    engine.destroy();
  });

  it('stops the upload of weights', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    const creation = engineWith({ signal: controller.signal, onProgress });
    expect(await rejection(creation)).toMatchObject({ message: 'enough' });
  });
});

describe('the start-up self-test', () => {
  it('runs once for an adapter and a shape of model', async () => {
    const first = await engineWith();
    first.destroy();
    const start = watched.submits;
    let uploads = 0;
    const second = await engineWith({ onProgress: () => uploads++ });
    second.destroy();
    expect(watched.submits - start).toBe(uploads);
    expect(second.selfTest).toEqual(first.selfTest);
    expect(second.selfTest.length).toBeGreaterThanOrEqual(5);
  });
});
