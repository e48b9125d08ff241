import { describe, expect, it } from 'vitest';
import { openFolderPackage, packTokens } from '../../src/cli/golden-cases.ts';
import { type Engine, type EngineKind, EngineLostError } from '../../src/engine/engine.ts';
import { chooseEngine, createEngine, type EngineFactory } from '../../src/engine/select.ts';
import { ModelError } from '../../src/model/errors.ts';
import { describeShared, sharedPath } from '../support/shared.ts';
import { nodeRuntime } from './wasm/node-runtime.ts';

/** A `navigator.gpu` whose adapter says this of itself; null = no adapter. */
function fakeGpu(info: Partial<GPUAdapterInfo> | null): GPU {
  const features = new Set();
  const device = { features, lost: new Promise(() => {}), addEventListener() {}, destroy() {} };
  const adapter = info && { info, features, limits: {}, requestDevice: async () => device };
  return { requestAdapter: async () => adapter } as unknown as GPU;
}

const isolated = { crossOriginIsolated: true, hardwareConcurrency: 16 };
const texts = { vendor: '', architecture: '', device: '', description: '' };

describe('the engine that is recommended', () => {
  it('is WebGPU on a real GPU', async () => {
    const gpu = fakeGpu({ ...texts, description: 'Arc B580', isFallbackAdapter: false });
    const choice = await chooseEngine({ gpu, ...isolated });
    expect(choice.recommended).toBe('webgpu');
    expect(choice.reason).toContain('Arc B580');
    expect(choice.options.map(({ kind }) => kind)).toEqual(['webgpu', 'wasm', 'reference']);
    expect(choice.options[1].detail).toBe('8 threads');
  });

  it.each([
    ['a fallback adapter without a name, as in Firefox', { ...texts, isFallbackAdapter: true }],
    ['lavapipe by name', { ...texts, description: 'llvmpipe (LLVM 19.1.7)', isFallbackAdapter: false }],
    ['SwiftShader by name', { ...texts, architecture: 'swiftshader', isFallbackAdapter: false }],
  ])('is WebAssembly on %s, and WebGPU can be had', async (_, info) => {
    const choice = await chooseEngine({ gpu: fakeGpu(info), ...isolated });
    expect(choice.recommended).toBe('wasm');
    expect(choice.reason).toContain('software');
    expect(choice.options[0].available).toBe(true);
  });

  it('is WebAssembly where there is no WebGPU or no adapter, one thread without isolation', async () => {
    for (const gpu of [undefined, fakeGpu(null)]) {
      const choice = await chooseEngine({ gpu, crossOriginIsolated: false, hardwareConcurrency: 4 });
      expect(choice.recommended).toBe('wasm');
      expect(choice.options[0].available).toBe(false);
      expect(choice.options[1].detail).toBe('1 thread: the page is not cross-origin isolated');
    }
  });
});

describe('an engine that does not start', () => {
  const made: EngineFactory = async () => ({ engine: { description: {} } as Engine, notices: ['made'] });
  const failing =
    (error: unknown): EngineFactory =>
    async () => {
      throw error;
    };
  const create = (kind: EngineKind, factories: Partial<Record<EngineKind, EngineFactory>>, options = {}) =>
    createEngine(
      kind,
      {} as Parameters<typeof createEngine>[1],
      { gpu: undefined, ...options },
      {
        webgpu: made,
        wasm: made,
        reference: made,
        ...factories,
      },
    );

  it('steps down with a sentence for each step', async () => {
    const { notices } = await create('webgpu', {
      webgpu: failing(new Error('the gemm kernel gives wrong numbers on this adapter')),
      wasm: failing(new Error('no SIMD')),
    });
    expect(notices).toHaveLength(3);
    expect(notices[0]).toContain('gemm');
    expect(notices[0]).toContain('WebAssembly runs the model instead');
    expect(notices[1]).toContain('no SIMD');
    expect(notices[2]).toBe('made');
  });

  it('is an error when asked strictly, and at the end of the line', async () => {
    await expect(create('webgpu', { webgpu: failing(new Error('x')) }, { strict: true })).rejects.toThrow(
      'x',
    );
    await expect(create('reference', { reference: failing(new Error('y')) })).rejects.toThrow('y');
  });

  it.each([
    ['a faulty package', new ModelError('tensor-missing', 'there is no tensor a', 'a')],
    ['no memory for WebAssembly', new EngineLostError('out-of-memory', 'full')],
  ])('stays an error where another engine does not help: %s', async (_, error) => {
    await expect(create('wasm', { wasm: failing(error) })).rejects.toBe(error);
  });

  it('steps down from a GPU without memory', async () => {
    const { notices } = await create('webgpu', {
      webgpu: failing(new EngineLostError('out-of-memory', 'full')),
    });
    expect(notices).toHaveLength(2);
  });

  it.each([
    ['int8', 'webgpu', '8-bit integers'],
    ['int8', 'reference', '8-bit integers'],
    ['f16', 'wasm', '16-bit numbers'],
  ] as const)('says that %s is not what %s computes in', async (precision, kind, words) => {
    const engine = { description: { kind } } as Engine;
    const factories = { [kind]: async () => ({ engine, notices: [] }) };
    const { notices } = await create(kind, factories, { precision });
    expect(notices).toEqual([expect.stringContaining(words)]);
    expect((await create(kind, factories, {})).notices).toEqual([]);
  });

  it('stays cancelled', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const factories = { webgpu: failing(signal.reason) };
    await expect(create('webgpu', factories, { signal })).rejects.toThrow('enough');
  });
});

describeShared('without a GPU', () => {
  it('the wished WebGPU becomes WebAssembly, which answers', async () => {
    const pkg = await openFolderPackage(sharedPath('fixtures', 'encoder', 'x-rank'));
    const { engine, notices } = await createEngine('webgpu', pkg, { gpu: undefined, wasm: nodeRuntime });
    expect(engine.description.kind).toBe('wasm');
    expect(notices).toHaveLength(1);
    const batch = { ...packTokens([3, 1, 4], [3]), values: Float32Array.of(1, 0, -1) };
    const { embedding } = await engine.encode(batch, { pooling: 'gene_mean' });
    expect(embedding.some((x) => x !== 0)).toBe(true);
    engine.destroy();
  });
});
