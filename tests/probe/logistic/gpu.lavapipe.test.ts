import { describe, expect, it } from 'vitest';
import { softmaxLossOn } from '../../../src/engine/webgpu/softmax-loss.ts';
import { PRECISION } from '../../../src/probe/logistic/back-ends.ts';
import { fitLogistic, minimiseLoss } from '../../../src/probe/logistic/fit.ts';
import {
  presentClasses,
  softmaxData,
  startParameters,
  toModel,
} from '../../../src/probe/logistic/problem.ts';
import { deviceOn } from '../../engine/webgpu/support/adapter.ts';
import { largestDifference, randomProblem } from './support.ts';

const context = await deviceOn('lavapipe');

describe('a fit on the GPU', () => {
  it.each([2, 5])('is the one in float64, %i classes', async (classes) => {
    const problem = randomProblem(1500, 21, classes, 71);
    const present = presentClasses(problem);
    const data = softmaxData(problem, present);
    const loss = await softmaxLossOn(context, data, async () => {});
    const start = startParameters(data, present, undefined);
    const minimum = await minimiseLoss(loss, PRECISION.webgpu, data, start, { c: 1 });
    loss.destroy();
    const onGpu = toModel(problem, present, minimum.parameters, minimum);
    const exact = await fitLogistic(problem, { c: 1 });
    expect(onGpu.converged && exact.converged).toBe(true);
    expect(largestDifference(onGpu.coefficients, exact.coefficients)).toBeLessThanOrEqual(1e-3);
    expect(largestDifference(onGpu.intercepts, exact.intercepts)).toBeLessThanOrEqual(1e-3);
  });
});
