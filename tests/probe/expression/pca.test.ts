import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/analysis/random.ts';
import { componentScores, principalComponents } from '../../../src/probe/expression/pca.ts';
import { selectBlock, variableGenes } from '../../../src/probe/expression/variable-genes.ts';
import { symmetricEigen } from '../../../src/probe/linear-algebra/jacobi.ts';
import type { LogCounts } from '../../../src/probe/types.ts';
import { maxRelativeError } from '../../support/tolerance.ts';

function sparse(rows: readonly (readonly number[])[]): LogCounts {
  const columns = rows[0].length;
  const stored = rows.map((row) => row.flatMap((value, c) => (value === 0 ? [] : [[c, value] as const])));
  const indptr = new Uint32Array(rows.length + 1);
  stored.forEach((row, r) => {
    indptr[r + 1] = indptr[r] + row.length;
  });
  const flat = stored.flat();
  return {
    columns,
    indptr,
    indices: Uint32Array.from(flat, ([c]) => c),
    values: Float32Array.from(flat, ([, value]) => value),
  };
}

/** Sparse, low rank and noise: as expression is. */
function madeCells(n: number, m: number, seed: number): number[][] {
  const random = new Random(seed);
  const programs = Array.from({ length: 4 }, () => Array.from({ length: m }, () => random.uniform() ** 3));
  return Array.from({ length: n }, () => {
    const use = programs.map((_, k) => random.uniform() * (4 - k));
    return Array.from({ length: m }, (_, g) => {
      const level = programs.reduce((sum, program, k) => sum + use[k] * program[g], 0);
      return random.uniform() < 0.4 ? 0 : Math.fround(level + 0.3 * random.uniform());
    });
  });
}

describe('variableGenes', () => {
  it('takes the columns of the greatest variance over the given cells alone', () => {
    const cells = [
      [0, 5, 1, 2, 0],
      [3, 5, 0, 2, 0],
      [0, 5, 1, 2, 0],
      [0, 5, 0, 2, 9],
    ];
    expect([...variableGenes(sparse(cells), [0, 1, 2], 2)]).toEqual([0, 2]);
    expect([...variableGenes(sparse(cells), [0, 1, 2], 9)]).toEqual([0, 2]);
    expect([...variableGenes(sparse(cells), [0, 1, 2, 3], 1)]).toEqual([4]);
  });

  it('cuts the block of chosen cells and genes', () => {
    const cells = madeCells(9, 7, 1);
    const rows = [8, 0, 3];
    const genes = Uint32Array.of(1, 2, 6);
    const wanted = sparse(rows.map((row) => Array.from(genes, (gene) => cells[row][gene])));
    expect(selectBlock(sparse(cells), rows, genes)).toEqual(wanted);
  });
});

describe('principalComponents', () => {
  it('finds what the eigen-decomposition of the dense covariance finds', async () => {
    for (const [n, m, wanted] of [
      [60, 8, 5],
      [90, 40, 4],
      [30, 90, 4],
    ]) {
      const cells = madeCells(n, m, n);
      const rows = Array.from({ length: n - 7 }, (_, i) => i);
      const mean = cells[0].map((_, g) => rows.reduce((sum, r) => sum + cells[r][g], 0) / rows.length);
      const covariance = Float64Array.from({ length: m * m }, (_, p) => {
        const [i, j] = [Math.floor(p / m), p % m];
        return (
          rows.reduce((sum, r) => sum + (cells[r][i] - mean[i]) * (cells[r][j] - mean[j]), 0) / rows.length
        );
      });
      const dense = symmetricEigen(covariance);
      const got = await principalComponents(sparse(cells), rows, wanted, { seed: 1 });
      expect(got.count).toBe(wanted);
      expect(maxRelativeError(got.variances, dense.values.subarray(0, wanted))).toBeLessThanOrEqual(1e-4);
      const scores = await componentScores(sparse(cells), got);
      for (let c = 0; c < wanted; c++) {
        const along = cells.map((cell) =>
          cell.reduce((sum, v, g) => sum + (v - mean[g]) * dense.vectors[g * m + c], 0),
        );
        const own = cells.map((_, r) => scores[r * wanted + c]);
        const sign = Math.sign(along.reduce((sum, v, r) => sum + v * own[r], 0));
        const error = maxRelativeError(
          own,
          along.map((v) => v * sign),
        );
        // Directions of nearly equal variance turn into each other; the first three stand apart.
        if (c < 3) expect(error).toBeLessThanOrEqual(2e-2);
      }
    }
  });

  it('gives fewer components where cells vary in fewer directions, and the same for the same seed', async () => {
    const flat = Array.from({ length: 12 }, (_, i) => [i, 2 * i, 1, 0]);
    const all = flat.map((_, r) => r);
    const one = await principalComponents(sparse(flat), all, 3, { seed: 4 });
    expect(one.count).toBe(1);
    expect(one.axes[1] / one.axes[0]).toBeCloseTo(2, 6);
    expect(await principalComponents(sparse(flat), all, 3, { seed: 4 })).toEqual(one);
  });

  it('hears a cancel', async () => {
    const cells = sparse(madeCells(20, 6, 2));
    const options = { seed: 1, signal: AbortSignal.abort(new Error('enough')) };
    await expect(principalComponents(cells, [0, 1, 2], 2, options)).rejects.toThrow('enough');
  });
});
