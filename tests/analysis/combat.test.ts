import { expect, it } from 'vitest';
import {
  applyLabelTable,
  matchLabels,
  recordedLabels,
  suggestLabelColumn,
} from '../../src/analysis/labels.ts';
import { score } from '../../src/analysis/scores.ts';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { openDataset } from '../../src/data/open.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const CLASSES = {
  disease: ['COVID-19', 'autism spectrum disorder', 'normal', 'systemic lupus erythematosus'],
  cell_type: ['B cell', 'T cell', 'dendritic cell', 'microglial cell', 'monocyte', 'natural killer cell'],
};
const TRAINING = {
  trainingDonors: { combat: ['H00049', 'S00016', 'S00040'], velmeshev: ['4341'], kang: ['1015', '1016'] },
  heldOutDonors: { combat: ['H00053', 'S00006', 'S00043'], velmeshev: ['5144'], kang: ['101', '107'] },
  // As the bootstrap model was trained.
  trainingClassCounts: {
    disease: {
      combat: { 'COVID-19': 1391, normal: 800 },
      velmeshev: { 'autism spectrum disorder': 2226, normal: 2699 },
      kang: { 'systemic lupus erythematosus': 1676 },
    },
    cell_type: {
      combat: { 'B cell': 505, 'T cell': 586, monocyte: 580, 'natural killer cell': 497 },
      velmeshev: { 'microglial cell': 1949 },
    },
  },
};

describeShared('labels and donors of the COMBAT file', () => {
  // The accuracies of the two guesses are those of the bootstrap's training.json, held-out donors of COMBAT.
  it.each([
    ['disease', 'normal', 0.333, 'COVID-19', 0.667],
    ['cell_type', 'microglial cell', 0, 'T cell', 0.245],
  ] as const)(
    '%s: both baselines as measured in training',
    async (annotation, overall, least, ofStudy, more) => {
      const file = sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');
      const dataset = await openDataset(file, nodeRuntime());
      const column = suggestLabelColumn(annotation, dataset.obsColumns) ?? '';
      const recorded = recordedLabels(await dataset.obs(column));
      const donors = recordedLabels(await dataset.obs('donor_id'));
      dataset.close();
      const classes = CLASSES[annotation];
      const matched = applyLabelTable(recorded, matchLabels(annotation, recorded.labels, classes), classes);
      expect(matched).toMatchObject({ unmatched: [], missing: 0 });
      const n = matched.codes.length;
      const scores = score({
        annotation,
        classes,
        probabilities: new Float32Array(n * classes.length).fill(1 / classes.length),
        withheld: new Uint8Array(n),
        recorded: matched.codes,
        donors,
        training: TRAINING,
      });
      expect(scores.cells.n).toBe(2400);
      expect(scores.leftOut).toEqual({ seen: 2191, noDonor: 0, unlabelled: 0, withheld: 0 });
      expect(scores.rows.filter((row) => row.standing.status === 'held out').map((row) => row.donor)).toEqual(
        ['H00053', 'S00006', 'S00043'],
      );
      expect(scores.commonestClass?.guesses).toEqual([{ study: 'combat', class: overall }]);
      expect(scores.commonestClass?.cells.accuracy).toBeCloseTo(least, 3);
      expect(scores.commonestClassOfItsStudy?.guesses).toEqual([{ study: 'combat', class: ofStudy }]);
      expect(scores.commonestClassOfItsStudy?.cells.accuracy).toBeCloseTo(more, 3);
      expect(scores.donors?.n ?? 0).toBe(annotation === 'disease' ? 3 : 0);
    },
  );
});
