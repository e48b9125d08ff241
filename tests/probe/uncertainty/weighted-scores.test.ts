import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scoreMetrics } from '../../../src/probe/metrics/score.ts';
import type { MetricName } from '../../../src/probe/results.ts';
import { WeightedScores } from '../../../src/probe/uncertainty/weighted-scores.ts';

/** Few distinct probabilities, so that ties occur; donors with weights 0 … 3. */
const anyAnswers = fc.integer({ min: 2, max: 4 }).chain((k) =>
  fc.record({
    k: fc.constant(k),
    cells: fc.array(
      fc.record({
        label: fc.nat(k - 1),
        scores: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: k, maxLength: k }),
        unit: fc.nat(3),
      }),
      { minLength: 1, maxLength: 25 },
    ),
    weights: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
  }),
);

it('gives the metrics of repeated cells for whole weights', () => {
  let compared = 0;
  fc.assert(
    fc.property(anyAnswers, ({ k, cells, weights }) => {
      const rows = cells.map(({ scores }) => {
        const sum = scores.reduce((a, b) => a + b, 0);
        return scores.map((score) => (sum === 0 ? 1 / k : score / sum));
      });
      const scores = new WeightedScores(
        Int32Array.from(cells, (cell) => cell.label),
        Float32Array.from(rows.flat()),
        k,
        Int32Array.from(cells, (cell) => cell.unit),
        4,
      );
      const repeated = cells.flatMap(({ unit }, i) => Array<number>(weights[unit]).fill(i));
      fc.pre(repeated.length > 0);
      const got = scores.metrics(Float64Array.from(weights));
      const wanted = scoreMetrics(
        Int32Array.from(repeated, (i) => cells[i].label),
        Float32Array.from(repeated.flatMap((i) => rows[i])),
        k,
      );
      for (const name of Object.keys(wanted) as MetricName[]) {
        const error = Math.abs(got[name] - wanted[name]);
        const same = Number.isNaN(wanted[name]) ? Number.isNaN(got[name]) : error <= 1e-9;
        expect(same, `${name}: ${got[name]} for ${wanted[name]}`).toBe(true);
      }
      compared++;
    }),
    { numRuns: 400 },
  );
  expect(compared).toBeGreaterThan(300);
});
