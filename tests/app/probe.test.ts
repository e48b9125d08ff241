import { beforeEach, describe, expect, it, vi } from 'vitest';
import { embeddedModel } from '../../src/app/model/embedded.ts';
import { noAnswer, rankedClasses, withheldOf } from '../../src/app/results/predictions.ts';
import { probeOutcomes } from '../../src/app/results/probe-outcomes.ts';
import { isStale } from '../../src/app/state/probe.ts';
import { provideServices } from '../../src/app/state/services.ts';
import { useApp } from '../../src/app/state/store.ts';
import { ProbeError } from '../../src/probe/errors.ts';
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
  await app().proposeProbe();
  return services;
}

/** A file of bytes under the name the page would save it by. */
function asFile(bytes: Uint8Array<ArrayBuffer> | null): File {
  if (!bytes) throw new Error('there is no probe');
  return new File([bytes], 'fake_condition.probe.safetensors');
}

describe('the form', () => {
  beforeEach(async () => {
    await embedded();
  });

  it('proposes the disease column in the model’s classes, donors held out', () => {
    expect(app().probeForm).toMatchObject({
      labelColumn: 'condition',
      groupColumn: 'donor_id',
      split: { kind: 'leave-one-group-out' },
      c: 'chosen',
      expressionBaseline: true,
    });
    expect([...(app().probeForm?.table ?? [])]).toEqual([
      ['Covid_Mild', 'COVID-19'],
      ['Healthy', 'normal'],
    ]);
  });

  it('takes recorded values for classes where the model has none of them', async () => {
    await app().setProbeLabelColumn('donor_id');
    expect(app().probeForm?.table.get('H00049')).toBe('H00049');
  });

  it('divides cells at random only where nothing names donors', async () => {
    app().setProbeGroupColumn(null);
    expect(app().probeForm?.split.kind).toBe('random-cells');
    app().setProbeGroupColumn('donor_id');
    expect(app().probeForm?.split.kind).toBe('leave-one-group-out');
  });
});

describe('a probe', () => {
  beforeEach(async () => {
    await embedded();
  });

  it('gives a table, tests no donor the model has seen, and can be run again from its configuration', async () => {
    await app().runProbe();
    const result = app().probeResult;
    expect(app().probeError).toBeNull();
    expect(app().probing).toBeNull();
    expect(result?.evaluation.seenGroups).toEqual(['H00049']);
    expect(result?.config).toMatchObject({
      file: { name: 'fake.h5ad', bytes: 1 },
      cells: { kind: 'all' },
      label: { column: 'condition', annotation: 'disease' },
      groupColumn: 'donor_id',
      engine: 'wasm',
    });
    expect(result?.audit[0]).toContain('No cell occurs twice');
    expect(JSON.parse(JSON.stringify(result?.config))).toEqual(result?.config);
    expect(app().probeReport()?.data.embedded).toBe(30);
  });

  it('marks its result stale when a setting changes and fresh when it changes back', async () => {
    await app().runProbe();
    const result = app().probeResult;
    expect(isStale(app())).toBe(false);
    app().changeProbe({ classWeights: 'balanced' });
    expect(isStale(app())).toBe(true);
    expect(app().probeResult).toBe(result);
    app().changeProbe({ classWeights: 'none' });
    expect(isStale(app())).toBe(false);
  });

  it('says which embedded cells it answered right, wrong and never', async () => {
    await app().runProbe();
    const result = app().probeResult;
    if (!result) throw new Error('no result');
    const outcomes = probeOutcomes(result, 30);
    // Ten cells a donor; the first donor was seen in training of the model.
    expect([...outcomes.subarray(0, 10)]).toEqual(Array(10).fill(-1));
    expect([...outcomes.subarray(10, 18)]).toEqual([0, 0, 0, 1, 0, 0, 0, 1]);
  });

  it('is stopped without a word, and the result before it stays', async () => {
    await embedded({ delay: 20 });
    await app().runProbe();
    const before = app().probeResult;
    expect(before).not.toBeNull();
    const again = app().runProbe();
    await vi.waitFor(() => expect(app().probeProgress?.unit).toBe('fits'));
    app().cancelProbe();
    await again;
    expect(app().probing).toBeNull();
    expect(app().probeError).toBeNull();
    expect(app().probeResult).toBe(before);
  });

  it('that cannot be made is one sentence', async () => {
    const services = await embedded();
    vi.spyOn(services.probe, 'evaluate').mockRejectedValueOnce(
      new ProbeError('nothing-to-test', 'every labelled donor was seen in training'),
    );
    await app().runProbe();
    expect(app().probeError?.what).toMatch(/^Every labelled donor was seen in training\.$/);
    expect(app().probeResult).toBeNull();
  });

  it('goes with the cells it was made of', async () => {
    await app().runProbe();
    await app().startRun();
    expect(app().probeResult).toBeNull();
    expect(app().probeForm?.labelColumn).toBe('condition');
    await app().closeFile();
    expect(app().probeForm).toBeNull();
  });
});

