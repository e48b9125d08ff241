import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DescendingOrder } from '../../src/tokenize/descending-order.ts';

/** What the radix sort replaces. */
function plainOrder(values: Float64Array): number[] {
  return [...values.keys()].sort((a, b) =>
    values[a] === values[b] ? a - b : values[b] > values[a] ? 1 : -1,
  );
}

/** Doubles that agree in their upper 32 bits, subnormals, the greatest ones, ties. */
const awkward = fc.oneof(
  fc.constantFrom(0, 5e-324, 1e-320, 2.2250738585072014e-308, 1, 1 + 2 ** -52, 1e308, Number.MAX_VALUE),
  fc.constant(Number.POSITIVE_INFINITY),
  fc.nat(3),
  fc.nat(2 ** 20 - 1).map((step) => 1234.5 * (1 + step * 2 ** -50)),
  fc.double({ min: 0, noNaN: true }),
);

describe('the order of values from the greatest down', () => {
  const order = new DescendingOrder();

  it('is that of a plain sort with ties in their own order, whatever the doubles, call after call', () => {
    fc.assert(
      fc.property(fc.array(awkward, { maxLength: 300 }), (list) => {
        const values = Float64Array.from(list);
        expect([...order.of(values, values.length).subarray(0, values.length)]).toEqual(plainOrder(values));
      }),
      { numRuns: 300 },
    );
  });

  it('begins with the same where only the greatest are wanted', () => {
    fc.assert(
      fc.property(fc.array(awkward, { maxLength: 300 }), fc.nat(310), (list, wanted) => {
        const values = Float64Array.from(list);
        const found = order.of(values, values.length, wanted);
        const kept = Math.min(wanted, values.length);
        expect([...found.subarray(0, kept)]).toEqual(plainOrder(values).slice(0, kept));
      }),
      { numRuns: 300 },
    );
  });

  it('looks at the first n, through views that do not begin their buffer, and grows', () => {
    const buffer = new Float64Array(9001);
    const values = buffer.subarray(1);
    for (let i = 0; i < values.length; i++) values[i] = ((7919 * i) % 1000) + (i % 7) * 2 ** -45;
    const n = 8000;
    expect([...order.of(values, n).subarray(0, n)]).toEqual(plainOrder(values.subarray(0, n)));
    expect(order.of(values, 0).length).toBeGreaterThan(0);
  });

  it('a long run that differs in the lower bits alone is sorted too', () => {
    const values = Float64Array.from({ length: 5000 }, (_, i) => 1 + ((i * 2654435761) % 4096) * 2 ** -52);
    expect([...order.of(values, 5000).subarray(0, 5000)]).toEqual(plainOrder(values));
  });
});
