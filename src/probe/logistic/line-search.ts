import type { Objective } from './lbfgs.ts';
import { dot } from './vectors.ts';

/** A point with what the objective says there. */
export interface Point {
  readonly parameters: Float64Array<ArrayBuffer>;
  readonly gradient: Float64Array<ArrayBuffer>;
  readonly value: number;
}

/** Of the slope at the start, what may be left. */
const CURVATURE = 0.9;
/** Of the decrease the slope promises, what must be reached. */
const DECREASE = 1e-4;
/** The same where values are equal within rounding and only slopes can tell. */
const APPROXIMATE_DECREASE = 0.1;
const MOST_TRIES = 30;

/**
 * A step along `direction` that satisfies the Wolfe conditions, or near the minimum, where values differ by
 * rounding only, the approximate ones on slopes (Hager & Zhang 2005, §2). Slopes bracket the step: the
 * function is convex. Null where no such step is found.
 */
export async function lineSearch(
  objective: Objective,
  from: Point,
  direction: Float64Array,
): Promise<Point | null> {
  const slope = dot(from.gradient, direction);
  if (!(slope < 0)) return null;
  const rounding = objective.noise * Math.abs(from.value);
  let low: Trial = { step: 0, slope };
  let high: Trial | null = null;
  let step = 1;
  let halve = true;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const parameters = from.parameters.map((value, i) => value + step * direction[i]);
    const gradient = new Float64Array(parameters.length);
    const value = await objective.evaluate(parameters, gradient);
    const here = dot(gradient, direction);
    // A value that is not finite is uphill too.
    const uphill = !(value <= from.value + rounding);
    const lower =
      value <= from.value + DECREASE * step * slope ||
      (!uphill && here <= -(1 - 2 * APPROXIMATE_DECREASE) * slope);
    if (lower && here >= CURVATURE * slope) return { parameters, gradient, value };
    if (lower || (!uphill && here < 0)) low = { step, slope: here };
    else high = { step, slope: here };
    halve = uphill || !halve;
    step = high === null ? beyond(low, slope) : between(low, high, halve);
  }
  return null;
}

interface Trial {
  readonly step: number;
  readonly slope: number;
}

/** Where the slope, drawn on, would vanish: at least twice, at most ten times as far. */
function beyond({ step, slope }: Trial, first: number): number {
  const zero = (step * first) / (first - slope);
  return Number.isFinite(zero) && zero > 0 ? Math.min(10 * step, Math.max(2 * step, zero)) : 10 * step;
}

/**
 * Where the slope between the two vanishes, kept off the ends; their middle where it does not,
 * after a step uphill, and every other time: the secant alone may creep up on one end.
 */
function between(low: Trial, high: Trial, halve: boolean): number {
  const width = high.step - low.step;
  const share = low.slope / (low.slope - high.slope);
  const inside =
    !halve && Number.isFinite(share) && high.slope > 0 ? Math.min(0.9, Math.max(0.1, share)) : 0.5;
  return low.step + inside * width;
}
