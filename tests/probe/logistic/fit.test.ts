import { describe, expect, it } from 'vitest';
import { fitLogistic, type LogisticProblem } from '../../../src/probe/logistic/fit.ts';
import { predictProbabilities } from '../../../src/probe/logistic/predict.ts';
import { largestDifference, randomProblem } from './support.ts';

const predictAll = async (problem: LogisticProblem, c = 1) => {
  const model = await fitLogistic(problem, { c });
  return { model, probabilities: predictProbabilities(model, problem.features, problem.rows) };
};

describe('fitLogistic', () => {
  it.each([2, 3, 5])('stands at the optimum for %i classes: every derivative vanishes', async (k) => {
    const problem = randomProblem(90, 7, k, 41 + k);
    const { features, rows, labels, dimension: d, scaler } = problem;
    const { model, probabilities } = await predictAll(problem, 0.3);
    expect(model.converged).toBe(true);
    expect(model.intercepts).toHaveLength(k === 2 ? 1 : k);
    for (let c = k === 2 ? 1 : 0; c < k; c++) {
      const row = k === 2 ? 0 : c;
      const residuals = Float64Array.from(
        rows,
        (cell) => probabilities[cell * k + c] - Number(labels[cell] === c),
      );
      // Unpenalised intercepts: predicted frequencies are those observed.
      expect(Math.abs(residuals.reduce((a, b) => a + b, 0))).toBeLessThanOrEqual(1e-4);
      for (let j = 0; j < d; j++) {
        let slope = model.coefficients[row * d + j] / 0.3;
        for (const cell of rows)
          slope += (residuals[cell] * (features[cell * d + j] - scaler.mean[j])) / scaler.scale[j];
        expect(Math.abs(slope)).toBeLessThanOrEqual(1e-4);
      }
    }
  });

  it('takes a weight of 2 for the cell twice, and 0 for no cell', async () => {
    const problem = randomProblem(60, 4, 3, 51);
    const weights = Float64Array.from(problem.rows, (_, i) => i % 3);
    const twice = Uint32Array.from([...problem.rows].flatMap((row, i) => Array<number>(i % 3).fill(row)));
    const weighted = await fitLogistic({ ...problem, weights }, { c: 1 });
    const repeated = await fitLogistic({ ...problem, rows: twice }, { c: 1 });
    expect(largestDifference(weighted.coefficients, repeated.coefficients)).toBeLessThanOrEqual(1e-4);
    expect(largestDifference(weighted.intercepts, repeated.intercepts)).toBeLessThanOrEqual(1e-4);
  });

  it('gives a class without training cells probability 0, and the others what they get without it', async () => {
    const problem = randomProblem(80, 5, 3, 52);
    const four = { ...problem, classes: 4, labels: problem.labels.map((label) => (label === 2 ? 3 : label)) };
    const { probabilities: among4 } = await predictAll(four);
    const { probabilities: among3 } = await predictAll(problem);
    const without = (probabilities: Float32Array) =>
      Float32Array.from(problem.rows).map((_, i) => probabilities[4 * i + 2]);
    expect([...new Set(without(among4))]).toEqual([0]);
    expect(
      largestDifference(
        among4.filter((_, i) => i % 4 !== 2),
        among3,
      ),
    ).toBeLessThanOrEqual(1e-6);
  });

  it('fits the binomial where two of many classes are there', async () => {
    const two = randomProblem(80, 5, 2, 53);
    const many = { ...two, classes: 4, labels: two.labels.map((label) => 3 * label) };
    const { probabilities: amongMany } = await predictAll(many);
    const { probabilities } = await predictAll(two);
    expect(
      largestDifference(
        amongMany.filter((_, i) => i % 4 === 0 || i % 4 === 3),
        probabilities,
      ),
    ).toBeLessThanOrEqual(1e-6);
  });

  it.each([
    [2, 0],
    [2, 1],
    [4, 2],
  ])('of %i classes knows only class %i', async (classes, only) => {
    const drawn = randomProblem(9, 3, 2, 54);
    const { model, probabilities } = await predictAll({ ...drawn, classes, labels: drawn.labels.fill(only) });
    expect(model.converged).toBe(true);
    for (const [i, p] of probabilities.entries()) expect(p).toBe(Number(i % classes === only));
  });

  it('leaves a feature alone that does not vary', async () => {
    const problem = randomProblem(40, 3, 2, 55);
    const features = problem.features.map((value, i) => (i % 3 === 1 ? 0.1 : value));
    const { fitScaler } = await import('../../../src/probe/logistic/scaler.ts');
    const scaler = fitScaler(features, problem.rows, 3);
    expect(scaler.scale[1]).toBe(1);
    const model = await fitLogistic({ ...problem, features, scaler }, { c: 1 });
    expect(Math.abs(model.coefficients[1])).toBeLessThanOrEqual(1e-6);
  });

  it('starts from another model and is there at once', async () => {
    const problem = randomProblem(200, 9, 3, 56);
    const cold = await fitLogistic(problem, { c: 1 });
    const warm = await fitLogistic(problem, { c: 1, start: cold });
    expect(warm.iterations).toBe(0);
    expect(largestDifference(warm.coefficients, cold.coefficients)).toBe(0);
  });

  it('tells each iteration and stops when asked', async () => {
    const problem = randomProblem(300, 20, 4, 57);
    const controller = new AbortController();
    const told: number[] = [];
    const fit = fitLogistic(problem, {
      c: 1,
      signal: controller.signal,
      onIteration: (n) => {
        told.push(n);
        if (n === 3) controller.abort(new DOMException('enough', 'AbortError'));
      },
    });
    await expect(fit).rejects.toThrow('enough');
    expect(told).toEqual([1, 2, 3]);
  });

  it('refuses what is no problem', async () => {
    const problem = randomProblem(10, 3, 2, 58);
    const refused = (changes: Partial<LogisticProblem>, c = 1) =>
      expect(fitLogistic({ ...problem, ...changes }, { c })).rejects.toThrow(RangeError);
    await refused({ rows: new Uint32Array(0) });
    await refused({ labels: problem.labels.map(() => -1) });
    await refused({ dimension: 4 });
    await refused({ weights: new Float64Array(3) });
    await refused({ features: problem.features.map((value, i) => (i === 4 ? Number.NaN : value)) });
    await refused({}, 0);
  });
});

describe('predictProbabilities', () => {
  it('answers NaN for a cell with a feature that is none, and only there', async () => {
    const problem = randomProblem(12, 3, 3, 59);
    const { model } = await predictAll(problem);
    const features = problem.features.slice();
    features[3 * 5 + 1] = Number.NaN;
    const answers = predictProbabilities(model, features, Uint32Array.of(4, 5, 6));
    expect([...answers].map(Number.isNaN)).toEqual([0, 1, 2].flatMap((i) => Array<boolean>(3).fill(i === 1)));
  });
});
