import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctOrders, orders, relabellings } from '../../../src/probe/uncertainty/relabellings.ts';
import { groupsOf } from '../../../src/probe/usable.ts';
import { donorsOf, madeData } from '../../support/probe-data.ts';

describe('orders', () => {
  it('gives each distinct order once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { minLength: 1, maxLength: 7 }), (values) => {
        const all = [...orders(values)];
        expect(new Set(all.map((order) => order.join())).size).toBe(all.length);
        expect(all.length).toBe(distinctOrders(values));
        for (const order of all) expect([...order].sort()).toEqual([...values].sort());
      }),
    );
  });
});

describe('relabellings', () => {
  const all = (data: ReturnType<typeof madeData>) => groupsOf(data, [...data.labels.keys()]);

  it('tries every way of six donors, two of them of one class: 15, the recorded one among them', () => {
    const labels = [1, 0, 0, 1, 0, 0];
    const data = madeData(labels.map((label, i) => ({ name: `d${i}`, label, cells: 3 })));
    const plan = relabellings(data, all(data), 100, 1);
    expect(plan).toMatchObject({ unit: 'donors', exhaustive: true, count: 15 });
    const each = [...plan!.each()];
    expect(each.length).toBe(15);
    expect(each.filter(({ recorded }) => recorded).map((way) => way.labels)).toEqual([data.labels]);
  });

  it('samples where there are more ways than asked for, whole donors at a time', () => {
    const data = madeData(donorsOf(12, 3));
    const plan = relabellings(data, all(data), 40, 1);
    expect(plan).toMatchObject({ unit: 'donors', exhaustive: false, count: 40 });
    const each = [...plan!.each()].map((way) => way.labels);
    expect(each).toEqual([...plan!.each()].map((way) => way.labels));
    expect(new Set(each.map((labels) => labels.join())).size).toBeGreaterThan(30);
    for (const labels of each) {
      expect(labels.filter((label) => label === 0).length).toBe(18);
      for (let cell = 0; cell < 36; cell += 3) {
        expect(labels[cell + 1] === labels[cell] && labels[cell + 2] === labels[cell]).toBe(true);
      }
    }
  });

  it('permutes within donors where the label varies inside them', () => {
    const data = madeData([
      { name: 'a', label: null, cells: 9 },
      { name: 'b', label: 1, cells: 4 },
    ]);
    const plan = relabellings(data, all(data), 20, 1);
    expect(plan).toMatchObject({ unit: 'cells-within-donors', exhaustive: false, count: 20 });
    for (const { labels } of plan!.each()) {
      expect(labels.slice(0, 9).filter((label) => label === 0).length).toBe(5);
      expect([...labels.slice(9)]).toEqual([1, 1, 1, 1]);
    }
  });

  it('permutes the donors of each study alone where there are several', () => {
    // Study 0: two of four have class 1; study 1: one of three; study 2 has one class alone.
    const classes = [1, 1, 0, 0, 1, 0, 0, 1, 1];
    const studies = [0, 0, 0, 0, 1, 1, 1, 2, 2];
    const data = madeData(classes.map((label, i) => ({ name: `d${i}`, label, cells: 2 })));
    const exchangeableWithin = {
      names: ['a', 'b', 'c'],
      codes: Int32Array.from(data.labels, (_, cell) => studies[cell >> 1]),
    };
    const counts = (labels: Int32Array) =>
      [0, 1, 2].map(
        (study) => labels.filter((label, cell) => label === 1 && studies[cell >> 1] === study).length,
      );
    for (const [most, exhaustive] of [
      [18, true],
      [17, false],
    ] as const) {
      const plan = relabellings({ ...data, exchangeableWithin }, all(data), most, 1);
      expect(plan).toMatchObject({ unit: 'donors-within-studies', exhaustive, count: most });
      const each = [...plan!.each()];
      if (exhaustive) {
        expect(new Set(each.map(({ labels }) => labels.join())).size).toBe(18);
        expect(each.filter(({ recorded }) => recorded).map((way) => way.labels)).toEqual([data.labels]);
      }
      for (const { labels } of each) expect(counts(labels)).toEqual([4, 2, 4]);
    }
    const apart = madeData([0, 0, 1].map((label, i) => ({ name: `d${i}`, label, cells: 1 })));
    const confounded = { names: ['a', 'b'], codes: Int32Array.from([0, 0, 1]) };
    expect(relabellings({ ...apart, exchangeableWithin: confounded }, all(apart), 20, 1)).toBeNull();
  });

  it('is null for donors of one class', () => {
    const data = madeData([
      { name: 'a', label: 1, cells: 2 },
      { name: 'b', label: 1, cells: 2 },
    ]);
    expect(relabellings(data, all(data), 20, 1)).toBeNull();
  });
});
