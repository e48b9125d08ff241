import type { TrainConfig } from '../train/config.ts';
import type { PackageFile } from '../train/package-files.ts';
import type { TrainingCells, TrainingEstimate, TrainingEvent, TrainingSummary } from '../train/types.ts';
import type { JobOptions, ModelLocation } from './services.ts';

/** What is trained, on what, from where. */
export interface TrainRequest {
  readonly config: TrainConfig;
  /** Of the base package, whether its weights or its vocabulary alone are taken. */
  readonly model: ModelLocation;
  /** From `gatherTrainingCells` (src/run/training-cells.ts). */
  readonly cells: TrainingCells;
  /** What was found of the cells before: duplicates. For the user and for the model's card. */
  readonly notices?: readonly string[];
  /** Goes on from the stored checkpoint of the same configuration and cells, where there is one. */
  readonly resume: boolean;
}

export interface TrainJobOptions extends JobOptions {
  readonly onEvent?: (event: TrainingEvent) => void;
  /** How to make the model again, for its card; absent = it was made in the page. */
  readonly command?: string;
}

/** What a training leaves: the package as files (to download, to store, to load), and how it went. */
export interface TrainedModel {
  readonly name: string;
  readonly files: readonly PackageFile[];
  readonly summary: TrainingSummary;
}

/** A run that has a checkpoint and was not ended: after a reload, or a lost GPU. */
export interface UnfinishedRun {
  readonly key: string;
  readonly config: TrainConfig;
  readonly step: number;
  readonly steps: number;
  readonly bytes: number;
}

/** Training behind the page and the command line: in a worker of its own, or called directly. */
export interface TrainService {
  /** Memory, steps and time before the start. @throws TrainError, ModelError, RunError */
  estimate(
    request: Omit<TrainRequest, 'resume' | 'notices'> & {
      /** Of a forward pass, as LoadedModel has it. */
      readonly tokensPerSecond: number | null;
    },
    options: JobOptions,
  ): Promise<TrainingEstimate>;
  /**
   * Trains, opens the test set once and makes the package. A cancel by signal keeps the last checkpoint and
   * rejects; `stop` ends after the step at hand and goes on to test and package.
   * @throws TrainError, ModelError, RunError, EngineLostError where the device was lost three times without a step between
   */
  train(request: TrainRequest, options: TrainJobOptions): Promise<TrainedModel>;
  /** Holds the run between two steps, or lets it go on. */
  pause(paused: boolean): Promise<void>;
  /** Ends the run as early stopping would. */
  stop(): Promise<void>;
  /** Runs that can be resumed. */
  unfinished(): Promise<readonly UnfinishedRun[]>;
  /** Deletes the checkpoint of a run. */
  discard(key: string): Promise<void>;
}
