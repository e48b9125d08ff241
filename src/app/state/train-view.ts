import type { Progress } from '../../run/services.ts';
import type { TrainConfig } from '../../train/config.ts';
import type { BaselineLine, StepPoint, TrainingEvent, ValidationPoint } from '../../train/types.ts';

type Started = Extract<TrainingEvent, { kind: 'started' }>;
type Step = Extract<TrainingEvent, { kind: 'step' }>;

/** A point of the live curve. */
interface LivePoint extends StepPoint {
  readonly cellsPerSecond: number;
}

/** A training under way, as its events tell of it. */
export interface TrainView {
  readonly config: TrainConfig;
  /** Work beside the steps: reading cells, embedding for the baselines, the test; null while steps are made. */
  readonly progress: Progress | null;
  readonly started: Started | null;
  readonly latest: Step | null;
  /** Steps so far, thinned where they are many. */
  readonly points: readonly LivePoint[];
  readonly validations: readonly ValidationPoint[];
  readonly baselines: readonly BaselineLine[];
  readonly notices: readonly string[];
  readonly paused: boolean;
  /** The user has asked it to end and be tested. */
  readonly stopping: boolean;
  /** Step of the last checkpoint in this browser; null = none yet. */
  readonly checkpoint: number | null;
}

/** More points cannot be seen. */
const MOST_POINTS = 1000;

export function newTrainView(config: TrainConfig): TrainView {
  return {
    config,
    progress: null,
    started: null,
    latest: null,
    points: [],
    validations: [],
    baselines: [],
    notices: [],
    paused: false,
    stopping: false,
    checkpoint: null,
  };
}

/** The view after an event. After a lost device a run starts again from a checkpoint: what came later is dropped. */
export function withEvent(view: TrainView, event: TrainingEvent): TrainView {
  switch (event.kind) {
    case 'started':
      return {
        ...view,
        started: event,
        progress: null,
        points: view.points.filter(({ step }) => step <= event.resumedAt),
        validations: view.validations.filter(({ step }) => step <= event.resumedAt),
      };
    case 'baselines':
      return { ...view, baselines: event.lines };
    case 'step': {
      const { step, epoch, losses, gradientNorm, learningRate, cellsPerSecond } = event;
      const point = { step, epoch, losses, gradientNorm, learningRate, cellsPerSecond };
      return { ...view, progress: null, latest: event, points: thinned([...view.points, point]) };
    }
    case 'validation':
      return { ...view, validations: [...view.validations, event] };
    case 'paused':
      return { ...view, paused: true };
    case 'resumed':
      return { ...view, paused: false };
    case 'checkpoint':
      return { ...view, checkpoint: event.step };
    case 'notice':
      return { ...view, notices: [...new Set([...view.notices, event.sentence])] };
  }
}

/** Every second point where there are too many: what is dropped lies between its neighbours. */
function thinned(points: readonly LivePoint[]): readonly LivePoint[] {
  return points.length > MOST_POINTS ? points.filter((_, i) => i % 2 === 1) : points;
}
