import { Pacer } from '../../analysis/pacer.ts';
import type { SoftmaxData, SoftmaxLoss } from '../../engine/softmax-loss.ts';
import {
  type BackEnd,
  backEndsFor,
  type FitEnvironment,
  openLoss,
  PRECISION,
  type Precision,
} from './back-ends.ts';
import { type Minimum, minimise, type Objective } from './lbfgs.ts';
import { curvaturePreconditioner } from './preconditioner.ts';
import {
  type LogisticModel,
  type LogisticProblem,
  presentClasses,
  softmaxData,
  startParameters,
  toModel,
} from './problem.ts';

export type { LogisticModel, LogisticProblem } from './problem.ts';

export interface FitOptions {
  /** Inverse strength of L2, as scikit-learn's C. */
  readonly c: number;
  readonly signal?: AbortSignal | undefined;
  /** Start from here instead of zeros: a model of the same classes and features. */
  readonly start?: LogisticModel | undefined;
  readonly onIteration?: ((n: number) => void) | undefined;
  /** What it may run on; default: this thread, in float64. */
  readonly environment?: FitEnvironment | undefined;
  /** Told which one is taken, and again where it failed and the next one is. */
  readonly onBackEnd?: ((backEnd: BackEnd) => void) | undefined;
}

const MAX_ITERATIONS = 1000;

/**
 * Logistic regression with L2 on standardised features, as scikit-learn 1.2.1 at its optimum: minimises
 * Σ weight · loss + ‖w‖² / (2 C), binomial for two classes, multinomial for more, intercepts unpenalised.
 * Classes without training cells get probability 0; of many classes with two present the binomial of
 * those two is fitted.
 * @throws RangeError for malformed problems and features that are not finite; the signal's reason
 */
export async function fitLogistic(problem: LogisticProblem, options: FitOptions): Promise<LogisticModel> {
  if (!(options.c > 0)) throw new RangeError(`C must be above 0, not ${options.c}`);
  const present = presentClasses(problem);
  options.signal?.throwIfAborted();
  if (present.length === 1)
    return toModel(problem, present, new Float64Array(0), { iterations: 0, converged: true });
  const data = softmaxData(problem, present);
  const environment = options.environment ?? {};
  const there = { webgpu: environment.gpu !== undefined, wasm: environment.wasm !== undefined };
  const start = startParameters(data, present, options.start);
  let failure: unknown;
  for (const backEnd of backEndsFor(data, there)) {
    try {
      options.onBackEnd?.(backEnd);
      const minimum = await fitOn(backEnd, data, start, options);
      return toModel(problem, present, minimum.parameters, minimum);
    } catch (error) {
      if (options.signal?.aborted || error instanceof RangeError) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** The fit on one back end. @throws what the back end throws when it is not there, lost or full */
async function fitOn(
  backEnd: BackEnd,
  data: SoftmaxData,
  start: Float64Array,
  options: FitOptions,
): Promise<Minimum> {
  const pacer = new Pacer(options.signal);
  const pause = () => pacer.pause();
  const loss = await openLoss(backEnd, data, options.environment ?? {}, pause);
  try {
    return await minimiseLoss(loss, PRECISION[backEnd], data, start, options);
  } finally {
    loss.destroy();
  }
}

/** The penalised loss minimised from `start`, parameters [m, d + 1]. @throws RangeError where it is not finite */
export async function minimiseLoss(
  loss: SoftmaxLoss,
  { noise, tolerance }: Precision,
  data: SoftmaxData,
  start: Float64Array,
  { c, signal, onIteration }: FitOptions,
): Promise<Minimum> {
  const pacer = new Pacer(signal);
  const pause = () => pacer.pause();
  const objective: Objective = {
    noise,
    async evaluate(parameters, gradient) {
      const value = await loss.evaluate(parameters, gradient, pause);
      return value + addPenalty(parameters, gradient, data.dimension, c);
    },
  };
  const minimum = await minimise(objective, start, {
    gradientTolerance: tolerance * data.weights.reduce((sum, weight) => sum + weight, 0),
    maxIterations: MAX_ITERATIONS,
    async onIteration(iteration) {
      onIteration?.(iteration);
      await pause();
    },
    preconditioner: (parameters) => curvaturePreconditioner(data, c, parameters, pause),
  });
  if (!Number.isFinite(minimum.value)) throw new RangeError('features or weights are not finite');
  return minimum;
}

/** ‖w‖² / (2 C) without the intercepts; its gradient is added. */
function addPenalty(parameters: Float64Array, gradient: Float64Array, d: number, c: number): number {
  let squares = 0;
  for (let start = 0; start < parameters.length; start += d + 1) {
    for (let i = start; i < start + d; i++) {
      squares += parameters[i] ** 2;
      gradient[i] += parameters[i] / c;
    }
  }
  return squares / (2 * c);
}
