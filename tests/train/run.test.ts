import { describe, expect, it } from 'vitest';
import { createReferenceTrainer } from '../../src/engine/reference/training/trainer.ts';
import type { Trainer } from '../../src/engine/trainer.ts';
import { memorySource } from '../../src/model/memory-source.ts';
import { type Checkpoint, checkOwner, readCheckpoint, writeCheckpoint } from '../../src/train/checkpoint.ts';
import type { TrainConfig } from '../../src/train/config.ts';
import { TrainingControls } from '../../src/train/controls.ts';
import { planDonorSets } from '../../src/train/donor-sets.ts';
import { resumeRun, TrainingRun } from '../../src/train/run.ts';
import { lossWeights, type TrainingTask } from '../../src/train/task.ts';
import type { TrainingEvent } from '../../src/train/types.ts';
import { StubTrainer, tinyCells, tinyModel, tinyTrainConfig } from './support.ts';

function taskOf(changes: Partial<TrainConfig> = {}, cells = tinyCells(60, 10)): TrainingTask {
  const config = tinyTrainConfig(changes);
  const model = tinyModel();
  return {
    config,
    model,
    weights: lossWeights(config.objective),
    cells,
    labels: cells.labels,
    sets: planDonorSets(cells, config),
  };
}

function optionsOf({ config, weights }: TrainingTask) {
  const { trainable, checkpointing, dropout } = config;
  return { trainable, weights, checkpointing, dropout };
}

const stub = (task: TrainingTask) => new StubTrainer(task.model.config, optionsOf(task));

function reference(task: TrainingTask): Promise<Trainer> {
  const { config, vocabulary, weights } = task.model;
  const ids = vocabulary.annotationIds(Object.keys(config.annotations));
  return createReferenceTrainer(config, weights, ids, optionsOf(task));
}

const losses = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'step' ? [event.losses.total] : event.kind === 'validation' ? [-event.losses.total] : [],
  );

describe('a run', () => {
  it('makes all steps, validates at the start and after each epoch, and tells all of it in order', async () => {
    const task = taskOf();
    const trainer = stub(task);
    const events: TrainingEvent[] = [];
    const run = new TrainingRun(task, trainer, (event) => events.push(event));
    await run.run(new TrainingControls(), undefined);
    expect(run.end?.kind).toBe('all-epochs');
    expect(run.steps).toBe(3 * run.stepsPerEpoch);
    const order = events.map(({ kind }) => kind);
    const epoch = [...Array(run.stepsPerEpoch).fill('step'), 'validation'];
    expect(order).toEqual(['validation', ...epoch, ...epoch, ...epoch]);
    const perEpoch = trainer.seen.slice(0, run.stepsPerEpoch).reduce((sum, { cells }) => sum + cells, 0);
    expect(perEpoch).toBe(task.sets.train.length);
    expect(new Set(trainer.seen.map(({ seed }) => seed)).size).toBe(run.steps);
  });

  it('ends early, and puts back the weights of the best validation', async () => {
    const task = taskOf({ epochs: 20, validation: { everySteps: 2, patience: 2, metric: 'loss' } });
    const trainer = stub(task);
    // One micro-batch or several a validation: the same loss in each.
    trainer.validationLosses = [3];
    const run = new TrainingRun(task, trainer, (event) => {
      if (event.kind === 'validation') trainer.validationLosses = [[3, 2, 1, 5, 5][event.step / 2 + 1] ?? 5];
    });
    let best = Number.NaN;
    while (run.end === null) {
      await run.advance();
      if (run.best?.step === trainer.steps) best = trainer.weights;
    }
    expect(run.end.kind).toBe('early');
    expect(run.best?.step).toBe(4);
    expect(run.step).toBe(8);
    await run.finish();
    expect(trainer.weights).toBe(Math.fround(best));
  });

  it('stops at a loss that is no number and falls back to what was good', async () => {
    const task = taskOf({ split: { kind: 'automatic', validation: 0, test: 0.2 } });
    expect(task.sets.validation.length).toBe(0);
    const trainer = stub(task);
    trainer.failsAt = 5;
    const run = new TrainingRun(task, trainer, () => undefined);
    for (let i = 0; i < 3; i++) await run.advance();
    const good = (await run.snapshot()).trainer.weights[0].data[0];
    await run.run(new TrainingControls(), undefined);
    expect(run.end?.kind).toBe('not-finite');
    expect(run.end?.reason).toMatch(/learning rate .* may be too high/);
    await run.finish();
    expect(trainer.weights).toBe(good);
  });

  it('has nothing to keep where the first step already fails', async () => {
    const task = taskOf({ split: { kind: 'automatic', validation: 0, test: 0.2 } });
    const trainer = stub(task);
    trainer.failsAt = 0;
    const run = new TrainingRun(task, trainer, () => undefined);
    await run.run(new TrainingControls(), undefined);
    await expect(run.finish()).rejects.toMatchObject({ code: 'not-finite' });
  });

  it('keeps no weights that gave no number, where there is no checkpoint to go back to', async () => {
    const task = taskOf({ split: { kind: 'automatic', validation: 0, test: 0.2 } });
    const trainer = stub(task);
    trainer.failsAt = 3;
    const run = new TrainingRun(task, trainer, () => undefined);
    await run.run(new TrainingControls(), undefined);
    expect(run.step).toBe(3);
    await expect(run.finish()).rejects.toMatchObject({ code: 'not-finite' });
  });

  it('waits where it is paused, ends where it is stopped, rejects where it is cancelled', async () => {
    const task = taskOf();
    const controls = new TrainingControls();
    const kinds: string[] = [];
    const run = new TrainingRun(task, stub(task), ({ kind }) => {
      kinds.push(kind);
      if (kind === 'paused') setTimeout(() => controls.pause(false), 1);
      if (kind === 'resumed') controls.stop();
    });
    await run.advance();
    await run.advance();
    controls.pause(true);
    await run.run(controls, undefined);
    expect(run.end?.kind).toBe('stopped');
    expect(run.step).toBe(1);
    expect(kinds).toEqual(['validation', 'step', 'paused', 'resumed', 'validation']);

    const controller = new AbortController();
    const other = new TrainingRun(task, stub(task), ({ kind }) => kind === 'step' && controller.abort());
    await expect(other.run(new TrainingControls(), controller.signal)).rejects.toThrow();
    const paused = new TrainingControls();
    paused.pause(true);
    const late = new AbortController();
    const third = new TrainingRun(task, stub(task), ({ kind }) => kind === 'paused' && late.abort());
    await expect(third.run(paused, late.signal)).rejects.toThrow();
  });

  it('with a stub resumes to the very same curve, from any step', async () => {
    const task = taskOf({ epochs: 2 });
    const whole: TrainingEvent[] = [];
    const trainer = stub(task);
    const run = new TrainingRun(task, trainer, (event) => whole.push(event));
    const checkpoints: Checkpoint[] = [];
    await run.run(new TrainingControls(), undefined, async () => void checkpoints.push(await run.snapshot()));
    for (const checkpoint of checkpoints.slice(0, -1)) {
      const rest: TrainingEvent[] = [];
      const again = stub(task);
      const resumed = await resumeRun(task, again, (event) => rest.push(event), checkpoint);
      await resumed.run(new TrainingControls(), undefined);
      expect(losses(rest)).toEqual(losses(whole).slice(-losses(rest).length));
      expect(resumed.progress.history.map(({ losses }) => losses)).toEqual(
        run.progress.history.map(({ losses }) => losses),
      );
      expect(again.seen).toEqual(trainer.seen.slice(-again.seen.length));
    }
  });
});

