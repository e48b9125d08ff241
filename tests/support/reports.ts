import type { Evaluation } from '../../src/probe/results.ts';
import type { SplitPlan } from '../../src/probe/types.ts';
import type { ProbeReport } from '../../src/report/types.ts';
import { fakeEvaluation } from './evaluations.ts';

interface FakeReport {
  readonly evaluation?: Evaluation;
  readonly split?: SplitPlan;
  /** Stands wherever a file's or a package's text does. */
  readonly text?: string;
}

/** A report on made-up cells. */
export function fakeReport({
  evaluation = fakeEvaluation(),
  split = { kind: 'leave-one-group-out' },
  text,
}: FakeReport = {}): ProbeReport {
  const file = text ?? 'combat.h5ad';
  return {
    version: '0.1.0',
    date: '2026-11-03T09:08:07.000Z',
    config: {
      schema: 'teddy-web/probe-config/1',
      file: { name: file, bytes: 9_400_000 },
      matrix: 'X',
      cells: { kind: 'random', count: 500, seed: 7, balanceBy: 'donor_id' },
      quality: { drop: false, leastGenes: 225, greatestMitochondrial: 0.1 },
      model: { name: text ?? 'teddy-fake', sha256: '00ff' },
      engine: 'wasm',
      pooling: 'gene_mean',
      features: { kind: 'embedding' },
      label: {
        column: text ?? 'Status',
        table: { COVID_SEV: 'COVID-19', HV: 'normal', [text ?? 'other']: null },
        annotation: 'disease',
      },
      groupColumn: 'donor_id',
      studyColumn: null,
      cellTypeColumn: text ?? 'cell_type',
      caseColumn: null,
      expressionBaseline: true,
      settings: { split, c: 'chosen', classWeights: 'none', permutations: 100, resamples: 1000, seed: 7 },
    },
    data: {
      file,
      cells: 4591,
      embedded: 500,
      genes: 36_601,
      genesInVocabulary: 19_000,
      matrix: 'X',
      reason: text ?? 'X holds non-negative integers',
    },
    quality: text ?? 'at least 225 genes',
    model: {
      name: text ?? 'teddy-fake',
      sha256: '00ff',
      parameters: 12_345,
      engine: 'wasm (2 threads)',
      what: text ?? 'a small demonstration model',
      trainingData: text ?? 'COMBAT (CC BY 4.0)',
      oneStudyClasses: text ?? 'disease: COVID-19',
    },
    audit: [text ?? '12 cells twice, across 2 donors.'],
    evaluation,
  };
}
