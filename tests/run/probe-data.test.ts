import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/data/dataset.ts';
import {
  assembleProbeData,
  headProbabilities,
  orderClasses,
  type ProbeInputs,
} from '../../src/run/probe-data.ts';
import type { CellResults } from '../../src/run/results.ts';

const text = (...values: (string | null)[]): Column => ({ kind: 'string', values });

/** Six rows in the file, of which rows 0, 2, 3, 5 are embedded. */
const results: CellResults = {
  rows: Uint32Array.of(0, 2, 3, 5),
  dimension: 2,
  embedding: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7),
  annotationStates: { disease: Float32Array.of(9, 8, 7, 6, 5, 4, 3, 2) },
  predictions: {
    disease: {
      classes: ['lupus', 'normal', 'COVID-19'],
      probabilities: Float32Array.of(0.5, 0.4, 0.1, 0.2, 0.2, 0.6, 1, 0, 0, 0, 0.75, 0.25),
    },
  },
  withheld: Uint8Array.of(0, 4, 0, 0),
  tokens: new Uint32Array(4),
};

const inputs: ProbeInputs = {
  results,
  config: {
    features: { kind: 'embedding' },
    label: {
      column: 'condition',
      table: { Mild: 'COVID-19', Severe: 'COVID-19', Healthy: 'normal', other: null },
      annotation: 'disease',
    },
    groupColumn: 'donor_id',
    studyColumn: 'pool',
    cellTypeColumn: null,
    caseColumn: 'condition',
  },
  columns: {
    condition: text('Healthy', 'Mild', 'Mild', 'other', 'Severe', 'Healthy'),
    donor_id: text('D1', 'D1', 'D2', 'D2', 'D3', 'unknown'),
    pool: text('a', 'a', 'b', 'b', 'b', 'b'),
  },
  donorColumn: 'donor_id',
  training: null,
  trainingRows: null,
  obsm: null,
  expression: null,
};

const trained = { trainingDonors: { combat: ['d2', 'X9'] }, heldOutDonors: { combat: ['D1'] } };

describe('the data of a probe', () => {
  it('takes labels through the table, of the embedded rows alone', () => {
    const { data, cases, notices } = assembleProbeData(inputs);
    expect(data.classes).toEqual(['normal', 'COVID-19']);
    expect([...data.labels]).toEqual([0, 1, -1, 0]);
    expect(data.groups).toEqual({ names: ['D1', 'D2'], codes: Int32Array.of(0, 1, 1, -1) });
    expect(data.studies).toEqual({ names: ['a', 'b'], codes: Int32Array.of(0, 1, 1, 1) });
    expect(cases).toEqual({ names: ['Healthy', 'Mild', 'other'], codes: Int32Array.of(0, 1, 2, 0) });
    expect(data.features).toEqual(results.embedding);
    expect(notices).toEqual([]);
  });

  it('lets nobody be seen by an encoder without a training record, else the donors on its lists', () => {
    expect([...assembleProbeData(inputs).data.seen]).toEqual([0, 0]);
    expect([...assembleProbeData({ ...inputs, training: trained }).data.seen]).toEqual([0, 1]);
  });

  it('sees a group of any kind that holds cells of a seen donor', () => {
    const config = { ...inputs.config, groupColumn: 'pool' };
    const { data } = assembleProbeData({ ...inputs, config, training: trained });
    expect(data.groups?.names).toEqual(['a', 'b']);
    expect([...data.seen]).toEqual([0, 1]);
  });

  it('sees a group with a cell of the training set, whatever its donor is called', () => {
    const training = { trainingDonors: { combat: ['renamed'] }, heldOutDonors: {} };
    const { data } = assembleProbeData({ ...inputs, training, trainingRows: Uint32Array.of(1, 2, 4) });
    expect(data.groups?.names).toEqual(['D1', 'D2']);
    expect([...data.seen]).toEqual([0, 1]);
    const config = { ...inputs.config, groupColumn: null };
    const alone = assembleProbeData({ ...inputs, config, trainingRows: Uint32Array.of(3) });
    expect([...alone.data.labels]).toEqual([0, 1, -1, 0]);
    expect(alone.notices[0]).toContain('1 cell.');
  });

  it('leaves cells of seen donors out, with a word, where nothing groups the cells', () => {
    const config = { ...inputs.config, groupColumn: null };
    const columns = { ...inputs.columns, donor_id: text('D2', null, 'D1', 'D1', null, null) };
    const { data, notices } = assembleProbeData({ ...inputs, config, columns, training: trained });
    expect(data.groups).toBeNull();
    expect([...data.labels]).toEqual([-1, 1, -1, 0]);
    expect(notices[0]).toContain('on their donors: 1 cell.');
  });

  it('refuses one class alone, unknown columns, states that were not kept', () => {
    const label = { ...inputs.config.label, table: { Mild: 'COVID-19' } };
    expect(() => assembleProbeData({ ...inputs, config: { ...inputs.config, label } })).toThrow(
      expect.objectContaining({ code: 'too-few-classes' }),
    );
    const studyColumn = 'nowhere';
    expect(() => assembleProbeData({ ...inputs, config: { ...inputs.config, studyColumn } })).toThrow(
      expect.objectContaining({ code: 'unknown-column', subject: 'nowhere' }),
    );
    const features = { kind: 'annotation-state', annotation: 'sex' } as const;
    expect(() => assembleProbeData({ ...inputs, config: { ...inputs.config, features } })).toThrow(
      expect.objectContaining({ code: 'no-features' }),
    );
    const table = JSON.parse('{"__proto__": "a", "Healthy": "normal", "Mild": "x"}');
    const hostile = { ...inputs.config, label: { ...inputs.config.label, table } };
    expect(assembleProbeData({ ...inputs, config: hostile }).data.classes).toEqual(['normal', 'x']);
  });

  it('takes features from token states and from obsm', () => {
    const features = { kind: 'annotation-state', annotation: 'disease' } as const;
    const states = assembleProbeData({ ...inputs, config: { ...inputs.config, features } });
    expect(states.data.features).toEqual(results.annotationStates?.disease);
    const config = { ...inputs.config, features: { kind: 'obsm', key: 'X_pca' } as const };
    const obsm = { columns: 3, data: Float32Array.from({ length: 18 }, (_, i) => i) };
    const { data } = assembleProbeData({ ...inputs, config, obsm });
    expect(data.dimension).toBe(3);
    expect([...data.features]).toEqual([0, 1, 2, 6, 7, 8, 9, 10, 11, 15, 16, 17]);
  });
});

