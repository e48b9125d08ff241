import { beforeEach, describe, expect, it, vi } from 'vitest';
import { embeddedModel } from '../../src/app/model/embedded.ts';
import { unzippedPackage } from '../../src/app/model/zip.ts';
import { provideServices } from '../../src/app/state/services.ts';
import { useApp } from '../../src/app/state/store.ts';
import { genesPerCellOf, missingOfTraining } from '../../src/app/state/train-form.ts';
import { memoryRefusal, planTraining, slowed } from '../../src/app/state/train-plan.ts';
import { currentTrainConfig } from '../../src/app/state/train-planner.ts';
import { newTrainView, withEvent } from '../../src/app/state/train-view.ts';
import { usesTrained } from '../../src/app/state/trained.ts';
import { packageZip } from '../../src/app/train/package-zip.ts';
import { trainedOn } from '../../src/app/train/words.ts';
import { testSentences } from '../../src/report/test-sentences.ts';
import { parseTrainConfig } from '../../src/train/config.ts';
import { TrainError } from '../../src/train/errors.ts';
import type { StepPoint, TrainingEvent } from '../../src/train/types.ts';
import { fakeEvaluation } from '../support/evaluations.ts';
import { fakeServices } from './support/fake-services.ts';

const app = () => useApp.getState();
const clean = useApp.getInitialState();

vi.stubGlobal('document', { baseURI: 'http://localhost/' });

async function embedded(options: Parameters<typeof fakeServices>[0] = {}) {
  const services = fakeServices(options);
  provideServices(services);
  useApp.setState(clean, true);
  await app().chooseModel(embeddedModel());
  await app().openFile(new File(['x'], 'fake.h5ad'));
  await app().startRun();
  await app().proposeTraining();
  await vi.waitFor(() => expect(app().trainPlan ?? app().trainPlanError).not.toBeNull());
  return services;
}

const setOf = (donor: string) => app().trainPlan?.sets.donors.find((place) => place.donor === donor)?.set;

