import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeInArena, planArena } from '../../../src/engine/webgpu/arena.ts';
import { groupDispatches } from '../../../src/engine/webgpu/dispatch.ts';
import { tableChunks } from '../../../src/engine/webgpu/memory.ts';
import { planSlice } from '../../../src/engine/webgpu/plan.ts';
import { layoutSlice } from '../../../src/engine/webgpu/slice-layout.ts';
import type { ModelConfig } from '../../../src/model/config.ts';

const config = (nLayers: number, preNorm: boolean, dHid: number): ModelConfig => ({
  modelType: 'teddy_g',
  dModel: 8,
  nHeads: 2,
  dHid,
  nLayers,
  nToken: 50,
  maxPositionEmbeddings: 100,
  layerActivation: 'gelu',
  preNorm,
  layerNormEps: 1e-5,
  bins: 0,
  continuousRank: false,
  valueInput: 'none',
  annotations: { sex: ['f', 'm'] },
});

function planOf(model: ModelConfig, lengths: readonly number[], budget: number) {
  const cuSeqlens = new Uint32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) cuSeqlens[i + 1] = cuSeqlens[i] + length;
  const batch = {
    rows: Uint32Array.from(lengths, (_, i) => i),
    cuSeqlens,
    geneIds: new Uint32Array(cuSeqlens[lengths.length]),
    withheld: new Uint8Array(lengths.length),
  };
  const cells = lengths.map((_, i) => i);
  const layout = layoutSlice(batch, cells, model, { annotations: [40], pad: 45 }, 'gene_mean');
  return planSlice(model, layout, tableChunks(model), budget);
}

const anyPlan = fc
  .record({
    layers: fc.integer({ min: 1, max: 5 }),
    preNorm: fc.boolean(),
    dHid: fc.constantFrom(4, 12, 40),
    lengths: fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 5 }),
    budget: fc.constantFrom(1e4, 1e9),
    kept: fc.boolean(),
  })
  .map(({ layers, preNorm, dHid, lengths, budget, kept }) => {
    const plan = planOf(config(layers, preNorm, dHid), lengths, budget);
    return { plan, arena: planArena(plan.dispatches, plan.activations, kept ? [plan.states] : []), kept };
  });

describe('the arena', () => {
  it('gives two activations that live together two buffers, each large enough', () => {
    fc.assert(
      fc.property(anyPlan, ({ plan, arena, kept }) => {
        const uses = plan.dispatches.map(({ buffers }) => new Set(Object.values(buffers)));
        const lives = [...plan.activations.keys()].map((name) => {
          const used = [...uses.keys()].filter((i) => uses[i].has(name));
          return {
            name,
            first: used[0],
            last: kept && name === plan.states ? uses.length : Math.max(...used),
          };
        });
        for (const [i, a] of lives.entries()) {
          const slot = arena.slots.get(a.name) ?? '';
          expect(arena.bytes.get(slot)).toBeGreaterThanOrEqual(plan.activations.get(a.name) ?? Number.NaN);
          for (const b of lives.slice(i + 1))
            if (a.first <= b.last && b.first <= a.last)
              expect(arena.slots.get(b.name), `${a.name} and ${b.name}`).not.toBe(slot);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('never lets a dispatch read what was written over', () => {
    fc.assert(
      fc.property(anyPlan, ({ plan, arena }) => {
        const content = new Map<string, string>();
        for (const [i, { buffers, kernel }] of placeInArena(plan.dispatches, arena).entries()) {
          const written = kernel === 'embedding' ? 'x' : 'y';
          const before = plan.dispatches[i].buffers;
          for (const [binding, slot] of Object.entries(buffers))
            if (binding !== written && plan.activations.has(before[binding]))
              expect(content.get(slot)).toBe(before[binding]);
          content.set(buffers[written], before[written]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('needs the buffers of one layer for any number of layers', () => {
    const columns = (layers: number, preNorm: boolean) => {
      const plan = planOf(config(layers, preNorm, 32), [20, 30], 1e9);
      const { bytes } = planArena(plan.dispatches, plan.activations, [plan.states]);
      // Two annotation tokens and fifty genes of eight float32 each.
      return [...bytes.values()].map((size) => size / (52 * 8 * 4));
    };
    for (const layers of [1, 2, 12]) expect(columns(layers, false)).toEqual([1, 4, 1]);
    for (const layers of [2, 12]) expect(columns(layers, true)).toEqual([1, 4, 4]);
  });

  it('refuses an activation nothing computes', () => {
    expect(() => planArena([], new Map([['y', 4]]), [])).toThrow(RangeError);
  });
});

describe('dispatches', () => {
  it('are seven a layer, and few beside', () => {
    const count = (layers: number) => planOf(config(layers, false, 32), [20, 30], 1e9).dispatches.length;
    expect(count(5) - count(4)).toBe(7);
    expect(count(1)).toBe(7 + 3);
  });

  it('of a slice within the budget are one command buffer', () => {
    const { dispatches } = planOf(config(12, false, 32), [20, 30], 1e9);
    expect(groupDispatches(dispatches, 1e9)).toHaveLength(1);
  });
});
