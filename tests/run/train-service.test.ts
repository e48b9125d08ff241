import { describe, expect, it } from 'vitest';
import { EngineLostError } from '../../src/engine/engine.ts';
import { createReferenceEngine } from '../../src/engine/reference/engine.ts';
import type { Trainer } from '../../src/engine/trainer.ts';
import { memorySource } from '../../src/model/memory-source.ts';
import { openModelPackage } from '../../src/model/package.ts';
import { testSentences } from '../../src/report/test-sentences.ts';
import type { CheckpointStore } from '../../src/run/checkpoint-store.ts';
import { LocalTrainService } from '../../src/run/local-train-service.ts';
import type { ModelLocation } from '../../src/run/services.ts';
import type { TrainedModel } from '../../src/run/train-service.ts';
import { filesInMemory } from '../../src/run/trained-package.ts';
import { referenceTrainers } from '../../src/run/trainer-factory.ts';
import type { TrainEnvironment } from '../../src/run/training-work.ts';
import type { KeptRecords } from '../../src/store/kept-records.ts';
import type { TrainConfig } from '../../src/train/config.ts';
import { parseFineTunedRecord } from '../../src/train/fine-tuned-record.ts';
import type { TrainingCells, TrainingEvent } from '../../src/train/types.ts';
import { TINY_CONFIG, tinyCells, tinyPackage, tinyTrainConfig } from '../train/support.ts';

const MODEL: ModelLocation = { kind: 'directory', path: 'base' };

function memoryCheckpoints(): CheckpointStore & { readonly files: Map<string, Uint8Array<ArrayBuffer>> } {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    files,
    keys: async () => [...files.keys()],
    open: async (key) => {
      const bytes = files.get(key);
      return bytes ? memorySource(bytes) : null;
    },
    write: async (key, content) => void files.set(key, content),
    remove: async (key) => void files.delete(key),
  };
}

function memoryRecords(): KeptRecords {
  const kept = new Map<string, unknown>();
  return {
    read: async (key) => kept.get(key) ?? null,
    write: async (key, record) => void kept.set(key, record),
  };
}

function serviceOf(changes: Partial<TrainEnvironment> = {}, base = tinyPackage()) {
  const checkpoints = memoryCheckpoints();
  const service = new LocalTrainService({
    openSource: async () => ({ source: await base, sha256: null }),
    createTrainer: referenceTrainers,
    createEngine: createReferenceEngine,
    checkpoints,
    openings: memoryRecords(),
    fits: {},
    freeMemory: () => null,
    sharesMemory: async () => false,
    checkpointSeconds: 0,
    ...changes,
  });
  return { service, checkpoints };
}

const curve = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => (event.kind === 'step' ? [event.losses.total] : []));

const open = (model: TrainedModel) => openModelPackage(filesInMemory(model.name, model.files));

const cardOf = ({ files }: TrainedModel) =>
  new TextDecoder().decode(files.find(({ path }) => path === 'README.md')?.content);

function jsonOf(model: TrainedModel, path: string) {
  const file = model.files.find((known) => known.path === path);
  return JSON.parse(new TextDecoder().decode(file?.content));
}

/** The cells with their first genes alone. */
function firstGenes(cells: TrainingCells, most: number): TrainingCells {
  const { cuSeqlens, geneIds } = cells.tokens;
  const lists = Array.from(cells.studies, (_, c) =>
    Array.from(geneIds.subarray(cuSeqlens[c], Math.min(cuSeqlens[c + 1], cuSeqlens[c] + most))),
  );
  let end = 0;
  const ends = [0, ...lists.map(({ length }) => (end += length))];
  const tokens = { cuSeqlens: Uint32Array.from(ends), geneIds: Uint32Array.from(lists.flat()) };
  return { ...cells, tokens: { ...cells.tokens, ...tokens } };
}

const trainAll = (service: LocalTrainService, config: TrainConfig, cells = tinyCells(80, 10)) =>
  service.train({ config, model: MODEL, cells, resume: false }, {});

