import type { Trainer, TrainerOptions } from '../engine/trainer.ts';
import type { ModelPackage } from '../model/package.ts';
import { byName, cellByCell, namedLosses, type TrainingFixture } from './golden-training.ts';

/** Of losses and the gradients' norm relative; of each gradient relative in norm, and of each element. */
const TOLERANCE = { loss: 1e-5, norm: 1e-4, gradient: 1e-3, gradientElement: 2e-4 } as const;
/** Of each weight after three steps: within `near` but for this share of all, and none beyond `far`. */
export const WEIGHTS = { near: 1e-4, far: 1e-3, beyondNear: 1e-3 } as const;

/** How a trainer is asked to do the same step. */
export interface TrainingVariant {
  readonly checkpointing: boolean;
  /** 4: each of the four cells as a micro-batch. */
  readonly accumulation: 1 | 4;
}

/** Makes a trainer, lends it and takes it down again. */
export type WithTrainer = <T>(
  pkg: ModelPackage,
  options: TrainerOptions,
  use: (trainer: Trainer) => Promise<T>,
) => Promise<T>;

/** The largest errors of a case, and in words what is beyond its tolerance. */
export interface TrainingComparison {
  readonly loss: number;
  readonly norm: number;
  readonly gradient: number;
  readonly gradientElement: number;
  readonly weight: number;
  /** Share of the weights beyond WEIGHTS.near. */
  readonly weightsBeyond: number;
  readonly wrong: readonly string[];
}

/** Losses, gradients and weights after three steps of one trainer beside the fixture's. */
export async function compareTraining(
  fixture: TrainingFixture,
  { checkpointing, accumulation }: TrainingVariant,
  withTrainer: WithTrainer,
): Promise<TrainingComparison> {
  const { batch, settings } = fixture;
  const batches = accumulation === 1 ? [batch] : cellByCell(batch);
  const options: TrainerOptions = {
    trainable: { kind: 'all' },
    weights: fixture.weights,
    checkpointing,
    dropout: 0,
  };
  return withTrainer(fixture.package, options, async (trainer) => {
    const before = await trainer.gradients(batches, settings.seed);
    const curve: number[] = [];
    for (let step = 0; step < fixture.lossCurve.length - 1; step++)
      curve.push((await trainer.step(batches, settings)).losses.total);
    curve.push((await trainer.evaluate(batch)).losses.total);
    const wrong: string[] = [];
    const losses = namedLosses(before.losses);
    return {
      loss: Math.max(
        ...[...fixture.losses].map(([name, loss]) =>
          check(wrong, `loss ${name}`, relative(losses.get(name), loss), TOLERANCE.loss),
        ),
        ...fixture.lossCurve.map((loss, step) =>
          check(wrong, `loss after ${step} steps`, relative(curve[step], loss), TOLERANCE.loss),
        ),
      ),
      norm: check(wrong, 'gradient norm', relative(before.norm, fixture.gradientNorm), TOLERANCE.norm),
      ...compareGradients(wrong, fixture, byName(before.tensors)),
      ...compareWeights(wrong, fixture, byName(await trainer.modelWeights())),
      wrong,
    };
  });
}

function compareGradients(
  wrong: string[],
  { gradients }: TrainingFixture,
  found: ReadonlyMap<string, Float32Array>,
): Pick<TrainingComparison, 'gradient' | 'gradientElement'> {
  let gradient = 0;
  let gradientElement = 0;
  for (const [name, golden] of matched(wrong, 'gradient', gradients, found)) {
    const difference = Float64Array.from(golden.expected, (value, i) => golden.actual[i] - value);
    const element = largest(difference);
    const size = norm(golden.expected);
    // A gradient that is zero throughout has no relative error: its elements alone are judged.
    const inNorm = size === 0 ? 0 : finite(norm(difference) / size);
    gradient = Math.max(gradient, check(wrong, `gradient ${name}`, inNorm, TOLERANCE.gradient));
    gradientElement = Math.max(
      gradientElement,
      check(wrong, `an element of gradient ${name}`, element, TOLERANCE.gradientElement),
    );
  }
  return { gradient, gradientElement };
}

function compareWeights(
  wrong: string[],
  { after, package: { config }, settings }: TrainingFixture,
  found: ReadonlyMap<string, Float32Array>,
): Pick<TrainingComparison, 'weight' | 'weightsBeyond'> {
  let weight = 0;
  let beyond = 0;
  let counted = 0;
  const d = config.dModel;
  for (const [name, { actual, expected }] of matched(wrong, 'weights', after, found)) {
    const difference = Float64Array.from(expected, (value, i) => actual[i] - value);
    if (name.endsWith('in_proj_bias')) {
      // A bias of the keys moves all scores of a query alike: its true gradient is zero, and Adam turns the noise
      // of rounding into whole steps.
      const moved = largest(difference.subarray(d, 2 * d));
      check(wrong, `the keys of ${name}`, moved, 3 * settings.learningRate);
      difference.fill(0, d, 2 * d);
    }
    weight = Math.max(weight, check(wrong, name, largest(difference), WEIGHTS.far));
    beyond += difference.reduce((n, value) => n + (Math.abs(value) <= WEIGHTS.near ? 0 : 1), 0);
    counted += difference.length;
  }
  const weightsBeyond = counted === 0 ? 1 : beyond / counted;
  check(wrong, `share of weights beyond ${WEIGHTS.near}`, weightsBeyond, WEIGHTS.beyondNear);
  return { weight, weightsBeyond };
}

/** Pairs of tensors; one that only one side has, or of another size, is wrong. */
function matched(
  wrong: string[],
  what: string,
  expected: ReadonlyMap<string, Float32Array>,
  found: ReadonlyMap<string, Float32Array>,
): Map<string, { readonly actual: Float32Array; readonly expected: Float32Array }> {
  const pairs = new Map<string, { actual: Float32Array; expected: Float32Array }>();
  if (expected.size === 0) wrong.push(`${what}: the fixture has none`);
  for (const name of new Set([...expected.keys(), ...found.keys()])) {
    const pair = { actual: found.get(name), expected: expected.get(name) };
    if (pair.actual === undefined || pair.actual.length !== pair.expected?.length)
      wrong.push(
        `${what} ${name}: ${pair.actual?.length ?? 'no'} values, not ${pair.expected?.length ?? 'any'}`,
      );
    else pairs.set(name, { actual: pair.actual, expected: pair.expected });
  }
  return pairs;
}

/** Notes an error beyond its tolerance, and gives it back. */
function check(wrong: string[], what: string, error: number, tolerance: number): number {
  if (!(error <= tolerance)) wrong.push(`${what}: ${error}, more than ${tolerance}`);
  return error;
}

function finite(error: number): number {
  return Number.isFinite(error) ? error : Number.POSITIVE_INFINITY;
}

function relative(actual: number | null | undefined, expected: number): number {
  return finite(Math.abs((actual ?? Number.NaN) - expected) / Math.abs(expected));
}

function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
  return Math.sqrt(sum);
}

function largest(difference: Float64Array): number {
  return difference.reduce((most, value) => Math.max(most, finite(Math.abs(value))), 0);
}
