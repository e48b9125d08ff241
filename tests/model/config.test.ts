import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/model/config.ts';
import { checkTensors, encoderTensors } from '../../src/model/encoder-tensors.ts';
import { parseMedians } from '../../src/model/medians.ts';
import { parseTrainingRecord } from '../../src/model/training-record.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import type { WeightSource } from '../../src/model/weights.ts';

const PUBLISHED = {
  model_type: 'teddy_g',
  d_model: 12,
  nheads: 3,
  d_hid: 20,
  nlayers: 2,
  ntoken: 30,
  max_position_embeddings: 7,
};

describe('config.json', () => {
  it('fills in what published checkpoints leave out', () => {
    expect(parseConfig(PUBLISHED)).toEqual({
      modelType: 'teddy_g',
      dModel: 12,
      nHeads: 3,
      dHid: 20,
      nLayers: 2,
      nToken: 30,
      maxPositionEmbeddings: 7,
      layerActivation: 'gelu',
      preNorm: false,
      layerNormEps: 1e-5,
      bins: 0,
      continuousRank: false,
      valueInput: 'none',
      annotations: {},
    });
  });

  it.each([
    ['teddy_g', { continuous_rank: true, bins: 51 }, 'none'],
    ['teddy_x', { bins: 51 }, 'binned'],
    ['teddy_x', { continuous_rank: true }, 'rank'],
  ])('%s with %j reads %s', (model_type, fields, valueInput) => {
    expect(parseConfig({ ...PUBLISHED, model_type, ...fields }).valueInput).toBe(valueInput);
  });

  it.each([
    ['model_type', undefined],
    ['model_type', 'bert'],
    ['d_model', undefined],
    ['d_model', '12'],
    ['d_model', 0],
    ['nheads', 5],
    ['nheads', Number.NaN],
    ['nlayers', 2.5],
    ['nlayers', 100_000],
    ['ntoken', -1],
    ['layer_activation', 'swish'],
    ['pre_norm', 'false'],
    ['layer_norm_eps', -1],
    ['layer_norm_eps', '1e-5'],
    ['annotations', ['disease']],
    ['annotations', { 7: ['a'] }],
    ['annotations.disease', undefined, { annotations: { disease: [] } }],
    ['annotations.disease', undefined, { annotations: { disease: ['a', 'a'] } }],
    ['annotations.disease', undefined, { annotations: { disease: [1] } }],
    ['bins', undefined, { model_type: 'teddy_x' }],
  ])('names %s when it is %j', (field, value, more: object = {}) => {
    expect(() =>
      parseConfig({ ...PUBLISHED, ...more, ...(field in PUBLISHED || value ? { [field]: value } : {}) }),
    ).toThrow(expect.objectContaining({ code: 'config-invalid', subject: field }));
  });

  it.each([
    [{ bins: 1.5 }, 'config.json: bins is 1.5, not an integer from 0 to 100000'],
    [{ d_model: null }, 'config.json: d_model is missing'],
    [{ pre_norm: 'x'.repeat(200) }, `config.json: pre_norm is "${'x'.repeat(99)}, not true or false`],
    [{ layer_activation: 'swish' }, 'config.json: layer_activation is "swish", not one of gelu, relu'],
    [{ annotations: ['disease'] }, 'config.json: annotations is not a JSON object'],
    [
      JSON.parse('{"annotations": {"__proto__": ["a"]}}'),
      'config.json: annotations has the name "__proto__"',
    ],
    [{ annotations: { constructor: ['a'] } }, 'config.json: annotations has the name "constructor"'],
  ])('%j is said in words', (fields, message) => {
    expect(() => parseConfig({ ...PUBLISHED, ...fields })).toThrow(expect.objectContaining({ message }));
  });

  it('is a JSON object', () => {
    for (const json of [null, [], 'x', 3]) expect(() => parseConfig(json)).toThrow('not a JSON object');
  });
});