describe('a training', () => {
  it('gives a package that opens, with its record, its reference and its card', async () => {
    const { service, checkpoints } = serviceOf({
      createTrainer: async (...asked) =>
        Object.assign(await referenceTrainers(...asked), { kernels: { gemm: ['rows'] } }),
    });
    const events: TrainingEvent[] = [];
    const config = tinyTrainConfig({ epochs: 8, weights: 'f16', dropout: 0 });
    const model = await service.train(
      { config, model: MODEL, cells: tinyCells(120, 10), resume: false },
      { onEvent: (event) => events.push(event), command: 'npx teddy-web finetune tiny.json' },
    );
    const pkg = await open(model);
    expect(pkg.name).toBe('tiny');
    expect(pkg.config).toEqual(TINY_CONFIG);
    expect([...pkg.weights.tensors.values()].every(({ dtype }) => dtype === 'F16')).toBe(true);
    expect(pkg.reference?.dimension).toBe(8);
    const { summary } = model;
    expect(pkg.training?.trainingDonors).toEqual({
      study: summary.donors.filter(({ set }) => set === 'train').map(({ donor }) => donor),
    });
    expect(pkg.training?.heldOutDonors.study.length).toBeGreaterThan(0);
    expect(jsonOf(model, 'training.json')).toMatchObject({
      file_sha256: { study: { 'cells.h5ad': 'ab' } },
      config: JSON.parse(JSON.stringify(config)),
      batch_plan: summary.plan,
      kernels: { gemm: ['rows'] },
    });
    expect(parseFineTunedRecord(jsonOf(model, 'training.json'))).toMatchObject({
      name: 'tiny',
      annotation: 'stim',
      heldOutDonors: pkg.training?.heldOutDonors,
      trainedHere: {
        donors: pkg.training?.trainingDonors.study.length,
        cells: pkg.training?.cellsInTrainingSet,
      },
    });
    const { test } = summary;
    const ids = test?.methods.stim.map(({ id }) => id);
    expect(ids).toEqual(['fine-tuned', 'probe', 'commonest-class', 'commonest-of-study']);
    const [tuned, , guess] = test?.methods.stim ?? [];
    expect(tuned.metrics.accuracy).toBeGreaterThan(guess.metrics.accuracy + 0.2);
    expect(pkg.training?.heldOutScores.stim.all.accuracy).toBeCloseTo(tuned.metrics.accuracy, 3);
    expect(pkg.training?.heldOutScores.stim.all.n).toBe(tuned.cells.length);
    const [masked] = test?.masked ?? [];
    expect(masked.tokens).toBeGreaterThan(0);
    expect(masked.base).toBeGreaterThan(masked.loss);
    // Thirty genes, ranked at random but for the first: guessing by frequency is near log 30.
    expect(Math.abs(masked.frequencies - Math.log(30))).toBeLessThan(0.4);
    const withheld = pkg.training?.withheldShares['held-out donors'] ?? Number.NaN;
    expect(withheld >= 0 && withheld <= 0.1).toBe(true);
    expect(summary.threshold).not.toBeNull();
    const card = cardOf(model);
    expect(card).toMatch(/^# tiny\n/);
    expect(card).toContain('npx teddy-web finetune tiny.json');
    expect(card).toContain('not for diagnosis');
    const { permutation } = tuned;
    for (const sentence of testSentences(test?.methods.stim ?? [])) expect(card).toContain(`- ${sentence}`);
    expect(jsonOf(model, 'training.json').held_out_methods.stim[0].permutation_null).toMatchObject({
      ...{ p: permutation?.p, smallest_p: permutation?.smallestP, permutations: permutation?.permutations },
    });
    expect(events.map(({ kind }) => kind).slice(0, 3)).toEqual(['notice', 'baselines', 'started']);
    expect(checkpoints.files.size).toBe(0);
    expect(model.files.every(({ content }) => content.byteLength > 0)).toBe(true);
  });

  it('says from the second time on that its test was opened before: in its notices, record and card', async () => {
    const { service } = serviceOf();
    const opened = /test donors were opened before on this machine for this label \(up to 1 time\)/;
    const first = await trainAll(service, tinyTrainConfig({ epochs: 1 }));
    const second = await trainAll(
      service,
      tinyTrainConfig({ epochs: 1, optimiser: { ...tinyTrainConfig().optimiser, learningRate: 0.02 } }),
    );
    for (const text of [
      first.summary.notices.join(),
      JSON.stringify(jsonOf(first, 'training.json')),
      cardOf(first),
    ])
      expect(text).not.toMatch(opened);
    for (const text of [
      second.summary.notices.join(),
      jsonOf(second, 'training.json').notices.join(),
      cardOf(second),
    ])
      expect(text).toMatch(opened);
  });

  it('says in record and card which share of the cells it learned from, and counts those alone', async () => {
    const { service } = serviceOf();
    const cells = tinyCells(160, 10);
    const objective = { kind: 'pretrain', masked: 1, annotations: { stim: 1 } } as const;
    const config = tinyTrainConfig({ epochs: 1, objective });
    const whole = await trainAll(service, config, cells);
    const half = await trainAll(service, { ...config, trainingShare: 0.5 }, cells);
    const [all, record] = [whole, half].map((model) => jsonOf(model, 'training.json'));
    expect(all).not.toHaveProperty('share_of_each_training_donors_cells');
    expect(record).toMatchObject({
      share_of_each_training_donors_cells: 0.5,
      training_donors: all.training_donors,
      held_out_donors: all.held_out_donors,
    });
    expect(Math.abs(record.cells_in_training_set / all.cells_in_training_set - 0.5)).toBeLessThan(0.05);
    expect(record.cells_seen).toBe(record.cells_in_training_set);
    const card = new TextDecoder().decode(half.files.find(({ path }) => path === 'README.md')?.content);
    expect(card).toContain(
      `| training cells | ${record.cells_in_training_set} (50 % of every training donor’s, drawn by seed 7) |`,
    );
    expect(card).toContain('Of every training donor 50 % of the cells train');
  });

  it('answers by the package as the trainer did in the test', async () => {
    const { service } = serviceOf();
    const cells = tinyCells(80, 10);
    // Genes are hidden while it learns, never where annotations are tested.
    const model = await trainAll(service, tinyTrainConfig({ epochs: 4 }), cells);
    const engine = await createReferenceEngine(await open(model));
    const answers = await engine.encode(cells.tokens, { pooling: 'gene_mean' });
    const row = model.summary.test?.methods.stim[0];
    expect(row?.cells.length).toBeGreaterThan(5);
    row?.cells.forEach((cell, r) => {
      const [a, b] = answers.logits.stim.subarray(2 * cell, 2 * cell + 2);
      expect(Math.abs(row.probabilities[2 * r] - 1 / (1 + Math.exp(b - a))) <= 1e-5).toBe(true);
    });
  });

  it('is the same again, and the same curve after a cancel and a resume', async () => {
    const config = tinyTrainConfig({ epochs: 4 });
    const cells = tinyCells(80, 10);
    const whole: TrainingEvent[] = [];
    const first = serviceOf();
    await first.service.train(
      { config, model: MODEL, cells, resume: false },
      { onEvent: (event) => whole.push(event) },
    );

    const { service, checkpoints } = serviceOf();
    const controller = new AbortController();
    const begun: TrainingEvent[] = [];
    const cancelled = service.train(
      { config, model: MODEL, cells, resume: false },
      {
        signal: controller.signal,
        onEvent: (event) => {
          begun.push(event);
          if (event.kind === 'checkpoint' && event.step === 9) controller.abort();
        },
      },
    );
    await expect(cancelled).rejects.toThrow();
    expect(checkpoints.files.size).toBe(1);
    expect(await service.unfinished()).toMatchObject([
      { step: 9, steps: curve(whole).length, config: { name: 'tiny' } },
    ]);
    const rest: TrainingEvent[] = [];
    await service.train(
      { config, model: MODEL, cells, resume: true },
      { onEvent: (event) => rest.push(event) },
    );
    expect(rest.find(({ kind }) => kind === 'started')).toMatchObject({ resumedAt: 9 });
    const found = [...curve(begun).slice(0, 9), ...curve(rest)];
    expect(found.length).toBe(curve(whole).length);
    found.forEach((loss, i) => {
      expect(Math.abs(loss - curve(whole)[i]) <= 1e-5).toBe(true);
    });
    expect(checkpoints.files.size).toBe(0);
  });

  it('goes on after the device was lost, and gives up where it is lost again and again', async () => {
    const config = tinyTrainConfig({ epochs: 2 });
    const calm: TrainingEvent[] = [];
    const cells = tinyCells(80, 10);
    await serviceOf().service.train(
      { config, model: MODEL, cells, resume: false },
      { onEvent: (e) => calm.push(e) },
    );
    let made = 0;
    const lossy =
      (losses: number): TrainEnvironment['createTrainer'] =>
      async (model, options) => {
        const trainer: Trainer = await referenceTrainers(model, options);
        const step = trainer.step.bind(trainer);
        let calls = made++ < losses ? (made === 1 ? 5 : 0) : Number.POSITIVE_INFINITY;
        trainer.step = async (...args) => {
          if (calls-- === 0) throw new EngineLostError('lost', 'unplugged');
          return step(...args);
        };
        return trainer;
      };
    const events: TrainingEvent[] = [];
    const model = await serviceOf({ createTrainer: lossy(1) }).service.train(
      { config, model: MODEL, cells, resume: false },
      { onEvent: (event) => events.push(event) },
    );
    expect(model.summary.notices.join(' ')).toMatch(
      /lost in step 6 \(unplugged\); the run goes on from step 5/,
    );
    const found = curve(events);
    expect(found.length).toBe(curve(calm).length);
    found.forEach((loss, i) => {
      expect(Math.abs(loss - curve(calm)[i]) <= 1e-5).toBe(true);
    });
    made = 0;
    await expect(trainAll(serviceOf({ createTrainer: lossy(9) }).service, config)).rejects.toThrow(
      'unplugged',
    );
  });

  it('opens the test again after the device was lost in it, with smaller micro-batches where memory ended', async () => {
    const made: number[][] = [];
    const lossy: TrainEnvironment['createTrainer'] = async (model, options) => {
      const trainer: Trainer = await referenceTrainers(model, options);
      const evaluate = trainer.evaluate.bind(trainer);
      const sizes: number[] = [];
      made.push(sizes);
      const losing = made.length === 2;
      trainer.evaluate = async (batch, signal) => {
        sizes.push(batch.geneIds.length);
        if (losing) throw new EngineLostError('out-of-memory', 'full');
        return evaluate(batch, signal);
      };
      return trainer;
    };
    const config = tinyTrainConfig({ epochs: 1, split: { kind: 'automatic', validation: 0, test: 0.3 } });
    const stages: string[] = [];
    const model = await serviceOf({ createTrainer: lossy }).service.train(
      { config, model: MODEL, cells: tinyCells(80, 10), resume: false },
      { onProgress: ({ stage }) => stages.push(stage) },
    );
    const calm = await trainAll(serviceOf().service, config);
    expect(stages).toEqual(
      expect.arrayContaining(['hidden tokens by the base model, study', 'answers to the test']),
    );
    expect(Math.max(...made[1])).toBeGreaterThan(20);
    expect(Math.max(...made[2])).toBeLessThanOrEqual(20);
    expect(model.summary.test?.masked[0].base).toBeCloseTo(calm.summary.test?.masked[0].base ?? 0, 5);
  });

  it('goes on with smaller micro-batches where memory ends', async () => {
    const budgets: number[] = [];
    const tight: TrainEnvironment['createTrainer'] = async (model, options) => {
      const trainer = await referenceTrainers(model, options);
      const step = trainer.step.bind(trainer);
      trainer.step = async (batches, ...rest) => {
        const greatest = Math.max(...batches.map(({ geneIds }) => geneIds.length));
        if (greatest > 25) throw new EngineLostError('out-of-memory', 'full');
        budgets.push(greatest);
        return step(batches, ...rest);
      };
      return trainer;
    };
    const { service } = serviceOf({ createTrainer: tight });
    const model = await trainAll(service, tinyTrainConfig({ epochs: 1, dropout: 0 }));
    const calm = await trainAll(serviceOf().service, tinyTrainConfig({ epochs: 1, dropout: 0 }));
    expect(model.summary.notices.join(' ')).toMatch(
      /goes on from step 0 with micro-batches of half the size/,
    );
    expect(Math.max(...budgets)).toBeLessThanOrEqual(25);
    expect(model.summary.plan.tokensPerMicroBatch).toBe(20);
    const totals = ({ summary }: TrainedModel) => summary.history.map(({ losses }) => losses.total);
    expect(totals(model).length).toBe(totals(calm).length);
    totals(model).forEach((loss, i) => {
      expect(Math.abs(loss - totals(calm)[i]) <= 1e-6).toBe(true);
    });
  });

  it('goes on after the device was lost while its state was put back', async () => {
    let made = 0;
    const { service } = serviceOf({
      async createTrainer(model, options) {
        const trainer = await referenceTrainers(model, options);
        made++;
        const step = trainer.step.bind(trainer);
        let steps = 0;
        trainer.step = async (...args) => {
          if (made === 1 && ++steps > 3) throw new EngineLostError('lost', 'unplugged');
          return step(...args);
        };
        if (made === 2)
          trainer.restore = () => Promise.reject(new EngineLostError('lost', 'unplugged again'));
        return trainer;
      },
    });
    const model = await trainAll(service, tinyTrainConfig({ epochs: 2 }));
    // Three that trained, and one that measures what came of it beside one with the base's weights.
    expect(made).toBe(5);
    expect(model.summary.end).toBe('all-epochs');
  });

  it('goes on where a checkpoint is larger than memory, and says so', async () => {
    const { service } = serviceOf({
      async createTrainer(model, options) {
        const trainer = await referenceTrainers(model, options);
        const snapshot = trainer.snapshot.bind(trainer);
        trainer.snapshot = async () => {
          const state = await snapshot();
          const [first, ...others] = state.firstMoments;
          const huge = Object.defineProperty({ ...first }, 'data', {
            get: () => {
              throw new RangeError('Array buffer allocation failed');
            },
          });
          return { ...state, firstMoments: [huge, ...others] };
        };
        return trainer;
      },
    });
    const split = { kind: 'automatic', validation: 0, test: 0.2 } as const;
    const model = await trainAll(service, tinyTrainConfig({ epochs: 1, split }));
    expect(model.summary.end).toBe('all-epochs');
    expect(model.summary.notices.join(' ')).toMatch(/checkpoint could not be stored/);
  });

  it('says so where there is nothing to resume, or nobody knows who the base model was trained on', async () => {
    const events: TrainingEvent[] = [];
    const request = { config: tinyTrainConfig({ epochs: 1 }), model: MODEL, cells: tinyCells(80, 10) };
    const model = await serviceOf().service.train(
      { ...request, resume: true, notices: ['No cell is there twice.'] },
      { onEvent: (event) => events.push(event) },
    );
    const said = events.flatMap((event) => (event.kind === 'notice' ? [event.sentence] : [])).join(' ');
    expect(said).toMatch(/There is no checkpoint of this configuration.*begins anew/);
    const notices = model.summary.notices.join(' ');
    expect(notices).not.toMatch(/begins anew/);
    expect(notices).toMatch(/No cell is there twice\. .*without a record of the donors/);
  });

  it('stops where it is asked to, with the best so far', async () => {
    const { service } = serviceOf();
    const model = await service.train(
      { config: tinyTrainConfig({ epochs: 50 }), model: MODEL, cells: tinyCells(80, 10), resume: false },
      { onEvent: (event) => event.kind === 'step' && event.step === 7 && void service.stop() },
    );
    expect(model.summary.end).toBe('stopped');
    expect(model.summary.steps).toBe(7);
    expect((await open(model)).training?.what).toContain('fine-tuned to stim');
  });

  it('ends at a loss that is no number with what was good, and says why', async () => {
    const { service } = serviceOf({
      async createTrainer(model, options) {
        const trainer = await referenceTrainers(model, options);
        const step = trainer.step.bind(trainer);
        let steps = 0;
        trainer.step = async (...args) => {
          const result = await step(...args);
          return ++steps === 9 ? { ...result, gradientNorm: Number.POSITIVE_INFINITY } : result;
        };
        return trainer;
      },
    });
    const model = await trainAll(service, tinyTrainConfig({ epochs: 5 }));
    const { end, reason, steps, best } = model.summary;
    expect([end, steps]).toEqual(['not-finite', 8]);
    expect(reason).toMatch(/no finite number in step 9: the learning rate .* may be too high/);
    expect(best?.step).toBeLessThanOrEqual(8);
    expect(jsonOf(model, 'training.json').end).toBe(reason);
    expect((await open(model)).training).not.toBeNull();
  });

  it('goes on from the base model that is named, whatever its weights, and from no other', async () => {
    const other = tinyTrainConfig({ base: { kind: 'package', name: 'another', sha256: '' } });
    await expect(trainAll(serviceOf().service, other)).rejects.toMatchObject({ code: 'unfit-model' });
    const weights = tinyTrainConfig({ base: { kind: 'package', name: 'base', sha256: 'ab'.repeat(32) } });
    await expect(trainAll(serviceOf().service, weights)).rejects.toMatchObject({ code: 'unfit-model' });
  });

  it('refuses to start without enough memory, and says how much is needed', async () => {
    const { service } = serviceOf({ freeMemory: () => 1000 });
    await expect(trainAll(service, tinyTrainConfig())).rejects.toMatchObject({
      code: 'too-little-memory',
      message: expect.stringMatching(/needs about 1 MB of memory/),
    });
    // What a software adapter takes is the machine's too.
    const config = tinyTrainConfig({ epochs: 1 });
    const asked = { config, model: MODEL, cells: tinyCells(80, 10), tokensPerSecond: null };
    const { hostBytes } = await service.estimate(asked, {});
    const freeMemory = () => hostBytes;
    await trainAll(serviceOf({ freeMemory }).service, config);
    await expect(
      trainAll(serviceOf({ freeMemory, sharesMemory: async () => true }).service, config),
    ).rejects.toMatchObject({ code: 'too-little-memory' });
  });

  it('estimates what it will do', async () => {
    const config = tinyTrainConfig({ epochs: 4 });
    const cells = tinyCells(80, 10);
    const { service } = serviceOf();
    const estimate = await service.estimate({ config, model: MODEL, cells, tokensPerSecond: 1000 }, {});
    const model = await trainAll(service, config, cells);
    expect(estimate.steps).toBe(model.summary.steps);
    expect(estimate.cellsPerEpoch).toBe(model.summary.cellsSeen / 4);
    expect(estimate.seconds).toBeGreaterThan((4 * 3.5 * estimate.tokensPerEpoch) / 1000);
    expect(estimate.learning).toBe(estimate.parameters);
    // Weights, moments and checkpoints; embeddings by two models.
    const { parameters, hostBytes } = estimate;
    expect(hostBytes).toBeGreaterThan(4 * 9 * parameters + 4 * TINY_CONFIG.dModel * 2 * 80);
  });
});

describe('what is trained', () => {
  it('a new label gets a token, a row that begins as <cls>, and a head; other heads go or stay', async () => {
    const cells = tinyCells(80, 10);
    const { stim } = cells.labels;
    const labelled = { ...cells, labels: { condition: stim } };
    const objective = { kind: 'finetune', annotation: 'condition', masked: 0 } as const;
    const data = tinyTrainConfig().data.map((study) => ({
      ...study,
      labels: { condition: study.labels.stim },
    }));
    const { service } = serviceOf();
    const kept = await trainAll(
      service,
      tinyTrainConfig({
        data,
        epochs: 1,
        trainable: { kind: 'heads' },
        objective: { ...objective, otherHeads: 'keep' },
      }),
      labelled,
    );
    const pkg = await open(kept);
    expect(Object.keys(pkg.config.annotations)).toEqual(['stim', 'condition']);
    expect(pkg.config.nToken).toBe(TINY_CONFIG.nToken + 1);
    expect(pkg.vocabulary.special.get('<condition>')).toBe(TINY_CONFIG.nToken);
    const before = await openModelPackage(await tinyPackage());
    const cls = before.vocabulary.specialId('<cls>');
    const rows = (from: number) => pkg.weights.read('embeddings.weight', from, from + 1);
    expect(await rows(TINY_CONFIG.nToken)).toEqual(
      await before.weights.read('embeddings.weight', cls, cls + 1),
    );
    expect((await pkg.weights.read('decoder_head.weight')).length).toBe(8 * pkg.config.nToken);
    expect(jsonOf(kept, 'training.json').heads_not_trained_here).toEqual(['stim']);
    expect(await pkg.weights.read('encoder.layers.0.linear1.weight')).toEqual(
      await before.weights.read('encoder.layers.0.linear1.weight'),
    );
    const dropped = await trainAll(
      service,
      tinyTrainConfig({ data, epochs: 1, objective: { ...objective, otherHeads: 'drop' } }),
      labelled,
    );
    expect((await open(dropped)).config.annotations).toEqual({ condition: ['ctrl', 'stim'] });
  });

  it('more genes of a cell than the base reads: ranks beyond begin as its last, the probe stays as it was', async () => {
    const cells = tinyCells(80, 10);
    const asked = (genes: number | null, changes: Partial<TrainConfig> = {}) => {
      const base = { kind: 'package', name: 'base', sha256: '' } as const;
      return tinyTrainConfig({
        base: genes === null ? base : { ...base, maxPositionEmbeddings: genes },
        epochs: 1,
        ...changes,
      });
    };
    const { service } = serviceOf();
    // The same cells as a model of 8 positions and one of 12 read them.
    const short = serviceOf({}, tinyPackage({ ...TINY_CONFIG, maxPositionEmbeddings: 8 })).service;
    const longer = asked(12, { trainable: { kind: 'heads' } });
    const model = await trainAll(short, longer, cells);
    const pkg = await open(model);
    expect(pkg.config.maxPositionEmbeddings).toBe(12);
    const rowsOf = (from: number, to: number) => pkg.weights.read('position_embeddings.weight', from, to);
    const last = Array.from(await rowsOf(7, 8));
    expect(Array.from(await rowsOf(8, 12))).toEqual([...last, ...last, ...last, ...last]);
    const notice = model.summary.notices.find((sentence) => sentence.includes('12 genes'));
    expect(notice).toMatch(/base 8: ranks beyond begin as copies of its last and stay so/);
    expect(cardOf(model)).toContain('first 12 genes of a cell');
    const cut = await trainAll(short, asked(null, { trainable: { kind: 'heads' } }), firstGenes(cells, 8));
    const probe = ({ summary }: TrainedModel) =>
      summary.test?.methods.stim.find(({ id }) => id === 'probe')?.probabilities;
    expect(probe(model)).toEqual(probe(cut));
    const learntModel = await trainAll(short, asked(12, { epochs: 3 }), cells);
    const learnt = await open(learntModel);
    // They began alike and decay alike: what parts them are their own gradients.
    expect(await learnt.weights.read('position_embeddings.weight', 11, 12)).not.toEqual(
      await learnt.weights.read('position_embeddings.weight', 10, 11),
    );
    // The base predicts no token of a rank that it does not read.
    expect(learntModel.summary.test?.masked.map(({ base }) => base)).toEqual([null]);
    await expect(trainAll(service, asked(11))).rejects.toMatchObject({
      code: 'config-invalid',
      subject: 'base.maxPositionEmbeddings',
    });
  });

  it('adapters come out merged', async () => {
    const { service } = serviceOf();
    const model = await trainAll(
      service,
      tinyTrainConfig({ epochs: 2, trainable: { kind: 'lora', lora: { rank: 2, alpha: 4, seed: 1 } } }),
    );
    const pkg = await open(model);
    expect(pkg.extraTensors).toEqual([]);
    const before = await openModelPackage(await tinyPackage());
    const name = 'encoder.layers.1.self_attn.in_proj_weight';
    expect(await pkg.weights.read(name)).not.toEqual(await before.weights.read(name));
    expect(await pkg.weights.read('encoder.layers.1.norm1.weight')).toEqual(
      await before.weights.read('encoder.layers.1.norm1.weight'),
    );
  });

  it('donors of the base model train, are never a test, and stay on the list', async () => {
    const training = {
      name: 'base',
      what: 'a base',
      training_donors: { study: ['D0', 'D1', 'X'] },
      held_out_donors: { study: ['D2', 'D3'] },
      validation_donors: { study: ['D4', 'D3'] },
      cells_in_training_set: 16,
      sources: [{ name: 'base study', citation: 'c', licence: 'l' }],
    };
    const { service } = serviceOf({}, tinyPackage(TINY_CONFIG, training));
    const cells = tinyCells(80, 10);
    const seen = cells.donors.names.map((name) => (['D0', 'D1'].includes(name) ? 1 : 0));
    const model = await trainAll(service, tinyTrainConfig({ epochs: 1 }), {
      ...cells,
      donors: { ...cells.donors, seen },
    });
    const record = (await open(model)).training;
    expect(record?.trainingDonors.study).toEqual(expect.arrayContaining(['D0', 'D1', 'X']));
    expect(record?.validationDonors.study).toEqual(expect.arrayContaining(['D4', 'D3']));
    const heldOut = record?.heldOutDonors.study ?? [];
    for (const donor of heldOut) expect(record?.validationDonors.study).not.toContain(donor);
    for (const donor of heldOut) expect(record?.trainingDonors.study).not.toContain(donor);
    // The sixteen cells of D0 and D1 have been counted.
    const { donors } = model.summary;
    const trained = donors.filter(({ set }) => set === 'train').reduce((sum, { cells: n }) => sum + n, 0);
    expect(record?.cellsInTrainingSet).toBe(trained);
    // Nor is X among those this training learnt from.
    const here = jsonOf(model, 'training.json').trained_here.donors.study;
    expect(here).toEqual(donors.flatMap(({ donor, set }) => (set === 'train' ? [donor] : [])));
    expect(record?.sources.map(({ name }) => name)).toEqual([
      'base study',
      expect.stringMatching(/^study, \d of 10 donors$/),
    ]);
  });

  it('a head that is not trained is not in a model from nothing', async () => {
    const { dModel, nHeads, dHid, nLayers, maxPositionEmbeddings, layerActivation, preNorm } = TINY_CONFIG;
    const sizes = { dModel, nHeads, dHid, nLayers, maxPositionEmbeddings, layerActivation, preNorm };
    const config = tinyTrainConfig({
      epochs: 1,
      base: {
        kind: 'new',
        vocabularyOf: 'base',
        shape: { modelType: 'teddy_g', ...sizes, bins: 0 },
        annotations: { stim: ['ctrl', 'stim'] },
      },
      objective: { kind: 'pretrain', masked: 1, annotations: { stim: 0 } },
    });
    const pkg = await open(await trainAll(serviceOf().service, config));
    expect(pkg.config.annotations).toEqual({});
    expect([...pkg.weights.tensors.keys()].filter((name) => name.startsWith('annotation_heads'))).toEqual([]);
  });

  it('a cell type of a few cells has no class of its own in the reference: it would show those cells', async () => {
    const cells = tinyCells(80, 10);
    // Of "rare" there are three cells a donor at most.
    const codes = Int32Array.from({ length: 80 }, (_, cell) => (cell < 5 ? 1 : 0));
    const typed = { ...cells, cellTypes: { names: ['common', 'rare'], codes } };
    const model = await trainAll(serviceOf().service, tinyTrainConfig({ epochs: 1 }), typed);
    expect((await open(model)).reference?.classes).toEqual(['common']);
    const rareOnly = {
      ...cells,
      cellTypes: { names: [...codes.keys()].map(String), codes: codes.map((_, i) => i) },
    };
    const other = await trainAll(serviceOf().service, tinyTrainConfig({ epochs: 1 }), rareOnly);
    expect((await open(other)).reference?.classes).toEqual(['all cells']);
  });

  it('a donor seen before may be chosen by, and has its baselines', async () => {
    const { service } = serviceOf();
    const cells = tinyCells(80, 10);
    const seen = cells.donors.names.map((name) => (name === 'D3' ? 1 : 0));
    const split = {
      kind: 'donors',
      validation: { study: ['D3'] },
      test: { study: ['D4'] },
      leftOut: {},
    } as const;
    const model = await trainAll(service, tinyTrainConfig({ epochs: 1, split }), {
      ...cells,
      donors: { ...cells.donors, seen },
    });
    expect(model.summary.baselines.map(({ id }) => id)).toEqual([
      'probe',
      'commonest-class',
      'commonest-of-study',
    ]);
    expect(model.summary.donors.filter(({ seen }) => seen)).toMatchObject([
      { donor: 'D3', set: 'validation' },
    ]);
  });

  it('says in the card which classes one of several studies alone taught', async () => {
    const cells = tinyCells(80, 10);
    const ofOther = (cell: number) => cells.donors.codes[cell] >= 5;
    const [source] = cells.sources;
    const split = {
      kind: 'donors',
      validation: {},
      test: { study: ['D3'], other: ['D8'] },
      leftOut: {},
    } as const;
    const [study] = tinyTrainConfig().data;
    const data = [{ ...study, labels: { stim: { ...study.labels.stim, derived: true } } }];
    const model = await trainAll(serviceOf().service, tinyTrainConfig({ epochs: 1, split, data }), {
      ...cells,
      sources: [source, { ...source, study: 'other' }],
      studies: cells.studies.map((_, cell) => Number(ofOther(cell))),
      donors: { ...cells.donors, studies: cells.donors.names.map((_, donor) => Number(donor >= 5)) },
      labels: {
        stim: {
          ...cells.labels.stim,
          codes: cells.labels.stim.codes.map((code, cell) => (ofOther(cell) && code === 1 ? -1 : code)),
        },
      },
    });
    const card = cardOf(model);
    expect(card).toContain('Of stim, stim was seen in one study only');
    expect(card).not.toContain('Tokens stand in the order');
    expect(card).toContain('Not recorded but derived from the cells: stim of study.');
    // One class alone is tested of the other study: that guess is always right there.
    expect(card).toMatch(/\| stim \| other \|.*\| 1\.000 \|\n/);
    const { held_out_donor_cells: scores } = jsonOf(model, 'training.json');
    expect(scores.stim.other.one_class_for_every_cell).toBe(1);
    expect(scores.stim.all.one_class_for_every_cell).toBeLessThan(1);
  });

  for (const bins of [0, 5]) {
    it(`a new TEDDY-X with ${bins === 0 ? 'ranks' : 'bins'}, from nothing, learns hidden values`, async () => {
      const cells = tinyCells(60, 6);
      const { cuSeqlens, geneIds } = cells.tokens;
      const values = new Float32Array(geneIds.length);
      for (let cell = 0; cell < 60; cell++) {
        const n = cuSeqlens[cell + 1] - cuSeqlens[cell];
        for (let i = 0; i < n; i++)
          values[cuSeqlens[cell] + i] = bins === 0 ? 1 - (2 * i) / Math.max(1, n - 1) : 1 + ((n - i) % bins);
      }
      const { modelType, dModel, nHeads, dHid, nLayers, maxPositionEmbeddings, layerActivation, preNorm } = {
        ...TINY_CONFIG,
        modelType: 'teddy_x' as const,
      };
      const shape = {
        modelType,
        dModel,
        nHeads,
        dHid,
        nLayers,
        maxPositionEmbeddings,
        layerActivation,
        preNorm,
        bins,
      };
      const config = tinyTrainConfig({
        epochs: 6,
        base: { kind: 'new', vocabularyOf: 'base', shape, annotations: {} },
        objective: { kind: 'pretrain', masked: 1, annotations: { stim: 0.5 } },
      });
      const events: TrainingEvent[] = [];
      const model = await serviceOf().service.train(
        { config, model: MODEL, cells: { ...cells, tokens: { ...cells.tokens, values } }, resume: false },
        { onEvent: (event) => events.push(event) },
      );
      const pkg = await open(model);
      expect(pkg.config.valueInput).toBe(bins === 0 ? 'rank' : 'binned');
      expect(pkg.config.annotations).toEqual({ stim: ['ctrl', 'stim'] });
      const validations = model.summary.validations;
      expect(model.summary.best?.losses.total).toBeLessThan(validations[0].losses.total);
      expect(model.summary.test?.masked[0]).toMatchObject({ study: 'study' });
      expect(Number.isFinite(model.summary.test?.masked[0].frequencies)).toBe(true);
      expect(model.summary.test?.masked[0].base).toBeNull();
      expect(cardOf(model)).toContain('Tokens stand in the order of expression');
      expect(model.summary.test?.methods.stim[0].id).toBe('fine-tuned');
    });
  }
});