describe('the head in the classes of a probe', () => {
  it('renormalises over the classes of equal name and answers nothing where withheld or empty', () => {
    const head = assembleProbeData(inputs).data.head ?? new Float32Array();
    const expected = [0.8, 0.2, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0.75, 0.25];
    expected.forEach((value, i) => {
      if (Number.isNaN(value)) expect(head[i]).toBeNaN();
      else expect(Math.abs(head[i] - value)).toBeLessThanOrEqual(1e-6);
    });
    expect(head.length).toBe(8);
  });

  it('is none where the head knows fewer than two of the classes', () => {
    const { disease } = results.predictions;
    expect(headProbabilities(disease, ['normal', 'asthma'], results.withheld)).toBeNull();
    expect(headProbabilities(disease, ['asthma', 'lupus', 'normal'], results.withheld)?.length).toBe(12);
    const config = { ...inputs.config, label: { ...inputs.config.label, annotation: null } };
    expect(assembleProbeData({ ...inputs, config }).data.head).toBeNull();
  });

  it('keeps the order of the head’s own probabilities and sums to one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: Math.fround(0.01), max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
        (values) => {
          const prediction = { classes: ['a', 'b', 'c', 'd'], probabilities: Float32Array.from(values) };
          const head = headProbabilities(prediction, ['d', 'b', 'a'], Uint8Array.of(0)) ?? [];
          expect(Math.abs(head[0] + head[1] + head[2] - 1)).toBeLessThanOrEqual(1e-6);
          expect(Math.sign(head[0] - head[1])).toBe(Math.sign(values[3] - values[1]));
        },
      ),
    );
  });
});

it('puts a control first, so that the second class is the finding, and sorts the others', () => {
  expect(orderClasses(['normal', 'COVID-19', 'normal'])).toEqual(['normal', 'COVID-19']);
  expect(orderClasses(['stim', 'ctrl'])).toEqual(['ctrl', 'stim']);
  expect(orderClasses(['T cell', 'B cell', 'dendritic cell'])).toEqual([
    'B cell',
    'T cell',
    'dendritic cell',
  ]);
});
