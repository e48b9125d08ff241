import { beforeEach, describe, expect, it, vi } from 'vitest';
import { embeddedModel } from '../../src/app/model/embedded.ts';
import { provideServices } from '../../src/app/state/services.ts';
import { useApp } from '../../src/app/state/store.ts';
import { WorkerDiedError } from '../../src/worker/errors.ts';
import { fakeServices } from './support/fake-services.ts';

const app = () => useApp.getState();
const someFile = () => new File(['x'], 'fake.h5ad');
const clean = useApp.getInitialState();

vi.stubGlobal('document', { baseURI: 'http://localhost/deep/path/' });

async function openedWith(options: Parameters<typeof fakeServices>[0] = {}) {
  const services = fakeServices(options);
  provideServices(services);
  useApp.setState(clean, true);
  await app().chooseModel(embeddedModel());
  await app().openFile(someFile());
  return services;
}

describe('opening', () => {
  it('finds the embedded model below any sub-path', () => {
    expect(embeddedModel()).toMatchObject({
      baseUrl: 'http://localhost/deep/path/models/teddy-g-bootstrap/',
    });
  });

  it('checks a file at once and proposes labels', async () => {
    await openedWith();
    expect(app().preflight?.genes.inVocabulary).toBe(1800);
    expect(app().donorColumn).toBe('donor_id');
    expect(app().labels.disease.column).toBe('condition');
    expect(app().labels.disease.table.get('Healthy')).toBe('normal');
    expect(app().labels.cell_type.column).toBeNull();
  });

  it('says one sentence for a file that cannot be read and stays open for the next', async () => {
    await openedWith({ openError: new Error('the file is odd') });
    expect(app().datasetError?.what).toBe('The file is odd.');
    expect(app().summary).toBeNull();
    expect(app().opening).toBeNull();
  });

  it('keeps the model that worked when another does not load', async () => {
    await openedWith({ badModel: 'broken' });
    await app().chooseModel({ kind: 'files', name: 'broken', files: [] });
    expect(app().modelError?.what).toBe('Weights do not fit.');
    expect(app().modelStatus).toBe('ready');
    expect(app().location).toMatchObject({ kind: 'embedded' });
  });

  it('takes only the latest of two files opened at once', async () => {
    const services = await openedWith();
    const open = vi.spyOn(services.dataset, 'open');
    const summary = await services.dataset.open(someFile(), {});
    open.mockImplementationOnce(async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return { ...summary, fileName: 'slow.h5ad' };
    });
    const slow = app().openFile(someFile());
    await Promise.all([slow, app().openFile(someFile())]);
    expect(app().summary?.fileName).toBe('fake.h5ad');
  });
});

describe('a run', () => {
  beforeEach(async () => {
    await openedWith({ cells: 30 });
  });

  it('embeds all cells, marks QC, lays out', async () => {
    await app().startRun();
    const { phase, results, finished, preflight } = app();
    expect(phase).toBe('done');
    expect(results?.rows.length).toBe(30);
    expect(results?.umap?.length).toBe(60);
    expect(finished).toMatchObject({
      cells: 30,
      provenance: { matrix: 'X', model: 'teddy-fake', seed: 0 },
    });
    const genes = preflight?.quality.genes ?? [];
    expect([...(results?.qcPass ?? [])]).toEqual(
      [...genes].map((count, row) =>
        count >= 225 && (preflight?.quality.mitochondrial?.[row] ?? 0) <= 0.1 ? 1 : 0,
      ),
    );
  });

  it('keeps the annotation states of every cell when asked, and only then', async () => {
    await app().startRun();
    expect(app().results?.annotationStates).toBeUndefined();
    app().setKeepAnnotationStates(true);
    await app().startRun();
    const { results } = app();
    expect(Object.keys(results?.annotationStates ?? {})).toEqual(['disease', 'cell_type']);
    expect(results?.annotationStates?.disease).toEqual(results?.embedding.map((value) => value + 1));
  });

  it('leaves cells outside the thresholds out when asked', async () => {
    app().setQuality({ mode: 'drop', minGenes: 600 });
    await app().startRun();
    const genes = app().preflight?.quality.genes ?? new Uint32Array();
    expect([...(app().results?.rows ?? [])].every((row) => genes[row] >= 600)).toBe(true);
    expect(app().results?.rows.length).toBeLessThan(30);
  });

  it('stopped: keeps the cells done and still lays them out', async () => {
    const services = await openedWith({ cells: 700, delay: 5 });
    const encode = services.compute.encode;
    let batches = 0;
    vi.spyOn(services.compute, 'encode').mockImplementation(async (batch, pooling, options) => {
      if (batches++ === 1) app().cancelRun();
      return encode(batch, pooling, options);
    });
    app().setCells({ kind: 'all' });
    await app().startRun();
    const done = app().results?.rows.length ?? 0;
    expect(app().phase).toBe('cancelled');
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(700);
    expect(app().results?.umap?.length).toBe(2 * done);
    expect(app().results?.embedding.buffer.byteLength).toBe(done * 8 * 4);
    expect(app().runError).toBeNull();
  });

  it('discarded while it runs: nothing of it comes back', async () => {
    await openedWith({ cells: 40, delay: 20 });
    const run = app().startRun();
    await new Promise((resolve) => setTimeout(resolve, 5));
    app().discardRun();
    await run;
    expect(app().phase).toBe('idle');
    expect(app().results).toBeNull();
  });

  it('a dead worker: one sentence, and the next run goes through', async () => {
    const services = await openedWith();
    vi.spyOn(services.compute, 'encode').mockRejectedValueOnce(
      new WorkerDiedError('crashed', 'compute', 'out of memory'),
    );
    await app().startRun();
    expect(app().runError?.what).toMatch(/stopped unexpectedly/);
    expect(app().phase).toBe('idle');
    await app().startRun();
    expect(app().phase).toBe('done');
  });
});

describe('selection and legend', () => {
  it('undo goes back step by step', async () => {
    await openedWith();
    app().select(Uint32Array.of(1, 2));
    app().setFilter(new Set([0]));
    app().select(null);
    app().undo();
    expect(app().selection).toEqual(Uint32Array.of(1, 2));
    app().undo();
    expect(app().filter).toBeNull();
    app().undo();
    expect(app().selection).toBeNull();
    app().undo();
    expect(app().selection).toBeNull();
  });
});
