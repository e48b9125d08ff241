import { describe, expect, it } from 'vitest';
import { fitLogistic } from '../../../src/probe/logistic/fit.ts';
import { nodeRuntime } from '../../engine/wasm/node-runtime.ts';
import { largestDifference, randomProblem } from './support.ts';

/** Just enough for the WebAssembly runtime to be taken. */
const problem = randomProblem(4200, 600, 4, 61);

describe('fitLogistic and its surroundings', () => {
  it('fits alike in the runtime and in float64, with the curvature known halfway', async () => {
    const taken: string[] = [];
    const options = { c: 0.01, onBackEnd: (name: string) => taken.push(name) };
    const fast = await fitLogistic(problem, { ...options, environment: { wasm: nodeRuntime } });
    const exact = await fitLogistic(problem, options);
    expect(taken).toEqual(['wasm', 'float64']);
    expect(fast.converged && exact.converged).toBe(true);
    expect(largestDifference(fast.coefficients, exact.coefficients)).toBeLessThanOrEqual(1e-3);
    expect(largestDifference(fast.intercepts, exact.intercepts)).toBeLessThanOrEqual(1e-3);
  });

  it('goes on in float64 where the runtime does not load', async () => {
    const taken: string[] = [];
    const small = { ...problem, rows: problem.rows.slice(0, 4200) };
    const importRuntime = () => Promise.reject(new Error('no such file'));
    const controller = new AbortController();
    const fit = fitLogistic(small, {
      c: 0.01,
      signal: controller.signal,
      environment: { wasm: { importRuntime } },
      onBackEnd: (name) => taken.push(name),
      onIteration: () => controller.abort(new DOMException('seen enough', 'AbortError')),
    });
    await expect(fit).rejects.toThrow('seen enough');
    expect(taken).toEqual(['wasm', 'float64']);
  });

  it('stops within the runtime when asked', async () => {
    const controller = new AbortController();
    const taken: string[] = [];
    const fit = fitLogistic(problem, {
      c: 0.01,
      signal: controller.signal,
      environment: { wasm: nodeRuntime },
      onBackEnd: (name) => taken.push(name),
      onIteration: (n) => n === 2 && controller.abort(new DOMException('enough', 'AbortError')),
    });
    await expect(fit).rejects.toThrow('enough');
    expect(taken).toEqual(['wasm']);
  });
});