describe('the tensors of an encoder', () => {
  const config = parseConfig({
    ...PUBLISHED,
    model_type: 'teddy_x',
    bins: 9,
    annotations: { sex: ['f', 'm'] },
  });
  const weights = (change: Record<string, number[] | null>): WeightSource => {
    const tensors = new Map<string, { dtype: 'F32'; shape: readonly number[] }>();
    for (const [name, shape] of encoderTensors(config)) tensors.set(name, { dtype: 'F32', shape });
    for (const [name, shape] of Object.entries(change)) {
      if (shape) tensors.set(name, { dtype: 'F32', shape });
      else tensors.delete(name);
    }
    return { tensors, read: async () => new Float32Array() };
  };

  it('are all there, others are listed', () => {
    expect(encoderTensors(config).size).toBe(3 + 2 * 12 + 2);
    expect(checkTensors(config, weights({ 'value_head.weight': [10, 12], 'pooler.weight': [3] }))).toEqual([
      'pooler.weight',
    ]);
  });

  it.each([
    ['tensor-missing', 'value_embeddings.weight', null],
    ['tensor-missing', 'encoder.layers.1.norm2.bias', null],
    ['tensor-shape', 'embeddings.weight', [29, 12]],
    ['tensor-shape', 'encoder.layers.0.linear1.weight', [12, 20]],
    ['tensor-shape', 'annotation_heads.sex.bias', [2, 1]],
  ])('%s names %s', (code, subject, shape) => {
    expect(() => checkTensors(config, weights({ [subject]: shape }))).toThrow(
      expect.objectContaining({ code, subject }),
    );
  });
});

describe('the vocabulary', () => {
  const added = { '<pad>': 4, '<tissue_type>': 3, '<disease>': 5 };

  it('numbers lines from 0 and reads special ids', () => {
    const vocabulary = Vocabulary.parse('ENSG1\r\nENSG2\r\nENSMUSG3\r\n', added);
    expect(vocabulary.size).toBe(3);
    expect(vocabulary.idOf('ENSMUSG3')).toBe(2);
    expect(vocabulary.idOf('constructor')).toBeUndefined();
    expect(vocabulary.token(1)).toBe('ENSG2');
    expect(() => vocabulary.token(3)).toThrow(RangeError);
    expect(vocabulary.annotationIds(['disease', 'tissue'])).toEqual([5, 3]);
    expect(() => vocabulary.annotationIds(['sex'])).toThrow(expect.objectContaining({ subject: '<sex>' }));
  });

  it.each([
    ['a token twice', 'A\nB\nA', {}],
    ['an empty line', 'A\n\nB', {}],
    ['an empty file', '', {}],
    ['an id twice', 'A', { x: 3, y: 3 }],
    ['an id of a gene', 'A\nB', { '<pad>': 1 }],
    ['an id that is no number', 'A', { '<pad>': '2' }],
    ['a list', 'A', []],
  ])('refuses %s', (_, text, special) => {
    expect(() => Vocabulary.parse(text, special)).toThrow(
      expect.objectContaining({ code: 'vocabulary-invalid' }),
    );
  });
});

describe('gene medians', () => {
  it('are numbers above 0', () => {
    expect(parseMedians({ a: 1.5, b: 2 })).toEqual(
      new Map([
        ['a', 1.5],
        ['b', 2],
      ]),
    );
    expect(() => parseMedians({ a: 1, b: -0.5 })).toThrow(
      'the gene medians: b is -0.5, not a number above 0',
    );
    for (const json of [{ a: 0 }, { a: -1 }, { a: '1' }, { a: null }, { a: 1e-320 }, {}, [], null]) {
      expect(() => parseMedians(json)).toThrow(expect.objectContaining({ code: 'medians-invalid' }));
    }
  });
});

describe('training.json', () => {
  it('may say little, but nothing of a wrong type', () => {
    const card = parseTrainingRecord({ name: 'm', what: 'w' });
    expect(card).toMatchObject({
      trainingDonors: {},
      sources: [],
      oneStudyNote: null,
      trainingClassCounts: null,
    });
    for (const odd of [
      { training_donors: { a: 'x' } },
      { training_donors: { a: [1] } },
      {
        held_out_donor_cells: {
          disease: { all: { n: 3, accuracy: 1.2, commonest_class: 0, commonest_class_of_its_study: 0 } },
        },
      },
      { withheld_as_outside_of_training: { x: '1' } },
      { sources: [{ name: 'x' }] },
      { cells_in_training_set: -1 },
      { training_class_counts: { disease: { s: { c: 0.5 } } } },
    ]) {
      expect(() => parseTrainingRecord({ name: 'm', what: 'w', ...odd })).toThrow(
        expect.objectContaining({ code: 'training-invalid' }),
      );
    }
    expect(parseTrainingRecord({ loss: 1 })).toBeNull();
    const fields = { name: 'm', what: 'w', training_donors: { study: ['D1', 2] } };
    expect(() => parseTrainingRecord(fields)).toThrow('training.json: training_donors.study.1 is not text');
    expect(() => parseTrainingRecord([])).toThrow('training.json is not a JSON object');
  });

  it('reads class counts', () => {
    const counts = { disease: { combat: { normal: 3 } } };
    expect(
      parseTrainingRecord({ name: 'm', what: 'w', training_class_counts: counts })?.trainingClassCounts,
    ).toEqual(counts);
  });
});
