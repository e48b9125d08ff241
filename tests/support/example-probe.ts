import type { SavedProbe } from '../../src/probe/probe-file.ts';
import { exampleConfig } from '../probe/example-config.ts';

/** A probe of `d` features and `k` classes whose numbers are all different. */
export function exampleProbe(d: number, k: number): SavedProbe {
  const rows = k === 2 ? 1 : k;
  const numbers = (length: number, from: number) =>
    Float64Array.from({ length }, (_, i) => Math.sin(from + i) + 1 / 3);
  const classes = Array.from({ length: k }, (_, i) => `class ${i}`);
  return {
    probe: {
      classes,
      dimension: d,
      scalerMean: numbers(d, 1),
      scalerScale: numbers(d, 2).map((value) => Math.abs(value) + 0.1),
      coefficients: numbers(rows * d, 3),
      intercepts: numbers(rows, 4),
      c: 0.37,
      threshold: 0.7,
      featureMean: numbers(d, 5),
      featurePrecision: numbers(d * d, 6),
      distanceQuantiles: Float64Array.from({ length: 101 }, (_, i) => i / 3),
    },
    description: {
      schema: 'teddy-web/probe/1',
      version: '0.1.0',
      trained: '2026-11-25T10:00:00.000Z',
      model: { name: 'teddy', sha256: 'ab'.repeat(32), vocabularySha256: 'cd'.repeat(32) },
      pooling: 'gene_mean',
      features: { kind: 'embedding' },
      classes,
      label: { column: 'disease', table: exampleConfig.label.table },
      training: { file: 'combat.h5ad', cells: 300, groupColumn: 'donor_id', groups: ['D1', 'D2'] },
      c: 0.37,
      threshold: 0.7,
      measured: {
        split: 'each donor held out in turn',
        tested: 150,
        testedGroups: 3,
        methods: [{ name: 'probe', accuracy: 0.7, balancedAccuracy: 0.6, auroc: null }],
        uncertainty: '2 of 3 donors right',
      },
    },
  };
}
