import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellFlops } from '../../../src/engine/webgpu/plan.ts';
import { rowsOfCell } from '../../../src/engine/webgpu/slice-layout.ts';
import { Slices } from '../../../src/engine/webgpu/slices.ts';
import type { ModelConfig } from '../../../src/model/config.ts';

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
  annotations: { sex: ['f', 'm'] },
};

function slicesOf(lengths: readonly number[], limits: { rows: number; flops: number }): number[][] {
  const cuSeqlens = new Uint32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) cuSeqlens[i + 1] = cuSeqlens[i] + length;
  const batch = {
    rows: Uint32Array.from(lengths, (_, i) => i),
    cuSeqlens,
    geneIds: new Uint32Array(cuSeqlens[lengths.length]),
    withheld: new Uint8Array(lengths.length),
  };
  const slices = new Slices(batch, config, 1, 'gene_mean');
  const taken: number[][] = [];
  for (let cells = slices.take(limits); cells.length > 0; cells = slices.take(limits)) taken.push(cells);
  return taken;
}

describe('slices', () => {
  it('hold every cell once, within the limits unless it is one cell', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(100), { maxLength: 40 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 400_000 }),
        (lengths, rows, flops) => {
          const slices = slicesOf(lengths, { rows, flops });
          expect(slices.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
          for (const cells of slices.filter(({ length }) => length > 1)) {
            const total = (of: (genes: number) => number) =>
              cells.reduce((sum, cell) => sum + of(lengths[cell]), 0);
            expect(total((genes) => rowsOfCell(genes, 1, 'gene_mean', config))).toBeLessThanOrEqual(rows);
            expect(total((genes) => cellFlops(config, genes + 1, genes + 1))).toBeLessThanOrEqual(flops);
          }
        },
      ),
    );
  });

  it('are topped up with what still fits', () => {
    const slices = slicesOf([90, 5, 80, 10, 40, 50], { rows: 100, flops: Number.POSITIVE_INFINITY });
    expect(slices).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });
});
