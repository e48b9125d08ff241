import { describe, expect, it } from 'vitest';
import { DROPOUT_PLACES, type DropoutMask, dropoutMask, isKept } from '../../src/engine/dropout.ts';

const ELEMENTS = 40_000;

function keptOf(mask: DropoutMask): Uint8Array {
  return Uint8Array.from({ length: ELEMENTS }, (_, i) => (isKept(mask, i) ? 1 : 0));
}

function shareOf(values: Uint8Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('dropout', () => {
  it.each([0.02, 0.1, 0.5, 0.9])('drops %f of the elements and scales the others to the same mean', (p) => {
    const mask = dropoutMask({ probability: p, seed: 7 }, 0, 1, 'activation');
    // Five standard deviations of a binomial share.
    expect(Math.abs(shareOf(keptOf(mask)) - (1 - p))).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / ELEMENTS));
    expect(mask.scale * (1 - p)).toBeCloseTo(1, 12);
  });

  it('a probability of nothing drops nothing', () => {
    expect(shareOf(keptOf(dropoutMask({ probability: 0, seed: 1 }, 0, 0, 'attention')))).toBe(1);
  });

  it('masks of other seeds, micro-batches, layers and places are independent, neighbours included', () => {
    const masks = [0, 1].flatMap((seed) =>
      [0, 1].flatMap((microBatch) =>
        [0, 1].flatMap((layer) =>
          DROPOUT_PLACES.map((place) => dropoutMask({ probability: 0.5, seed }, microBatch, layer, place)),
        ),
      ),
    );
    const kept = masks.map(keptOf);
    for (const [i, a] of kept.entries())
      for (const b of kept.slice(i + 1)) {
        // Neither the same elements nor the same elements moved along by one or by four.
        for (const shift of [0, 1, 4]) {
          const same = a.subarray(shift).reduce((sum, value, k) => sum + (value === b[k] ? 1 : 0), 0);
          expect(Math.abs(same / (ELEMENTS - shift) - 0.5)).toBeLessThan(0.02);
        }
      }
  });
});
