import { describe, expect, it } from 'vitest';
import {
  applyLabelTable,
  isDerivedColumn,
  isMissingLabel,
  matchLabels,
  recordedLabels,
  suggestLabelColumn,
} from '../../src/analysis/labels.ts';

const DISEASES = ['COVID-19', 'autism spectrum disorder', 'normal', 'systemic lupus erythematosus'];
const CELL_TYPES = [
  'B cell',
  'T cell',
  'dendritic cell',
  'endothelial cell',
  'fibrous astrocyte',
  'megakaryocyte',
  'microglial cell',
  'monocyte',
  'natural killer cell',
];

const disease = (...labels: string[]) => Object.fromEntries(matchLabels('disease', labels, DISEASES));
const cellType = (...labels: string[]) => Object.fromEntries(matchLabels('cell_type', labels, CELL_TYPES));

describe('recorded labels', () => {
  it('takes empty, unknown, NA, nan, n/a, none, unassigned in any case for missing', () => {
    for (const text of [
      '',
      '  ',
      'unknown',
      'Unknown',
      'NA',
      'nan',
      'N/A',
      'None',
      'UNASSIGNED',
      ' na ',
      null,
    ]) {
      expect(isMissingLabel(text), String(text)).toBe(true);
    }
    for (const text of ['0', 'normal', 'Nantes', 'no', 'naive T cell'])
      expect(isMissingLabel(text)).toBe(false);
  });

  it('reads every kind of column, of chosen rows, trimmed', () => {
    const categorical = recordedLabels({
      kind: 'categorical',
      codes: Int32Array.of(2, -1, 0, 1, 2),
      categories: ['unknown', ' B cells ', 'NK cells'],
      ordered: false,
    });
    expect(categorical.labels).toEqual(['NK cells', 'B cells']);
    expect([...categorical.codes]).toEqual([0, -1, -1, 1, 0]);
    const text = recordedLabels(
      { kind: 'string', values: ['a', null, 'NA', 'b', 'a'] },
      Uint32Array.of(1, 3, 4),
    );
    expect(text.labels).toEqual(['b', 'a']);
    expect([...text.codes]).toEqual([-1, 0, 1]);
    const numbers = recordedLabels({
      kind: 'numeric',
      values: Float64Array.of(4341, Number.NaN, 2),
      integer: true,
    });
    expect(numbers.labels).toEqual(['4341', '2']);
    expect([...numbers.codes]).toEqual([0, -1, 1]);
    const booleans = recordedLabels({
      kind: 'boolean',
      values: Uint8Array.of(1, 0, 0),
      missing: Uint8Array.of(0, 0, 1),
    });
    expect(booleans.labels).toEqual(['true', 'false']);
    expect([...booleans.codes]).toEqual([0, 1, -1]);
  });
});

