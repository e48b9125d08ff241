import { describe, expect, it } from 'vitest';
import { createWebGpuEngine } from '../../../../src/engine/webgpu/engine.ts';
import type { TuningStore } from '../../../../src/engine/webgpu/tuner/record.ts';
import { timedDispatches } from '../../../../src/engine/webgpu/tuner/shapes.ts';
import { gpuOn } from '../support/adapter.ts';
import { smallBatch, smallPackage } from '../support/small-model.ts';

const gpu = await gpuOn('lavapipe');
const keys = timedDispatches(smallPackage.config, 'f32', true).map(({ key }) => key);

function memoryStore() {
  const records = new Map<string, unknown>();
  const store: TuningStore = {
    read: async (key) => records.get(key) ?? null,
    write: async (key, record) => void records.set(key, record),
  };
  return { records, store };
}

describe('tuning', () => {
  it('measures once for an adapter and a model, remembers, and changes no result', async () => {
    const { records, store } = memoryStore();
    const seen: number[] = [];
    const tuning = { store, userAgent: 'test', known: true, onProgress: (done: number) => seen.push(done) };
    const tuned = await createWebGpuEngine({ gpu, package: smallPackage, tuning });
    expect(records.size).toBe(1);
    const [{ table }] = [...records.values()] as { table: Record<string, string> }[];
    // What the budget left, at least the first: a busy machine measures less.
    expect(Object.keys(table).length).toBeGreaterThan(0);
    for (const key of Object.keys(table)) expect(keys).toContain(key);
    expect(seen.length).toBeGreaterThan(1);
    expect(tuned.selfTest.every(({ ok }) => ok)).toBe(true);

    const plain = await createWebGpuEngine({ gpu, package: smallPackage });
    const run = { pooling: 'gene_mean' } as const;
    const expected = await plain.encode(smallBatch, run);
    const actual = await tuned.encode(smallBatch, run);
    for (const [i, value] of expected.embedding.entries())
      expect(Math.abs(actual.embedding[i] - value)).toBeLessThanOrEqual(2e-5);
    tuned.destroy();
    plain.destroy();

    seen.length = 0;
    const [key] = [...records.keys()];
    records.set(key, {
      ...(records.get(key) as object),
      table: Object.fromEntries(keys.map((k) => [k, 'tile'])),
    });
    const again = await createWebGpuEngine({ gpu, package: smallPackage, tuning });
    expect(seen).toEqual([]);
    again.destroy();
  });

  it('never names a variant that is wrong', async () => {
    const { records, store } = memoryStore();
    const broken = { kernel: 'gemm', variant: 'lane-12x2' } as const;
    const tuning = { store, userAgent: 'test', known: true };
    const engine = await createWebGpuEngine({ gpu, package: smallPackage, tuning, breakKernel: broken });
    const [{ table }] = [...records.values()] as { table: Record<string, string> }[];
    expect(Object.values(table)).not.toContain('lane-12x2');
    engine.destroy();
  });

  it('is left out on adapters whose order is committed', async () => {
    const { records, store } = memoryStore();
    const engine = await createWebGpuEngine({
      gpu,
      package: smallPackage,
      tuning: { store, userAgent: 'test' },
    });
    expect(records.size).toBe(0);
    engine.destroy();
  });
});
