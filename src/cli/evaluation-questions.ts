import type { ProbeConfig } from '../probe/config.ts';
import { SHARED_CELL_TYPES } from './shared-cell-types.ts';

/** One question put to a study, with donors held out. */
export interface Question {
  readonly id: string;
  readonly title: string;
  /** Below the folder of data. */
  readonly file: string;
  readonly label: ProbeConfig['label'];
  readonly groupColumn: string;
  readonly studyColumn: string | null;
  readonly cellTypeColumn: string | null;
  /** What a reader has to know of the data. */
  readonly about: readonly string[];
}

const own = (...names: string[]) => Object.fromEntries(names.map((name) => [name, name]));

export const QUESTIONS: readonly Question[] = [
  {
    id: 'combat-disease',
    title: 'COMBAT: COVID-19 or normal',
    file: 'disease/combat_covid_6donors_raw.h5ad',
    label: { column: 'disease', table: own('normal', 'COVID-19'), annotation: 'disease' },
    groupColumn: 'donor_id',
    studyColumn: 'pool',
    cellTypeColumn: 'cell_type_predicted',
    about: [
      'Blood of six donors, about 800 cells each: two healthy, two with mild and two with critical COVID-19 (COMBAT Consortium, Cell 2022).',
      'Disease is confounded with the pool a sample was run in, and two of a class are too few donors for a claim.',
    ],
  },
  {
    id: 'velmeshev-disease',
    title: 'Velmeshev: autism or control',
    file: 'disease/velmeshev_asd_pfc_23donors_raw.h5ad',
    label: {
      column: 'disease',
      table: own('normal', 'autism spectrum disorder'),
      annotation: 'disease',
    },
    groupColumn: 'donor_id',
    studyColumn: null,
    cellTypeColumn: 'cell_type',
    about: [
      'Nuclei of three glial and vascular cell types of the prefrontal cortex, 13 donors with autism and 10 controls (Velmeshev 2019).',
      'Not expected to be told apart: a linear model of the counts is not distinguishable from its permutation null in these cell types.',
    ],
  },
  {
    id: 'velmeshev-cell-type',
    title: 'Velmeshev: cell type',
    file: 'disease/velmeshev_asd_pfc_23donors_raw.h5ad',
    label: {
      column: 'cell_type',
      table: own('endothelial cell', 'fibrous astrocyte', 'microglial cell'),
      annotation: 'cell_type',
    },
    groupColumn: 'donor_id',
    studyColumn: null,
    cellTypeColumn: null,
    about: ['Three cell types as the authors named them; easy to tell apart by a few genes.'],
  },
  {
    id: 'kang-stimulation',
    title: 'Kang: stimulated or control',
    file: 'disease/kang_harmony_2000_raw.h5ad',
    label: { column: 'condition', table: own('ctrl', 'stim'), annotation: null },
    groupColumn: 'donor_id',
    studyColumn: null,
    cellTypeColumn: 'cell_type',
    about: [
      'Blood cells of eight lupus donors with and without interferon-β (GSE96583): a positive control, since the response is strong and every donor has both conditions.',
      'The label varies within a donor, so whole donors are resampled and labels permuted within donors.',
    ],
  },
];

/** Learn cell types from one study, be tested on another that the encoder has never seen. */
export const TRANSFER = {
  id: 'kang-pbmc3k',
  title: 'Kang → pbmc3k: cell type in another study',
  train: {
    file: 'disease/kang_harmony_2000_raw.h5ad',
    name: 'Kang',
    label: { column: 'cell_type', table: SHARED_CELL_TYPES, annotation: 'cell_type' },
    groupColumn: 'donor_id',
  },
  test: {
    file: 'demo/pbmc3k_2638x13714_raw_counts_recovered.h5ad',
    name: 'pbmc3k',
    label: { column: 'louvain', table: SHARED_CELL_TYPES, annotation: 'cell_type' },
    groupColumn: null,
  },
  about: [
    'Trained on the cells of Kang that have a type, tested on pbmc3k (10x Genomics), whose clusters were named by markers: agreement, rather than accuracy.',
    'pbmc3k is one donor: whatever the figure, it says nothing of how it varies between donors.',
    'Names are made the same in both: CD4 and CD8 T cells are T cells, CD14+ and FCGR3A+ monocytes are monocytes. The baseline on expression uses the genes that both files name by exactly one column.',
  ],
} as const;
