import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/analysis/random.ts';
import { choleskyInPlace, choleskySolve } from '../../../src/probe/logistic/cholesky.ts';
import { minimise, type Objective } from '../../../src/probe/logistic/lbfgs.ts';

const turn = async () => {};

/** Σ xᵀ A x / 2 − bᵀ x with A = Mᵀ M + ridge. */
function quadratic(d: number, ridge: number, seed: number) {
  const random = new Random(seed);
  const root = Float64Array.from({ length: d * d }, () => 2 * random.uniform() - 1);
  const matrix = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) {
      for (let l = 0; l < d; l++) matrix[i * d + j] += root[l * d + i] * root[l * d + j];
      if (i === j) matrix[i * d + j] += ridge;
    }
  const right = Float64Array.from({ length: d }, () => 2 * random.uniform() - 1);
  const times = (x: Float64Array) =>
    Float64Array.from(x, (_, i) => x.reduce((sum, value, j) => sum + matrix[i * d + j] * value, 0));
  return { matrix, right, times };
}

function objectiveOf({ right, times }: ReturnType<typeof quadratic>, noise = 1e-14) {
  let evaluations = 0;
  const objective: Objective = {
    noise,
    async evaluate(x, gradient) {
      evaluations++;
      const product = times(x);
      gradient.set(product.map((value, i) => value - right[i]));
      return x.reduce((sum, value, i) => sum + value * (product[i] / 2 - right[i]), 0);
    },
  };
  return { objective, count: () => evaluations };
}

describe('choleskyInPlace and choleskySolve', () => {
  it('solve what was multiplied', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.nat(), async (d, seed) => {
        const { matrix, right, times } = quadratic(d, 0.1, seed);
        const factor = Float64Array.from(matrix);
        await choleskyInPlace(factor, d, turn);
        const solution = Float64Array.from(right);
        choleskySolve(factor, d, solution);
        for (const [i, value] of times(solution).entries())
          expect(Math.abs(value - right[i])).toBeLessThanOrEqual(1e-9);
      }),
    );
  });

  it('refuses a matrix that is not positive definite', async () => {
    await expect(choleskyInPlace(Float64Array.of(1, 0, 2, 1), 2, turn)).rejects.toThrow(RangeError);
    await expect(choleskyInPlace(Float64Array.of(Number.NaN), 1, turn)).rejects.toThrow(RangeError);
  });
});

describe('minimise', () => {
  const options = { gradientTolerance: 1e-8, maxIterations: 500 };

  it('finds the bottom of random quadratics', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.nat(), async (d, seed) => {
        const drawn = quadratic(d, 0.1, seed);
        const found = await minimise(objectiveOf(drawn).objective, new Float64Array(d), options);
        expect(found.converged).toBe(true);
        for (const [i, value] of drawn.times(found.parameters).entries())
          expect(Math.abs(value - drawn.right[i])).toBeLessThanOrEqual(1e-8);
      }),
      { numRuns: 40 },
    );
  });

  it('needs few steps more once it knows the curvature', async () => {
    const drawn = quadratic(80, 1e-3, 3);
    const factor = Float64Array.from(drawn.matrix);
    await choleskyInPlace(factor, 80, turn);
    const start = new Float64Array(80);
    const plain = await minimise(objectiveOf(drawn).objective, start, options);
    const helped = await minimise(objectiveOf(drawn).objective, start, {
      ...options,
      preconditioner: async () => (vector) => choleskySolve(factor, 80, vector),
    });
    expect(helped.converged).toBe(true);
    expect(helped.iterations).toBeLessThan(plain.iterations / 2);
  });

  it('comes back from steps where the function has no value', async () => {
    const objective: Objective = {
      noise: 1e-14,
      // x − log x, which is not defined below 0.
      async evaluate([x], gradient) {
        gradient[0] = x > 0 ? 1 - 1 / x : Number.NaN;
        return x > 0 ? x - Math.log(x) : Number.NaN;
      },
    };
    const found = await minimise(objective, Float64Array.of(1e-3), options);
    expect(found.converged).toBe(true);
    expect(found.parameters[0]).toBeCloseTo(1, 7);
  });

  it('gets as far as rounding lets it, and says when that was not far enough', async () => {
    const drawn = quadratic(20, 0.1, 4);
    const exact = objectiveOf(drawn).objective;
    const rounded: Objective = {
      noise: 1e-6,
      async evaluate(x, gradient) {
        const value = await exact.evaluate(x.map(Math.fround), gradient);
        gradient.set(gradient.map(Math.fround));
        return Math.fround(value);
      },
    };
    const loose = await minimise(rounded, new Float64Array(20), { ...options, gradientTolerance: 1e-5 });
    expect(loose.converged).toBe(true);
    const strict = await minimise(rounded, new Float64Array(20), { ...options, gradientTolerance: 1e-30 });
    expect(strict.converged).toBe(false);
    expect(strict.value).toBeLessThanOrEqual(loose.value + 1e-6);
  });

  it('is not converged where nothing has a value', async () => {
    const objective: Objective = {
      noise: 0,
      async evaluate(_, gradient) {
        gradient.fill(Number.NaN);
        return Number.NaN;
      },
    };
    expect((await minimise(objective, new Float64Array(3), options)).converged).toBe(false);
  });
});
