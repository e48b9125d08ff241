import type { ProbeConfig } from '../../src/probe/config.ts';

/** A configuration with every field set. */
export const exampleConfig: ProbeConfig = {
  schema: 'teddy-web/probe-config/1',
  file: { name: 'combat.h5ad', bytes: 1234 },
  matrix: 'X',
  cells: { kind: 'random', count: 500, seed: 3, balanceBy: 'donor_id' },
  quality: { drop: true, leastGenes: 225, greatestMitochondrial: 0.1 },
  model: { name: 'teddy-g-bootstrap', sha256: 'ab'.repeat(32) },
  engine: 'wasm',
  pooling: 'gene_mean',
  features: { kind: 'embedding' },
  label: {
    column: 'disease',
    table: { Healthy: 'normal', Mild: 'COVID-19', other: null },
    annotation: 'disease',
  },
  groupColumn: 'donor_id',
  studyColumn: 'pool',
  cellTypeColumn: 'cell_type_predicted',
  caseColumn: null,
  expressionBaseline: true,
  settings: {
    split: { kind: 'leave-one-group-out' },
    c: 'chosen',
    classWeights: 'none',
    permutations: 100,
    resamples: 1000,
    seed: 0,
  },
};
