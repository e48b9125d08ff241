import { lineSearch, type Point } from './line-search.ts';
import { axpy, dot, largest } from './vectors.ts';

/** A smooth convex function of many variables. */
export interface Objective {
  /** Value at `parameters`; writes the gradient. */
  evaluate(parameters: Float64Array, gradient: Float64Array): Promise<number>;
  /** Relative rounding error of a value: below it, values do not tell which point is better. */
  readonly noise: number;
}

/** Writes an approximate inverse Hessian times `vector` over it. */
export type Preconditioner = (vector: Float64Array) => void;

export interface MinimiseOptions {
  /** Converged where no element of the gradient is larger. */
  readonly gradientTolerance: number;
  readonly maxIterations: number;
  /** Called after each iteration; throws to stop. */
  readonly onIteration?: (iteration: number) => Promise<void>;
  /**
   * Asked once, after PLAIN_ITERATIONS, for the curvature there. Null = goes on without: not worth it.
   */
  readonly preconditioner?: (parameters: Float64Array) => Promise<Preconditioner | null>;
}

export interface Minimum {
  readonly parameters: Float64Array<ArrayBuffer>;
  readonly value: number;
  readonly iterations: number;
  /** False where iterations ran out or rounding ended the descent above the tolerance. */
  readonly converged: boolean;
}

/** Pairs of steps and gradient differences kept, as scikit-learn's solver keeps. */
const MEMORY = 10;
/** Easy problems are done by then; for others the curvature at this point is known well enough. */
const PLAIN_ITERATIONS = 15;

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly curvature: number;
}

/** Limited-memory BFGS (Nocedal & Wright 2006, algorithm 7.5), its first matrix a scaled preconditioner. */
export async function minimise(
  objective: Objective,
  start: Float64Array,
  options: MinimiseOptions,
): Promise<Minimum> {
  const pairs: Pair[] = [];
  let precondition: Preconditioner | null = null;
  const gradient = new Float64Array(start.length);
  let point: Point = { parameters: Float64Array.from(start), gradient, value: 0 };
  point = { ...point, value: await objective.evaluate(point.parameters, gradient) };
  let iterations = 0;
  const answer = (): Minimum => ({
    parameters: Float64Array.from(point.parameters),
    value: point.value,
    iterations,
    converged: largest(point.gradient) <= options.gradientTolerance,
  });
  while (!(largest(point.gradient) <= options.gradientTolerance) && iterations < options.maxIterations) {
    if (iterations === PLAIN_ITERATIONS)
      precondition = (await options.preconditioner?.(point.parameters)) ?? null;
    const direction = descentDirection(point.gradient, pairs, precondition);
    const next = await lineSearch(objective, point, direction);
    if (next === null) {
      // Old pairs may point wrongly once rounding dominates; steepest descent has the last word.
      if (pairs.length === 0) break;
      pairs.length = 0;
      continue;
    }
    remember(pairs, point, next);
    point = next;
    iterations++;
    await options.onIteration?.(iterations);
  }
  return answer();
}

function descentDirection(
  gradient: Float64Array,
  pairs: readonly Pair[],
  precondition: Preconditioner | null,
): Float64Array {
  const direction = gradient.map((value) => -value);
  const shares = new Float64Array(pairs.length);
  for (let i = pairs.length - 1; i >= 0; i--) {
    shares[i] = dot(pairs[i].step, direction) / pairs[i].curvature;
    axpy(-shares[i], pairs[i].change, direction);
  }
  const scale = initialScale(gradient, pairs.at(-1), precondition);
  precondition?.(direction);
  for (let i = 0; i < direction.length; i++) direction[i] *= scale;
  for (const [i, { step, change, curvature }] of pairs.entries())
    axpy(shares[i] - dot(change, direction) / curvature, step, direction);
  return direction;
}

/** sᵀy / yᵀHy of the last pair, so that a step of 1 is about right; of nothing known, a short first step. */
function initialScale(
  gradient: Float64Array,
  last: Pair | undefined,
  precondition: Preconditioner | null,
): number {
  if (last !== undefined) {
    const vector = Float64Array.from(last.change);
    precondition?.(vector);
    return last.curvature / dot(last.change, vector);
  }
  return precondition === null ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))) : 1;
}

function remember(pairs: Pair[], from: Point, to: Point): void {
  const step = to.parameters.map((value, i) => value - from.parameters[i]);
  const change = to.gradient.map((value, i) => value - from.gradient[i]);
  const curvature = dot(step, change);
  if (!(curvature > Number.EPSILON * dot(change, change))) return;
  pairs.push({ step, change, curvature });
  if (pairs.length > MEMORY) pairs.shift();
}