describe('the form', () => {
  beforeEach(async () => {
    await embedded();
  });

  it('proposes the probe’s columns, the model’s own annotation and a configuration that parses', () => {
    expect(app().trainForm).toMatchObject({ labelColumn: 'condition', donorColumn: 'donor_id' });
    const config = currentTrainConfig(app());
    expect(parseTrainConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(config).toMatchObject({
      name: 'teddy-fake-disease',
      objective: { kind: 'finetune', annotation: 'disease', masked: 0, otherHeads: 'drop' },
      base: { name: 'teddy-fake', sha256: '00ff' },
      trainable: { kind: 'last-layers', layers: 1 },
      data: [{ study: 'fake', files: ['fake.h5ad'], cells: { kind: 'all' }, donorColumn: 'donor_id' }],
    });
  });

  it('keeps the head of the model beside where the head alone learns', () => {
    app().changeTraining({ trainable: 'heads' });
    expect(currentTrainConfig(app())?.objective).toMatchObject({ otherHeads: 'keep' });
    app().changeTraining({ trainable: 'lora', loraRank: 4, seed: 5 });
    expect(currentTrainConfig(app())?.trainable).toEqual({
      kind: 'lora',
      lora: { rank: 4, alpha: 8, seed: 5 },
    });
  });

  it('reads no fewer genes than the model it goes on from, and drops heads that more of them would change', () => {
    const [form, model] = [app().trainForm, app().model];
    if (!form || !model) throw new Error('no form');
    const of = (positions: number) => ({ config: { ...model.config, maxPositionEmbeddings: positions } });
    expect(genesPerCellOf({ genesPerCell: null }, of(256))).toBe(256);
    expect(genesPerCellOf({ genesPerCell: 512 }, of(256))).toBe(512);
    expect(genesPerCellOf({ genesPerCell: 512 }, of(1024))).toBe(1024);
    app().changeTraining({ trainable: 'heads', annotation: 'disease' });
    expect(currentTrainConfig(app())?.objective).toMatchObject({ otherHeads: 'keep' });
    app().changeTraining({ genesPerCell: 512 });
    expect(currentTrainConfig(app())?.objective).toMatchObject({ otherHeads: 'drop' });
    expect(slowed(1000, { ...model.config, dModel: 128, dHid: 512 }, 512)).toBe(800);
    expect(slowed(1000, model.config, 0)).toBe(1000);
  });

  it('says what is missing', () => {
    const form = app().trainForm;
    if (!form) throw new Error('no form');
    expect(missingOfTraining(form)).toBeNull();
    expect(missingOfTraining({ ...form, labelColumn: null })).toMatch(/column/);
    expect(missingOfTraining({ ...form, table: new Map([['a', 'x']]) })).toMatch(/two classes/);
    expect(missingOfTraining({ ...form, learningRate: 0 })).toMatch(/above 0/);
    expect(missingOfTraining({ ...form, learningRate: Number.NaN })).toMatch(/above 0/);
    expect(missingOfTraining({ ...form, name: '../x' })).toMatch(/letters/);
  });

  it('says that donors are too few for validation, and never tests one the model has seen', async () => {
    // One donor was seen; of the other two one is a test at most.
    expect(setOf('H00049')).toBe('train');
    expect(app().trainPlan?.sets.notices.join()).toMatch(/Too few donors for a validation set/);
    app().chooseDonorSets(true);
    app().setDonorSet('H00049', 'test');
    await vi.waitFor(() => expect(app().trainPlanError?.what).toMatch(/cannot be a test/));
    expect(app().trainPlanError?.help).toMatch(/not trained on/);
    app().setDonorSet('H00049', 'train');
    app().setDonorSet('S00006', 'test');
    app().setDonorSet('H00053', 'left-out');
    await vi.waitFor(() => expect([setOf('S00006'), setOf('H00053')]).toEqual(['test', 'left-out']));
    expect(app().trainPlanError).toBeNull();
    expect(currentTrainConfig(app())?.split).toMatchObject({
      kind: 'donors',
      test: { fake: ['S00006'] },
      leftOut: { fake: ['H00053'] },
    });
    app().chooseDonorSets(false);
    expect(currentTrainConfig(app())?.split.kind).toBe('automatic');
  });

  it('estimates with the lengths of the cells, before any is tokenized', async () => {
    const services = await embedded();
    const estimate = vi.spyOn(services.training, 'estimate');
    const tokenize = vi.spyOn(services.dataset, 'tokenize');
    app().changeTraining({ epochs: 3 });
    app().changeTraining({ epochs: 4 });
    await vi.waitFor(() => expect(app().trainEstimate?.steps).toBe(4));
    // The first change was overtaken.
    expect(estimate).toHaveBeenCalledTimes(1);
    const [{ cells, config, tokensPerSecond }] = estimate.mock.calls[0];
    expect(config.epochs).toBe(4);
    expect(cells.tokens.cuSeqlens.at(-1)).toBe(90);
    expect(tokensPerSecond).toBeNull();
    expect(tokenize).not.toHaveBeenCalled();
  });
});

it('reads more genes of a cell where it is told to: those that were cut are counted anew', async () => {
  const services = await embedded();
  expect(app().trainForm?.genesPerCell).toBeNull();
  expect(currentTrainConfig(app())?.base).toEqual({
    kind: 'package',
    name: 'teddy-fake',
    sha256: '00ff',
  });
  const estimate = vi.spyOn(services.training, 'estimate');
  app().changeTraining({ genesPerCell: 600 });
  await vi.waitFor(() => expect(estimate).toHaveBeenCalled());
  const [{ config, cells }] = estimate.mock.calls[0];
  expect(config.base).toMatchObject({ maxPositionEmbeddings: 600 });
  // No cell of the fake has as many genes as its model reads.
  expect(cells.tokens.cuSeqlens.at(-1)).toBe(90);
  const { results, finished, model, column } = app();
  if (!results || !finished || !model) throw new Error('nothing embedded');
  const full = { ...results, tokens: results.tokens.map(() => 256) };
  const lengths = async (of: typeof model) => {
    const { tokens } = (await planTraining(config, full, of, finished.run, null, column)).cells;
    return Array.from(results.rows, (_, cell) => tokens.cuSeqlens[cell + 1] - tokens.cuSeqlens[cell]);
  };
  const { genes } = finished.run.preflight.quality;
  const most = Array.from(results.rows, (row) => Math.min(600, Math.max(256, genes[row])));
  expect(await lengths(model)).toEqual(most);
  // The model at hand has become one of 600 positions; the cells were cut by that which embedded them.
  expect(await lengths({ ...model, config: { ...model.config, maxPositionEmbeddings: 600 } })).toEqual(most);
  const tokenize = vi.spyOn(services.dataset, 'tokenize');
  await app().startTraining();
  expect(tokenize.mock.calls[0][1]).toMatchObject({ maxPositionEmbeddings: 600 });
});

describe('memory', () => {
  const estimate = { deviceBytes: 3 * 2 ** 30, hostBytes: 2 ** 30 };

  it('refuses what the machine says it has not, software adapters counted in', () => {
    expect(memoryRefusal(estimate, null, true)).toBeNull();
    expect(memoryRefusal(estimate, 2 * 2 ** 30, false)).toBeNull();
    expect(memoryRefusal(estimate, 2 * 2 ** 30, true)).toMatch(
      /about 4\.0 GB of memory and this machine has 2\.0 GB/,
    );
  });
});

describe('a training', () => {
  it('gives a model that can be used, left again, and stays when files are closed', async () => {
    const services = await embedded();
    const train = vi.spyOn(services.training, 'train');
    await app().startTraining();
    expect(app().trainError).toBeNull();
    expect(app().training).toBeNull();
    const [request] = train.mock.calls[0];
    expect(request).toMatchObject({ resume: false, model: { kind: 'embedded' } });
    expect(request.cells.sources[0].files['fake.h5ad']).toMatch(/^[0-9a-f]{64}$/);
    const load = vi.spyOn(services.compute, 'load');
    await app().useTrained();
    expect(load.mock.calls[0][0]).toMatchObject({ kind: 'files', name: 'teddy-fake-disease', keep: false });
    expect(usesTrained(app())).toBe(true);
    await app().useOriginal();
    expect(usesTrained(app())).toBe(false);
    expect(app().location).toEqual(embeddedModel());
    await app().closeFile();
    expect(app().trained?.model.name).toBe('teddy-fake-disease');
    expect(app().trainForm).toBeNull();
  });

  it('tests no donor of whom an audit found cells among those the model was trained on', async () => {
    const services = await embedded();
    app().chooseDonorSets(true);
    app().setDonorSet('S00006', 'test');
    app().setDonorSet('H00053', 'train');
    await vi.waitFor(() => expect(setOf('S00006')).toBe('test'));
    const audit = await services.dataset.audit(
      { matrix: 'X', groupColumn: null, model: null, against: null },
      {},
    );
    // Cells 20 to 29 are of S00006, whom the model knows by another name.
    vi.spyOn(services.dataset, 'audit').mockResolvedValue({ ...audit, trainingRows: Uint32Array.of(3, 25) });
    const train = vi.spyOn(services.training, 'train');
    await app().startTraining();
    expect(train).not.toHaveBeenCalled();
    expect(app().trainPlanError?.what).toMatch(/trained on S00006.*cannot be a test/);
    app().chooseDonorSets(false);
    await app().startTraining();
    expect(train.mock.calls[0][0].cells.donors.seen).toEqual([1, 0, 1]);
  });

  it('says in the model’s card what the look for duplicates found, and that it failed', async () => {
    const services = await embedded();
    const train = vi.spyOn(services.training, 'train');
    await app().startTraining();
    expect(train.mock.calls[0][0].notices?.length).toBeGreaterThan(0);
    expect(train.mock.calls[0][0].notices?.join(' ')).not.toMatch(/failed/);
    const other = await embedded();
    const again = vi.spyOn(other.training, 'train');
    vi.spyOn(other.dataset, 'audit').mockRejectedValue(new Error('unreadable'));
    await app().startTraining();
    expect(again.mock.calls[0][0].notices).toEqual([expect.stringMatching(/duplicate cells failed/)]);
  });

  it('does not go on with counts other than those it was begun with', async () => {
    const services = await embedded();
    const config = currentTrainConfig(app());
    if (!config) throw new Error('no configuration');
    const data = config.data.map((study) => ({ ...study, matrix: 'layers/counts' }));
    const train = vi.spyOn(services.training, 'train');
    await app().resumeTraining({ key: 'k', config: { ...config, data }, step: 2, steps: 4, bytes: 10 });
    expect(train).not.toHaveBeenCalled();
    expect(app().trainError?.what).toMatch(/is of layers\/counts, and the page reads X/);
  });

  it('is cancelled without a word', async () => {
    await embedded({ delay: 20 });
    const running = app().startTraining();
    await vi.waitFor(() => expect(app().training?.latest).not.toBeNull());
    app().cancelTraining();
    await running;
    expect([app().training, app().trainError, app().trained]).toEqual([null, null, null]);
  });

  it('that is ended goes on to its test', async () => {
    await embedded({ delay: 20 });
    const running = app().startTraining();
    await vi.waitFor(() => expect(app().training?.latest).not.toBeNull());
    await app().stopTraining();
    await running;
    expect(app().trained?.model.summary).toMatchObject({ end: 'stopped' });
  });

  it('dropped with its file leaves nothing behind', async () => {
    await embedded({ delay: 20 });
    const running = app().startTraining();
    await vi.waitFor(() => expect(app().training?.latest).not.toBeNull());
    await app().closeFile();
    await running;
    expect([app().training, app().trained, app().trainError]).toEqual([null, null, null]);
  });

  it('that fails is one sentence', async () => {
    const services = await embedded();
    vi.spyOn(services.training, 'train').mockRejectedValueOnce(
      new TrainError('not-finite', 'the loss is no number after step 3'),
    );
    await app().startTraining();
    expect(app().trainError).toEqual({
      what: 'The loss is no number after step 3.',
      help: 'Try a smaller learning rate; the model is as it was before.',
    });
  });

  it('goes on with the configuration of its checkpoint', async () => {
    const services = await embedded();
    const config = currentTrainConfig(app());
    if (!config) throw new Error('no configuration');
    const run = { key: 'k', config: { ...config, epochs: 77 }, step: 2, steps: 4, bytes: 10 };
    await app().lookForUnfinished();
    expect(app().unfinished).toEqual([]);
    vi.spyOn(services, 'checkpoints').mockResolvedValue(['k']);
    vi.spyOn(services.training, 'unfinished').mockResolvedValue([run]);
    await app().lookForUnfinished();
    const train = vi.spyOn(services.training, 'train');
    await app().resumeTraining(app().unfinished[0]);
    expect(train.mock.calls[0][0]).toMatchObject({ resume: true, config: { epochs: 77 } });
  });
});

describe('the live view', () => {
  const losses = { total: 1, masked: null, annotations: {}, maskedTokens: 0, maskedRight: 0, labelled: {} };
  const step = (at: number): TrainingEvent => ({
    ...{ kind: 'step', step: at, steps: 5000, epoch: 1, losses, gradientNorm: 1, learningRate: 1 },
    ...{ cellsPerSecond: 1, tokensPerSecond: 1, secondsLeft: 1 },
  });
  const view = () => {
    const config = currentTrainConfig(app());
    if (!config) throw new Error('no configuration');
    return newTrainView(config);
  };
  const steps = (points: readonly StepPoint[]) => points.map(({ step: at }) => at);

  it('drops what a lost device has taken back', () => {
    let now = view();
    for (let at = 1; at <= 5; at++) now = withEvent(now, step(at));
    const started: TrainingEvent = {
      kind: 'started',
      engine: { kind: 'webgpu', device: 'x', software: false },
      steps: 9,
      ...{ resumedAt: 3, deviceBytes: 0, learning: 0 },
      plan: {
        ...{ cellsPerStep: 1, tokensPerMicroBatch: 1, stepsPerEpoch: 1, microBatchesPerEpoch: 1 },
        ...{ greatestMicroBatch: 1, fingerprint: '' },
      },
    };
    expect(steps(withEvent(now, started).points)).toEqual([1, 2, 3]);
  });

  it('keeps no more points than can be seen, the last among them', () => {
    let now = view();
    for (let at = 1; at <= 5000; at++) now = withEvent(now, step(at));
    expect(now.points.length).toBeLessThanOrEqual(1000);
    expect(steps(now.points).at(-1)).toBe(5000);
    expect(steps(now.points)).toEqual([...steps(now.points)].sort((a, b) => a - b));
  });
});

describe('what is said of a test', () => {
  it('is how far the new model is above or below each baseline, and how sure that is', () => {
    const { methods } = fakeEvaluation();
    const sentences = testSentences([{ ...methods[0], id: 'fine-tuned', name: 'trained model' }, ...methods]);
    expect(sentences[0]).toMatch(
      /The trained model tells the classes apart better than chance: .* p = 0\.02/,
    );
    expect(sentences[1]).toMatch(/level with probe on the embedding/);
    expect(sentences.join()).toContain('no finding about new donors');
    expect(sentences.join()).toMatch(/0\.18 above commonest class \(0\.50\), on the same 30 cells/);
    expect(sentences.at(-1)).toMatch(/no claim can be made/);
  });

  it('names the donors it was made from', async () => {
    await embedded();
    await app().startTraining();
    const { trained } = app();
    if (!trained) throw new Error('not trained');
    expect(trainedOn(trained)).toMatch(/Made from teddy-fake on 40 readings of cells of H00049/);
  });
});

describe('a package as a zip file', () => {
  const files = [
    { path: 'config.json', content: new TextEncoder().encode('{"a":1}') },
    { path: 'model.safetensors', content: new Uint8Array(2 ** 20 + 3).map((_, i) => i % 251) },
    { path: 'empty.txt', content: new Uint8Array(0) },
  ];

  it('comes out as it went in, and is the same for the same package', async () => {
    const zip = await packageZip('my-model', files);
    const again = await packageZip('my-model', files);
    expect(Buffer.from(await again.arrayBuffer()).equals(Buffer.from(await zip.arrayBuffer()))).toBe(true);
    const found = await unzippedPackage([{ path: 'x.zip', file: new File([zip], 'x.zip') }]);
    expect(found.map(({ path }) => path)).toEqual(files.map(({ path }) => `my-model/${path}`));
    for (const [i, { file }] of found.entries())
      expect(Buffer.from(await file.arrayBuffer()).equals(files[i].content)).toBe(true);
  });

  it('is told from other zip files and other drops', async () => {
    const other = new File(
      [await packageZip('data', [{ path: '.zgroup', content: new Uint8Array(2) }])],
      'd.zip',
    );
    const dropped = [{ path: 'd.zip', file: other }];
    expect(await unzippedPackage(dropped)).toBe(dropped);
    const file = [{ path: 'a.h5ad', file: new File(['x'], 'a.h5ad') }];
    expect(await unzippedPackage(file)).toBe(file);
    await expect(
      unzippedPackage([{ path: 'b.zip', file: new File(['no zip at all'], 'b.zip') }]),
    ).rejects.toThrow(/ends before its directory/);
  });
});