describe('a run of the reference trainer', () => {
  it('learns, and resumes from a file to the same losses as an uninterrupted run', async () => {
    const task = taskOf({ epochs: 6, trainable: { kind: 'all' } });
    const whole: TrainingEvent[] = [];
    const run = new TrainingRun(task, await reference(task), (event) => whole.push(event));
    let file = new Uint8Array();
    const owner = { config: task.config, modelSha256: 'ab', cells: 'cd' };
    await run.run(new TrainingControls(), undefined, async () => {
      if (run.step === 11) file = writeCheckpoint(await run.snapshot(), owner);
    });
    const read = await readCheckpoint(memorySource(file));
    checkOwner(read.owner, owner);
    const rest: TrainingEvent[] = [];
    const resumed = await resumeRun(
      task,
      await reference(task),
      (event) => rest.push(event),
      read.checkpoint,
    );
    expect(resumed.step).toBe(11);
    await resumed.run(new TrainingControls(), undefined);
    const [expected, found] = [losses(whole).slice(-losses(rest).length), losses(rest)];
    expect(found.length).toBeGreaterThan(run.steps - 12);
    found.forEach((loss, i) => {
      expect(Math.abs(loss - expected[i]) <= 1e-5 * Math.max(1, Math.abs(expected[i]))).toBe(true);
    });
    const validations = whole.flatMap((event) => (event.kind === 'validation' ? [event] : []));
    expect(run.best?.losses.total ?? Number.NaN).toBeLessThan(validations[0].losses.total);
    expect(resumed.best?.step).toBe(run.best?.step);
  });
});

describe('a checkpoint', () => {
  it('comes back as it was written, and names what it is not of', async () => {
    const task = taskOf();
    const run = new TrainingRun(task, stub(task), () => undefined);
    for (let i = 0; i < 4; i++) await run.advance();
    const checkpoint = await run.snapshot();
    const owner = { config: task.config, modelSha256: 'ab', cells: 'cd' };
    const read = await readCheckpoint(memorySource(writeCheckpoint(checkpoint, owner)));
    expect(read.checkpoint).toEqual(checkpoint);
    expect(read.owner).toEqual(owner);
    const refused = (changes: object) => {
      try {
        checkOwner(read.owner, { ...owner, ...changes });
      } catch (error) {
        return (error as { subject: string }).subject;
      }
      return null;
    };
    expect(refused({})).toBe(null);
    expect(refused({ cells: 'x' })).toMatch(/other cells/);
    expect(refused({ modelSha256: 'x' })).toMatch(/base model/);
    expect(refused({ config: { ...task.config, seed: 8 } })).toMatch(/configuration/);
  });

  it('that is damaged or another file is refused', async () => {
    const task = taskOf();
    const run = new TrainingRun(task, stub(task), () => undefined);
    await run.advance();
    const owner = { config: task.config, modelSha256: 'ab', cells: 'cd' };
    const bytes = writeCheckpoint(await run.snapshot(), owner);
    for (const bad of [bytes.subarray(0, 40), new Uint8Array(200), bytes.slice(0, -1)]) {
      await expect(readCheckpoint(memorySource(bad))).rejects.toMatchObject({ code: 'checkpoint-invalid' });
    }
  });
});
