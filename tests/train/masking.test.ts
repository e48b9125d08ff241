import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIXED_EPOCH, hiddenTokens, maskedBatch } from '../../src/train/masking.ts';
import { tinyCells } from './support.ts';

const masking = { share: 0.15, seed: 5, epoch: 2 };

describe('hidden tokens', () => {
  it('are the share of a cell, one at least, distinct and ascending, and none where nothing is there', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.nat(1e6),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(2 ** 31),
        (tokens, cell, share, seed) => {
          const hidden = hiddenTokens(tokens, cell, { share, seed, epoch: 1 });
          const wanted = tokens === 0 || share === 0 ? 0 : Math.max(1, Math.round(share * tokens));
          expect(hidden.length).toBe(wanted);
          expect(new Set(hidden).size).toBe(wanted);
          expect(Array.from(hidden)).toEqual(Array.from(hidden).sort((a, b) => a - b));
          for (const index of hidden) expect(index).toBeLessThan(tokens);
        },
      ),
    );
  });

  it('change with seed, epoch and cell, and with nothing else', () => {
    const of = (cell: number, changes: Partial<typeof masking>) =>
      hiddenTokens(200, cell, { ...masking, ...changes }).join();
    expect(of(3, {})).toBe(of(3, {}));
    expect(new Set([of(3, {}), of(4, {}), of(3, { seed: 6 }), of(3, { epoch: 3 })]).size).toBe(4);
  });

  it('fall on every place alike', () => {
    const counts = new Float64Array(20);
    for (let cell = 0; cell < 4000; cell++) for (const i of hiddenTokens(20, cell, masking)) counts[i]++;
    // 3 of 20 tokens, 4,000 cells: 600 expected at each place, standard deviation below 23.
    for (const count of counts) expect(Math.abs(count - 600)).toBeLessThan(115);
  });
});

describe('a masked batch', () => {
  const cells = tinyCells(12, 3);
  const g = { valueInput: 'none', maskId: 31 } as const;

  it('has <mask> in place of the genes it asks for, and every other gene as it was', () => {
    const chosen = [7, 2, 4, 11];
    const batch = maskedBatch(cells.tokens, chosen, cells.labels, masking, g);
    expect(batch.cuSeqlens.length).toBe(5);
    const before = chosen.flatMap((cell) =>
      Array.from(
        cells.tokens.geneIds.subarray(cells.tokens.cuSeqlens[cell], cells.tokens.cuSeqlens[cell + 1]),
      ),
    );
    const restored = batch.geneIds.slice();
    batch.masked.forEach((at, i) => {
      expect(batch.geneIds[at]).toBe(31);
      restored[at] = batch.targets[i];
    });
    expect(Array.from(restored)).toEqual(before);
    expect(Array.from(batch.labels.stim)).toEqual(chosen.map((cell) => cells.labels.stim.codes[cell]));
  });

  it('hides the same of a cell in whatever batch it is', () => {
    const alone = maskedBatch(cells.tokens, [7], {}, masking, g);
    const among = maskedBatch(cells.tokens, [1, 7, 3], {}, masking, g);
    const [from, to] = [among.cuSeqlens[1], among.cuSeqlens[2]];
    expect(Array.from(among.geneIds.subarray(from, to))).toEqual(Array.from(alone.geneIds));
  });

  it('has bin 0 and the gene itself for TEDDY-X', () => {
    const values = Float32Array.from(cells.tokens.geneIds, (_, i) => 1 + (i % 9));
    const tokens = { ...cells.tokens, values };
    const batch = maskedBatch(tokens, [0, 1, 2], {}, masking, { valueInput: 'binned', maskId: 0 });
    expect(Array.from(batch.geneIds)).toEqual(Array.from(tokens.geneIds.subarray(0, tokens.cuSeqlens[3])));
    const hidden = new Set(batch.masked);
    const read = batch.values ?? [];
    expect(Array.from(read)).toEqual(Array.from(read, (_, i) => (hidden.has(i) ? 0 : values[i])));
    expect(Array.from(batch.targets)).toEqual(Array.from(batch.masked, (at) => values[at]));
    expect(tokens.values).toEqual(Float32Array.from(cells.tokens.geneIds, (_, i) => 1 + (i % 9)));
  });

  it('hides nothing where nothing shall be, and leaves out labels that no cell has', () => {
    const batch = maskedBatch(
      cells.tokens,
      [8],
      cells.labels,
      { ...masking, share: 0, epoch: FIXED_EPOCH },
      g,
    );
    expect(batch.masked.length).toBe(0);
    expect(batch.labels).toEqual({});
  });
});
