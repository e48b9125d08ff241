import { expect, it } from 'vitest';
import {
  applyLabelTable,
  matchLabels,
  recordedLabels,
  suggestLabelColumn,
} from '../../src/analysis/labels.ts';
import { type Baseline, type Scores, score, type Tally } from '../../src/analysis/scores.ts';
import {
  embeddedModelFolder,
  nodeComputeEnvironment,
  nodeDatasetEnvironment,
} from '../../src/cli/node-environment.ts';
import { LocalComputeService } from '../../src/run/compute-service.ts';
import { LocalDatasetService } from '../../src/run/dataset-service.ts';
import { runEmbedding } from '../../src/run/embedding-run.ts';
import type { CellResults } from '../../src/run/results.ts';
import type { ModelLocation } from '../../src/run/services.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const whole = process.env.TEDDY_VERIFY === '1';

/**
 * All cells of COMBAT on the WebAssembly engine (a tenth of them without TEDDY_VERIFY=1): what the
 * model's record says of held-out donors is what a user gets, and both baselines stand beside it.
 */
describeShared('the embedded model on COMBAT, from the file to the scores', () => {
  it('is as right on held-out donors as its record says', async () => {
    const model: ModelLocation = { kind: 'directory', path: embeddedModelFolder() };
    const dataset = new LocalDatasetService(nodeDatasetEnvironment());
    const compute = new LocalComputeService(nodeComputeEnvironment());
    const memory = watchMemory();
    try {
      const began = performance.now();
      const path = sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');
      const { counts, donorColumn } = await dataset.open(path, {});
      await dataset.preflight(model, counts ?? '', {});
      const loaded = await compute.load(model, { engine: 'wasm' });
      const all = await dataset.select({ kind: 'all' });
      const rows = whole ? all : all.filter((row) => row % 10 === 3);
      const { results, complete } = await runEmbedding({
        dataset,
        compute,
        rows,
        pooling: 'gene_mean',
        tokensPerSecond: loaded.tokensPerSecond,
      });
      const seconds = (performance.now() - began) / 1000;
      expect(complete).toBe(true);
      const scores = await scoreDisease(dataset, results, donorColumn ?? '', loaded.training);
      const speed = (rows.length / seconds).toFixed(1);
      console.log(
        [
          `${rows.length} cells in ${seconds.toFixed(1)} s from opening the file, ${speed} cells/s, ` +
            `${loaded.engine.device}, peak resident memory ${memory.peak()} MB`,
          ...report(scores),
        ].join('\n'),
      );
      const record = loaded.training?.heldOutScores.disease?.combat;
      expect(record?.n).toBe(2400);
      // All cells: rounding of the record. A tenth: four standard errors of 240 cells.
      const within = whole ? 0.01 : 0.12;
      expect(Math.abs(scores.cellsBeforeWithholding.accuracy - (record?.accuracy ?? 0))).toBeLessThan(within);
      expect(Math.abs(scores.cells.accuracy - (record?.accuracy ?? 0))).toBeLessThan(within);
      expect(scores.leftOut.withheld).toBeLessThanOrEqual(0.05 * scores.cellsBeforeWithholding.n);
      if (whole) {
        expect(scores.cellsBeforeWithholding.n).toBe(2400);
        expect(scores.leftOut.seen).toBe(2191);
      }
      expect(scores.donors?.n).toBe(3);
    } finally {
      memory.stop();
      await compute.unload();
      await dataset.close();
    }
  }, 1_800_000);
});

async function scoreDisease(
  dataset: LocalDatasetService,
  { rows, predictions, withheld }: CellResults,
  donorColumn: string,
  training: Parameters<typeof score>[0]['training'],
): Promise<Scores> {
  const { classes, probabilities } = predictions.disease;
  const column = suggestLabelColumn('disease', ['donor_id', 'condition', 'disease']) ?? '';
  const recorded = recordedLabels(await dataset.obs(column), rows);
  const { codes } = applyLabelTable(recorded, matchLabels('disease', recorded.labels, classes), classes);
  const donors = recordedLabels(await dataset.obs(donorColumn), rows);
  return score({
    annotation: 'disease',
    classes,
    probabilities,
    withheld,
    recorded: codes,
    donors,
    training,
  });
}

function report(scores: Scores): string[] {
  const share = ({ right, n, accuracy }: Tally) => `${right} of ${n} (${accuracy.toFixed(3)})`;
  const guess = (name: string, baseline: Baseline | null) =>
    baseline === null
      ? `${name}: not known`
      : `${name}: cells ${share(baseline.cells)}, donors ${baseline.donors ? share(baseline.donors) : '–'}`;
  return [
    `held-out donors, cells shown: ${share(scores.cells)}; before withholding ${share(scores.cellsBeforeWithholding)}`,
    `held-out donors, by donor: ${scores.donors ? share(scores.donors) : '–'}`,
    guess('commonest class', scores.commonestClass),
    guess('commonest class of its study', scores.commonestClassOfItsStudy),
  ];
}

function watchMemory(): { peak(): number; stop(): void } {
  let most = 0;
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 200);
  return {
    peak() {
      look();
      return Math.round(most / 1e6);
    },
    stop: () => clearInterval(timer),
  };
}
