import { afterEach, describe, expect, it } from 'vitest';
import { EngineLostError } from '../../../src/engine/engine.ts';
import { createReferenceEngine } from '../../../src/engine/reference/engine.ts';
import { createWebGpuEngine, type WebGpuEngineOptions } from '../../../src/engine/webgpu/engine.ts';
import { tableChunks } from '../../../src/engine/webgpu/memory.ts';
import { syntheticPackage } from '../../../src/model/synthetic.ts';
import type { TokenBatch } from '../../../src/model/token-batch.ts';
import { maxRelativeError } from '../../support/tolerance.ts';
import { gpuOn } from './support/adapter.ts';
import { watchGpu } from './support/watched-gpu.ts';

const pkg = syntheticPackage({
  salt: 20_261_124,
  config: {
    model_type: 'teddy_g',
    ntoken: 331,
    d_model: 36,
    nheads: 3,
    d_hid: 52,
    nlayers: 3,
    max_position_embeddings: 80,
    layer_activation: 'gelu',
    pre_norm: false,
    bins: 0,
    continuous_rank: false,
    annotations: { disease: ['a', 'b', 'c'], sex: ['f', 'm'] },
  },
});

/** Cells of odd lengths, an empty one among them, with genes from all of the table. */
function batchOf(lengths: readonly number[]): TokenBatch {
  const cuSeqlens = new Uint32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) cuSeqlens[i + 1] = cuSeqlens[i] + length;
  return {
    rows: Uint32Array.from(lengths, (_, i) => i),
    cuSeqlens,
    geneIds: Uint32Array.from({ length: cuSeqlens[lengths.length] }, (_, i) => (i * 97 + 13) % 322),
    withheld: new Uint8Array(lengths.length),
  };
}

const batch = batchOf([31, 1, 0, 80, 67, 9, 44]);
const options = { pooling: 'gene_mean', states: true } as const;
/** One dispatch a command buffer, one cell a slice. */
const smallSteps = { submitFlops: 1 };

const watched = watchGpu(await gpuOn('lavapipe'));
const engineWith = (more: Partial<WebGpuEngineOptions> = {}) =>
  createWebGpuEngine({ gpu: watched.gpu, package: pkg, ...more });

afterEach(() => {
  watched.onSubmit = null;
  watched.outOfMemory = null;
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
    const reference = await createReferenceEngine(pkg);
    const expected = await reference.encode(batch, options);
    // 331 rows of 36 floats, 100 rows a binding.
    const bindingBytes = 100 * 36 * 4;
    expect(tableChunks(pkg.config, bindingBytes)).toHaveLength(4);
    for (const more of [{}, smallSteps, { bindingBytes }, { ...smallSteps, bindingBytes }]) {
      const engine = await engineWith(more);
      const done: number[] = [];
      const actual = await engine.encode(batch, { ...options, onCells: (cells) => done.push(cells) });
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
    const reference = await createReferenceEngine(pkg);
    const asked = { pooling: 'first_gene', annotationStates: true } as const;
    const expected = await reference.encode(batch, asked);
    for (const more of [{}, smallSteps]) {
      const engine = await engineWith(more);
      const actual = await engine.encode(batch, asked);
      expect(actual.hiddenStates).toBeUndefined();
      expect(
        maxRelativeError(actual.annotationStates ?? [], expected.annotationStates ?? [Number.NaN]),
      ).toBeLessThanOrEqual(2e-5);
      expect(await engine.encode(batch, { pooling: 'first_gene' })).not.toHaveProperty('annotationStates');
      engine.destroy();
    }
  });
});

describe('a lost device', () => {
  it('ends the work with EngineLostError, and a new engine gives the same numbers, twice', async () => {
    let engine = await engineWith(smallSteps);
    const before = await engine.encode(batch, options);
    for (const after of [3, 40]) {
      const start = watched.submits;
      watched.onSubmit = (device, count) => {
        if (count === start + after) device.destroy();
      };
      const error = await rejection(engine.encode(batch, options));
      expect(error).toBeInstanceOf(EngineLostError);
      expect((error as EngineLostError).reason).toBe('lost');
      watched.onSubmit = null;
      expect(await rejection(engine.encode(batch, options))).toBeInstanceOf(EngineLostError);
      engine.destroy();
      engine = await engineWith(smallSteps);
      expect(await engine.encode(batch, options)).toEqual(before);
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
    expect(await rejection(engine.encode(batch, options))).toMatchObject({ reason: 'out-of-memory' });
    engine.destroy();
  });
});

describe('cancel', () => {
  it('stops before the next command buffer, with the reason given, and leaves the engine usable', async () => {
    const engine = await engineWith(smallSteps);
    const before = await engine.encode(batch, options);
    const controller = new AbortController();
    const start = watched.submits;
    watched.onSubmit = (_, count) => {
      if (count === start + 20) controller.abort(new Error('enough'));
    };
    const error = await rejection(engine.encode(batch, { ...options, signal: controller.signal }));
    expect(error).toMatchObject({ message: 'enough' });
    expect(watched.submits).toBe(start + 21);
    watched.onSubmit = null;
    expect(await engine.encode(batch, options)).toEqual(before);
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
