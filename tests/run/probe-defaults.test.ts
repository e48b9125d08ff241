import { expect, it } from 'vitest';
import { defaultSplit, proposedColumns, proposedLabel } from '../../src/run/probe-defaults.ts';

const annotations = {
  disease: ['COVID-19', 'autism spectrum disorder', 'normal'],
  cell_type: ['B cell', 'T cell', 'monocyte'],
};

it('renames labels to the model’s classes one to one, and leaves them apart where it would merge them', () => {
  expect(proposedLabel('diagnosis', ['ASD', 'Control'], annotations)).toEqual({
    column: 'diagnosis',
    table: { ASD: 'autism spectrum disorder', Control: 'normal' },
    annotation: 'disease',
  });
  expect(proposedLabel('condition', ['Covid_Critical', 'Covid_Mild', 'Healthy'], annotations)).toEqual({
    column: 'condition',
    table: { Covid_Critical: 'Covid_Critical', Covid_Mild: 'Covid_Mild', Healthy: 'Healthy' },
    annotation: null,
  });
  expect(proposedLabel('type', ['CD4 T cells', 'CD8 T cells', 'B cells'], annotations).annotation).toBeNull();
  expect(proposedLabel('type', ['T cells', 'B cells', 'odd'], annotations)).toMatchObject({
    table: { 'T cells': 'T cell', 'B cells': 'B cell', odd: 'odd' },
    annotation: 'cell_type',
  });
  expect(proposedLabel('stim', ['ctrl', 'stim'], annotations).annotation).toBeNull();
});

it('proposes donors, study and cell types, never the label itself', () => {
  const summary = {
    obsColumns: ['donor_id', 'disease', 'pool', 'cell_type_predicted', 'cell_type_predicted_prob'],
    donorColumn: 'donor_id',
  };
  expect(proposedColumns('disease', summary)).toEqual({
    groupColumn: 'donor_id',
    studyColumn: 'pool',
    cellTypeColumn: 'cell_type_predicted',
  });
  expect(proposedColumns('cell_type_predicted', summary).cellTypeColumn).toBeNull();
  expect(proposedColumns('pool', summary).studyColumn).toBeNull();
  expect(proposedColumns('louvain', { obsColumns: ['louvain'], donorColumn: null })).toEqual({
    groupColumn: null,
    studyColumn: null,
    cellTypeColumn: null,
  });
  expect(defaultSplit(null)).toEqual({ kind: 'random-cells', folds: 5 });
});