describe('matching labels to classes', () => {
  it('knows the names of the demo files', () => {
    expect(disease('Covid_Critical', 'Covid_Mild', 'Healthy')).toEqual({
      Covid_Critical: 'COVID-19',
      Covid_Mild: 'COVID-19',
      Healthy: 'normal',
    });
    expect(disease('COVID-19', 'normal')).toEqual({ 'COVID-19': 'COVID-19', normal: 'normal' });
    expect(disease('ASD', 'Control')).toEqual({ ASD: 'autism spectrum disorder', Control: 'normal' });
    expect(disease('SLE', 'Lupus', 'SARS-CoV-2', 'covid19')).toEqual({
      SLE: 'systemic lupus erythematosus',
      Lupus: 'systemic lupus erythematosus',
      'SARS-CoV-2': 'COVID-19',
      covid19: 'COVID-19',
    });
    expect(
      cellType('B cells', 'CD14+ Monocytes', 'CD4 T cells', 'CD8 T', 'Dendritic cells', 'FCGR3A+ Monocytes'),
    ).toEqual({
      'B cells': 'B cell',
      'CD14+ Monocytes': 'monocyte',
      'CD4 T cells': 'T cell',
      'CD8 T': 'T cell',
      'Dendritic cells': 'dendritic cell',
      'FCGR3A+ Monocytes': 'monocyte',
    });
    expect(cellType('NK cells', 'Megakaryocytes', 'AST-FB', 'Endothelial', 'Microglia', 'B')).toEqual({
      'NK cells': 'natural killer cell',
      Megakaryocytes: 'megakaryocyte',
      'AST-FB': 'fibrous astrocyte',
      Endothelial: 'endothelial cell',
      Microglia: 'microglial cell',
      B: 'B cell',
    });
    expect(Object.fromEntries(matchLabels('sex', ['F', 'Male', 'other'], ['female', 'male']))).toEqual({
      F: 'female',
      Male: 'male',
      other: null,
    });
  });

  it('does not take the untreated arm of an experiment, or the lack of a disease, for a class', () => {
    expect(disease('ctrl', 'stim')).toEqual({ ctrl: null, stim: null });
    expect(disease('ctrl')).toEqual({ ctrl: 'normal' });
    expect(
      disease('pre-COVID', 'COVID contact', 'COVID_vaccinated', 'COVID control', 'untreated COVID'),
    ).toEqual({
      'pre-COVID': null,
      'COVID contact': null,
      COVID_vaccinated: null,
      'COVID control': null,
      'untreated COVID': 'COVID-19',
    });
    expect(disease('non-COVID', 'COVID-', 'post COVID-19', 'COVID-19 convalescent', 'COVID+')).toEqual({
      'non-COVID': null,
      'COVID-': null,
      'post COVID-19': null,
      'COVID-19 convalescent': null,
      'COVID+': 'COVID-19',
    });
    expect(cellType('Bipolar', 'NKT cells', 'T cell leukemia')).toEqual({
      Bipolar: null,
      'NKT cells': null,
      'T cell leukemia': null,
    });
  });

  it('never gives a class the model does not have', () => {
    expect([...matchLabels('disease', ['Healthy', 'SLE'], ['COVID-19']).values()]).toEqual([null, null]);
  });

  it('applies an edited table and lists what is left out', () => {
    const recorded = { labels: ['Healthy', 'flu', 'odd'], codes: Int32Array.of(0, 1, 1, -1, 2, 0) };
    const table = matchLabels('disease', recorded.labels, DISEASES);
    table.set('odd', 'COVID-19');
    const matched = applyLabelTable(recorded, table, DISEASES);
    expect([...matched.codes]).toEqual([2, -1, -1, -1, 0, 2]);
    expect(matched.unmatched).toEqual([{ label: 'flu', cells: 2 }]);
    expect(matched.missing).toBe(1);
  });
});

describe('suggesting a label column', () => {
  it('prefers disease to condition, and recorded to derived only by name', () => {
    const combat = [
      'assay',
      'cell_type_predicted',
      'cell_type_predicted_prob',
      'condition',
      'disease',
      'sex_inferred',
    ];
    expect(suggestLabelColumn('disease', combat)).toBe('disease');
    expect(suggestLabelColumn('cell_type', combat)).toBe('cell_type_predicted');
    expect(suggestLabelColumn('sex', combat)).toBe('sex_inferred');
    expect(suggestLabelColumn('tissue', combat)).toBeNull();
    expect(suggestLabelColumn('cell_type', ['n_genes', 'louvain'])).toBe('louvain');
    expect(suggestLabelColumn('disease', ['disease_ontology_term_id', 'Diagnosis'])).toBe('Diagnosis');
    expect(suggestLabelColumn('stage', ['age', 'stage'])).toBe('stage');
  });

  it('tells labels that software made', () => {
    expect(['cell_type_predicted', 'sex_inferred', 'louvain'].map(isDerivedColumn)).toEqual([
      true,
      true,
      true,
    ]);
    expect(['cell_type', 'disease', 'predictable'].map(isDerivedColumn)).toEqual([false, false, true]);
  });
});
