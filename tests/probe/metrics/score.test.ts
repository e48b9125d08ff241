import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argmaxRows, confusionMatrix } from '../../../src/probe/metrics/confusion.ts';
import { classMetrics, scoreMetrics } from '../../../src/probe/metrics/score.ts';
import { oneHotCorrelation, pairwiseAuroc, steppedPrecision } from './brute-force.ts';

interface Answers {
  readonly k: number;
  readonly labels: Int32Array;
  readonly probabilities: Float32Array;
}

/** Few distinct probabilities, so that ties are common; classes may be absent; one cell is allowed. */
const answers = fc.integer({ min: 2, max: 5 }).chain((k) =>
  fc
    .array(
      fc.record({
        label: fc.integer({ min: 0, max: k - 1 }),
        parts: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: k, maxLength: k }),
      }),
      { minLength: 1, maxLength: 30 },
    )
    .map((cells): Answers => {
      const probabilities = new Float32Array(cells.length * k);
      for (const [i, { parts }] of cells.entries()) {
        const sum = parts.reduce((a, b) => a + b, 0);
        for (const [c, part] of parts.entries()) probabilities[i * k + c] = sum === 0 ? 1 / k : part / sum;
      }
      return { k, labels: Int32Array.from(cells, ({ label }) => label), probabilities };
    }),
);

const column = ({ labels, probabilities, k }: Answers, c: number) => ({
  positive: Array.from(labels, (label) => label === c),
  scores: Array.from(labels, (_, i) => probabilities[i * k + c]),
});

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Equal within rounding, or both NaN. */
function expectClose(actual: number, expected: number, what: string): void {
  if (Number.isNaN(expected)) expect(actual, what).toBeNaN();
  else expect(Math.abs(actual - expected), `${what}: ${actual} for ${expected}`).toBeLessThanOrEqual(1e-12);
}

describe('scoreMetrics', () => {
  it('is what the definitions say, with ties, absent classes and single cells', () => {
    fc.assert(
      fc.property(answers, (drawn) => {
        const { k, labels, probabilities } = drawn;
        const metrics = scoreMetrics(labels, probabilities, k);
        const rows = Array.from(labels, (_, i) => Array.from(probabilities.subarray(i * k, (i + 1) * k)));
        const predicted = rows.map((row) => row.indexOf(Math.max(...row)));
        const present = [...new Set(labels)];
        const named = [...new Set([...labels, ...predicted])];
        const f1 = (c: number) => {
          const right = predicted.filter((p, i) => p === c && labels[i] === c).length;
          const precision = right / predicted.filter((p) => p === c).length || 0;
          const recall = right / labels.filter((label) => label === c).length || 0;
          return (2 * precision * recall) / (precision + recall) || 0;
        };
        const recall = (c: number) =>
          mean(predicted.filter((_, i) => labels[i] === c).map((p) => Number(p === c)));
        const ranked = present.length < 2 ? [] : k === 2 ? [1] : present;
        const rank = (by: typeof pairwiseAuroc) =>
          mean(ranked.map((c) => by(column(drawn, c).positive, column(drawn, c).scores)));
        const clip = (p: number) => Math.min(1 - 2 ** -23, Math.max(2 ** -23, p));
        const squares = rows.map((row, i) => row.map((p, c) => (p - Number(labels[i] === c)) ** 2));
        expectClose(metrics.accuracy, mean(predicted.map((p, i) => Number(p === labels[i]))), 'accuracy');
        expectClose(metrics.balancedAccuracy, mean(present.map(recall)), 'balanced accuracy');
        expectClose(metrics.f1Macro, mean(named.map(f1)), 'macro F1');
        expectClose(metrics.f1Weighted, mean(Array.from(labels, f1)), 'weighted F1');
        expectClose(metrics.auroc, rank(pairwiseAuroc), 'AUROC');
        expectClose(metrics.averagePrecision, rank(steppedPrecision), 'average precision');
        expectClose(metrics.mcc, oneHotCorrelation([...labels], predicted, k), 'MCC');
        expectClose(
          metrics.logLoss,
          mean(rows.map((row, i) => -Math.log(clip(row[labels[i]]) / mean(row.map(clip)) / k))),
          'log loss',
        );
        expectClose(
          metrics.brier,
          mean(squares.map((row) => (k === 2 ? row[1] : row.reduce((a, b) => a + b, 0)))),
          'Brier',
        );
      }),
    );
  });

  it('gives what scikit-learn’s manual gives', () => {
    const constant = scoreMetrics(Int32Array.of(0, 1, 1), new Float32Array(6).fill(0.5), 2);
    expect(constant.auroc).toBe(0.5);
    expect(constant.averagePrecision).toBeCloseTo(2 / 3, 12);
    expect(constant.mcc).toBe(0);
    const manual = scoreMetrics(
      Int32Array.of(0, 0, 1, 1),
      Float32Array.of(0.9, 0.1, 0.6, 0.4, 0.65, 0.35, 0.2, 0.8),
      2,
    );
    expect(manual.auroc).toBe(0.75);
    expect(manual.averagePrecision).toBeCloseTo(0.8333333333, 9);
  });

  it('ranks nothing where one class is recorded, and still says the rest', () => {
    const metrics = scoreMetrics(Int32Array.of(1, 1), Float32Array.of(0.25, 0.75, 0.5, 0.5), 2);
    expect(metrics.auroc).toBeNaN();
    expect(metrics.averagePrecision).toBeNaN();
    expect(metrics.accuracy).toBe(0.5);
    expect(metrics.logLoss).toBeCloseTo(-(Math.log(0.75) + Math.log(0.5)) / 2, 6);
  });

  it('keeps a log loss finite where a class was given 0', () => {
    const { logLoss } = scoreMetrics(Int32Array.of(0), Float32Array.of(0, 1), 2);
    expect(logLoss).toBeCloseTo(-Math.log(2 ** -23), 5);
  });

  it('refuses answers that are none', () => {
    expect(() => scoreMetrics(Int32Array.of(0), Float32Array.of(Number.NaN, 1), 2)).toThrow(RangeError);
    expect(() => scoreMetrics(Int32Array.of(-1), Float32Array.of(0, 1), 2)).toThrow(RangeError);
    expect(() => scoreMetrics(Int32Array.of(0), Float32Array.of(0, 1, 0), 2)).toThrow(RangeError);
  });
});

describe('classMetrics', () => {
  it('ranks each class against the rest', () => {
    fc.assert(
      fc.property(answers, (drawn) => {
        const names = Array.from({ length: drawn.k }, (_, c) => `class ${c}`);
        const all = classMetrics(drawn.labels, drawn.probabilities, names);
        expect(all.map(({ name }) => name)).toEqual(names);
        for (const [c, one] of all.entries()) {
          const { positive, scores } = column(drawn, c);
          expectClose(one.auroc, pairwiseAuroc(positive, scores), 'AUROC');
          expectClose(one.averagePrecision, steppedPrecision(positive, scores), 'average precision');
          expect(one.n).toBe(positive.filter(Boolean).length);
        }
      }),
    );
  });
});

describe('argmaxRows and confusionMatrix', () => {
  it('take the first of equals and count recorded × predicted', () => {
    const predicted = argmaxRows(Float32Array.of(0.5, 0.5, 0.2, 0.8, Number.NaN, 1), 2);
    expect([...predicted]).toEqual([0, 1, -1]);
    expect([...confusionMatrix(Int32Array.of(1, 1, 0), predicted, 2)]).toEqual([0, 0, 1, 1]);
  });
});
