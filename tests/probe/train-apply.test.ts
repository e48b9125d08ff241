import { describe, expect, it } from 'vitest';
import { LocalProbeService } from '../../src/probe/service.ts';
import { donorsOf, madeData } from '../support/probe-data.ts';

const service = new LocalProbeService();
const settings = { c: 'chosen', classWeights: 'none', seed: 1, threshold: null } as const;

describe('a trained probe', () => {
  it('answers new cells of the kind it was trained on, and holds no cell', async () => {
    const data = madeData(donorsOf(8, 40), { signal: 2, donorEffect: 0.2 });
    const probe = await service.train(data, settings, {});
    expect(probe.classes).toEqual(['normal', 'disease']);
    expect(probe.distanceQuantiles.length).toBe(101);
    const fresh = madeData(donorsOf(8, 40), { signal: 2, donorEffect: 0.2, seed: 9 });
    const { probabilities, withheld } = await service.apply(probe, fresh.features, {});
    const answered = [...withheld.keys()].filter((cell) => withheld[cell] === 0);
    // About 1 % of cells lie beyond the 99th percentile of other donors' cells.
    expect(answered.length).toBeGreaterThan(0.93 * withheld.length);
    const right = answered.filter(
      (cell) => Number(probabilities[2 * cell + 1] > 0.5) === fresh.labels[cell],
    ).length;
    expect(right / answered.length).toBeGreaterThan(0.85);
  });

  it('withholds cells far away, cells without finite features and cells below the threshold', async () => {
    const data = madeData(donorsOf(8, 40), { signal: 2 });
    const probe = await service.train(data, { ...settings, threshold: 0.9 }, {});
    const features = data.features.slice(0, 24 * data.dimension);
    features.fill(50, 0, data.dimension);
    features[data.dimension] = Number.NaN;
    const { probabilities, withheld } = await service.apply(probe, features, {});
    expect([...withheld.subarray(0, 2)]).toEqual([1, 1]);
    expect(new Set(withheld)).toEqual(new Set([0, 1, 2]));
    withheld.forEach((reason, cell) => {
      const own = [...probabilities.subarray(2 * cell, 2 * cell + 2)];
      if (reason === 0) expect(Math.max(...own)).toBeGreaterThanOrEqual(0.9);
      else expect(own.every(Number.isNaN)).toBe(true);
    });
  });

  it('has the classes its cells have', async () => {
    const data = madeData(donorsOf(6, 10), { classes: ['a', 'b', 'none of these'], signal: 2 });
    const probe = await service.train({ ...data, groups: null }, settings, {});
    expect(probe.classes).toEqual(['a', 'b']);
    expect([probe.coefficients.length, probe.c]).toEqual([data.dimension, 1]);
  });

  it('names what it cannot do', async () => {
    const data = madeData(donorsOf(6, 10));
    const one = { ...data, labels: data.labels.map(() => 1) };
    await expect(service.train(one, settings, {})).rejects.toMatchObject({ code: 'one-class' });
    const flat = { ...data, features: data.features.map(() => 3) };
    await expect(service.train(flat, settings, {})).rejects.toMatchObject({ code: 'constant-features' });
    const probe = await service.train(data, settings, {});
    await expect(service.apply(probe, new Float32Array(9), {})).rejects.toMatchObject({
      code: 'wrong-dimension',
    });
    const cancelled = { signal: AbortSignal.abort(new Error('enough')) };
    await expect(service.apply(probe, data.features, cancelled)).rejects.toThrow('enough');
    await expect(service.train(data, settings, cancelled)).rejects.toThrow('enough');
  });
});
