import type { Engine } from '../engine/engine.ts';
import type { ModelPackage } from '../model/package.ts';
import type { FitEnvironment } from '../probe/logistic/back-ends.ts';
import type { KeptRecords } from '../store/kept-records.ts';
import {
  type Checkpoint,
  type CheckpointOwner,
  checkOwner,
  readCheckpoint,
  writeCheckpoint,
} from '../train/checkpoint.ts';
import type { TrainingTask } from '../train/task.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { lineOf } from './messages.ts';
import type { OpenSource } from './model-opener.ts';
import type { TrainJobOptions } from './train-service.ts';
import type { TrainerFactory } from './trainer-factory.ts';

/** How a train service reaches models and devices: the page's worker and Node differ in nothing else. */
export interface TrainEnvironment {
  readonly openSource: OpenSource;
  readonly createTrainer: TrainerFactory;
  /** For embeddings of the base model and of the new one. */
  readonly createEngine: (pkg: Pick<ModelPackage, 'config' | 'vocabulary' | 'weights'>) => Promise<Engine>;
  readonly checkpoints: CheckpointStore;
  /** Where it is remembered how often test donors were opened. */
  readonly openings: KeptRecords;
  /** What large fits of the linear probe run on. */
  readonly fits: FitEnvironment;
  /** Bytes that this process may still take; null = nobody knows. */
  readonly freeMemory: () => number | null;
  /** Whether what is on the device is in this machine's memory too: a software adapter. @throws GpuUnavailableError */
  readonly sharesMemory: () => Promise<boolean>;
  /** Seconds between two checkpoints, about. */
  readonly checkpointSeconds: number;
}

/** A training under way: what its parts share, what was said, and its checkpoint in the store. */
export class TrainingWork {
  readonly notices: string[] = [];

  /** @param key of its checkpoint */
  constructor(
    readonly task: TrainingTask,
    readonly base: ModelPackage,
    readonly environment: TrainEnvironment,
    readonly options: TrainJobOptions,
    private readonly owner: CheckpointOwner,
    private readonly key: string,
  ) {
    for (const sentence of task.sets.notices) this.say(sentence);
  }

  /** A sentence for the user and for the model's card, once. */
  say(sentence: string): void {
    if (this.notices.includes(sentence)) return;
    this.notices.push(sentence);
    this.options.onEvent?.({ kind: 'notice', sentence });
  }

  /** The stored checkpoint; null = there is none. @throws TrainError 'checkpoint-invalid', 'checkpoint-other' */
  async stored(): Promise<Checkpoint | null> {
    const source = await this.environment.checkpoints.open(this.key);
    if (source === null) return null;
    const { checkpoint, owner } = await readCheckpoint(source);
    checkOwner(owner, this.owner);
    return checkpoint;
  }

  /** A full disk, or too little memory for the file, must not end a run: it goes on, and says that it could not be resumed. */
  async keep(checkpoint: Checkpoint): Promise<void> {
    try {
      const bytes = writeCheckpoint(checkpoint, this.owner);
      await this.environment.checkpoints.write(this.key, bytes);
      this.options.onEvent?.({ kind: 'checkpoint', step: checkpoint.progress.step, bytes: bytes.length });
    } catch (error) {
      this.say(`The checkpoint could not be stored (${lineOf(error)}): after a reload the run starts anew.`);
    }
  }

  async discard(): Promise<void> {
    await this.environment.checkpoints.remove(this.key);
  }
}