describe('a saved probe', () => {
  it('answers among the predictions; cells without an answer are missing, not classes', async () => {
    await embedded();
    await app().runProbe();
    const file = asFile(await app().trainedProbeFile());
    await app().applyProbeFile(file);
    expect(app().applyError).toBeNull();
    const [applied] = app().applied;
    expect(applied).toMatchObject({
      name: 'probe_condition',
      outside: 1,
      unsure: 1,
      cells: 30,
      warnings: [],
    });
    expect(applied.description.training).toMatchObject({ file: 'fake.h5ad', cells: 30 });
    expect(applied.description.measured?.methods[0].balancedAccuracy).toBe(0.68);
    const { results, colourBy } = app();
    if (!results) throw new Error('no results');
    expect(colourBy).toEqual({ kind: 'prediction', name: 'probe_condition' });
    expect([...withheldOf(results, 'probe_condition').subarray(0, 4)]).toEqual([0, 1, 2, 0]);
    expect(noAnswer(results, 'probe_condition', 1)).toContain('outside what this probe was trained on');
    expect(rankedClasses(results.predictions.probe_condition, 1)).toEqual([]);
    // The rule of the model is not the probe's: cell 10 is withheld by the one only.
    expect(withheldOf(results, 'disease')[10]).not.toBe(0);
    expect(noAnswer(results, 'probe_condition', 10)).toBe('');
    expect(app().labels.probe_condition.column).toBe('condition');
    expect(app().finished?.provenance.probes).toMatch(/^condition: trained .* on fake.h5ad$/);
  });

  it('is taken back with its colours', async () => {
    await embedded();
    await app().runProbe();
    await app().applyProbeFile(asFile(await app().trainedProbeFile()));
    app().removeApplied('probe_condition');
    expect(app().applied).toEqual([]);
    expect(app().colourBy).toBeNull();
    expect(app().finished?.provenance).not.toHaveProperty('probes');
    expect(Object.keys(app().results?.predictions ?? {})).toEqual(['disease', 'cell_type']);
  });

  it('of another model is applied with a warning, of other features it is refused in words', async () => {
    await embedded();
    await app().runProbe();
    const file = asFile(await app().trainedProbeFile());
    const services = await embedded();
    const load = services.compute.load;
    vi.spyOn(services.compute, 'load').mockImplementation(async (location, options) => ({
      ...(await load(location, options)),
      sha256: 'beef',
      name: 'another',
    }));
    await app().chooseModel({ kind: 'files', name: 'another', files: [] });
    await app().startRun();
    await app().applyProbeFile(file);
    expect(app().applied[0].warnings.join(' ')).toContain('another');

    const encode = services.compute.encode;
    vi.spyOn(services.compute, 'encode').mockImplementation(async (batch, pooling, options) => {
      const results = await encode(batch, pooling, options);
      return { ...results, dimension: 4, embedding: results.embedding.slice(0, 4 * batch.rows.length) };
    });
    await app().startRun();
    await app().applyProbeFile(file);
    expect(app().applyError?.what).toMatch(/reads 8 features .* these cells have 4/);
    expect(app().applied).toEqual([]);
  });

  it('that is no probe is one sentence', async () => {
    await embedded();
    await app().applyProbeFile(new File(['not a probe'], 'x.safetensors'));
    expect(app().applyError?.what).toMatch(/not a probe/);
    expect(app().applying).toBeNull();
  });
});
