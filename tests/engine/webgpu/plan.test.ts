import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupDispatches } from '../../../src/engine/webgpu/dispatch.ts';
import { estimateDeviceBytes, tableChunks } from '../../../src/engine/webgpu/memory.ts';
import { Pace } from '../../../src/engine/webgpu/pace.ts';
import { planSlice } from '../../../src/engine/webgpu/plan.ts';
import { layoutSlice } from '../../../src/engine/webgpu/slice-layout.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { TokenBatch } from '../../../src/model/token-batch.ts';

const config: ModelConfig = {
  modelType: 'teddy_g',
  dModel: 8,
  nHeads: 2,
  dHid: 12,
  nLayers: 2,
  nToken: 50,
  maxPositionEmbeddings: 100,
  layerActivation: 'gelu',
  preNorm: false,
  layerNormEps: 1e-5,
  bins: 0,
  continuousRank: false,
  valueInput: 'none',
  annotations: { disease: ['a', 'b'], sex: ['f', 'm'] },
};
const special = { annotations: [40, 41], pad: 45 };

/** Cells 0 … count. */
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

function batchOf(lengths: readonly number[]): TokenBatch {
  const cuSeqlens = new Uint32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) cuSeqlens[i + 1] = cuSeqlens[i] + length;
  return {
    rows: Uint32Array.from(lengths, (_, i) => i),
    cuSeqlens,
    geneIds: Uint32Array.from({ length: cuSeqlens[lengths.length] }, (_, i) => i % 40),
    withheld: new Uint8Array(lengths.length),
  };
}

describe('the layout of a slice', () => {
  it('puts annotation tokens without position before the genes of their cell', () => {
    const layout = layoutSlice(batchOf([2, 1]), upTo(2), config, special, 'gene_mean');
    const rows = Array.from({ length: layout.rows }, (_, row) => [
      ...layout.input.subarray(4 * row, 4 * row + 2),
    ]);
    const none = 0xffff_ffff;
    expect(rows).toEqual([
      [40, none],
      [41, none],
      [0, 0],
      [1, 1],
      [40, none],
      [41, none],
      [2, 0],
    ]);
    expect([...layout.ranges]).toEqual([2, 2, 6, 1, 0, 1, 1, 1, 4, 1, 5, 1]);
  });

  it('gives the padding of all_positions queries, but no keys', () => {
    const layout = layoutSlice(batchOf([3, 0]), upTo(2), config, special, 'all_positions');
    expect(layout.rows).toBe(2 + 100 + 2);
    expect([...layout.blocks]).toEqual([0, 64, 0, 5, 64, 38, 0, 5, 102, 2, 102, 2]);
    expect([...layout.input.subarray(4 * 5, 4 * 5 + 2)]).toEqual([45, 3]);
    expect([...layout.ranges.subarray(0, 4)]).toEqual([2, 100, 104, 0]);
  });

  it('never lets a query block cross into another cell', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(99), { minLength: 1, maxLength: 6 }), (lengths) => {
        const layout = layoutSlice(batchOf(lengths), upTo(lengths.length), config, special, 'gene_mean');
        let covered = 0;
        for (let i = 0; i < layout.blocks.length; i += 4) {
          const [query, queries, key, keys] = layout.blocks.subarray(i, i + 4);
          expect(query).toBe(covered);
          expect(query).toBeGreaterThanOrEqual(key);
          expect(query + queries).toBeLessThanOrEqual(key + keys);
          covered += queries;
        }
        expect(covered).toBe(layout.rows);
      }),
    );
  });
});

describe('the plan of a slice', () => {
  const layout = layoutSlice(batchOf([90, 70, 99]), upTo(3), config, special, 'gene_mean');

  it('never reads the buffer it writes', () => {
    for (const preNorm of [false, true]) {
      const { dispatches } = planSlice({ ...config, preNorm }, layout, tableChunks(config), 1e9);
      for (const { buffers, kernel, label } of dispatches) {
        const { x, y, ...others } = buffers;
        const [written, read] = kernel === 'embedding' ? [x, others] : [y, { x, ...others }];
        expect(Object.values(read), label).not.toContain(written);
      }
    }
  });

  it('runs post-norm layers in the order of PyTorch', () => {
    const { dispatches } = planSlice(config, layout, tableChunks(config), 1e9);
    expect(dispatches.map(({ label }) => label).slice(1, 8)).toEqual([
      'layers.0.in_proj',
      'layers.0.attention',
      'layers.0.out_proj',
      'layers.0.norm1',
      'layers.0.linear1',
      'layers.0.linear2',
      'layers.0.norm2',
    ]);
  });

  it('splits what is beyond the budget by rows, all rows once', () => {
    const { dispatches } = planSlice(config, layout, tableChunks(config), 30_000);
    const pieces = dispatches.filter(({ label }) => label === 'layers.1.linear1');
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces[0].uniforms.row_start).toBe(0);
    for (let i = 1; i < pieces.length; i++)
      expect(pieces[i].uniforms.row_start).toBe(pieces[i - 1].uniforms.row_end);
    expect(pieces[pieces.length - 1].uniforms.row_end).toBe(layout.rows);
    const groups = groupDispatches(dispatches, 30_000);
    expect(groups.flat()).toEqual(dispatches);
    for (const group of groups.filter(({ length }) => length > 1))
      expect(group.reduce((sum, { flops }) => sum + flops, 0)).toBeLessThanOrEqual(30_000);
  });
});

describe('memory', () => {
  const large: ModelConfig = { ...config, dModel: 768, nHeads: 12, dHid: 3072, nLayers: 12, nToken: 43_813 };

  it('splits the embedding table of the 160M shape at the binding limit', () => {
    const chunks = tableChunks(large);
    expect(chunks).toHaveLength(2);
    expect(chunks[0].end).toBe(chunks[1].start);
    expect(chunks[1].end).toBe(43_813);
    for (const { start, end } of chunks) expect((end - start) * 768 * 4).toBeLessThanOrEqual(2 ** 27);
  });

  it('estimates weights and activations', () => {
    const weights = estimateDeviceBytes(large, 0);
    expect(weights).toBeGreaterThan(4 * (43_813 * 768 + 12 * (4 * 768 ** 2 + 2 * 768 * 3072)));
    expect(estimateDeviceBytes(large, 1000) - weights).toBe(4 * 1000 * (3 * 768 + 3072 + 4));
  });
});

describe('pace', () => {
  it('slows down at once and speeds up by halves', () => {
    const pace = new Pace(true);
    const first = pace.budget;
    pace.measured(1e9, 2);
    expect(pace.rate).toBe(0.5e9);
    expect(pace.budget).toBeLessThan(first);
    pace.measured(1e9, 1);
    expect(pace.rate).toBe(0.75e9);
  });
});
