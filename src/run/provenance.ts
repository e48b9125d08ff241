import { version } from '../../package.json';
import type { MatrixScan } from '../data/choose-counts.ts';
import type { MatrixName } from '../data/dataset.ts';
import type { Pooling } from '../model/config.ts';
import { GREATEST_MITOCHONDRIAL, LEAST_GENES } from '../tokenize/quality.ts';
import type { Provenance } from './results.ts';
import type { LoadedModel, QualityReport } from './services.ts';

export interface RunFacts {
  readonly model: LoadedModel;
  readonly matrix: MatrixName;
  readonly scans: readonly MatrixScan[];
  readonly pooling: Pooling;
  /** Of the draw of cells and of the layout. */
  readonly seed: number;
  readonly quality: QualityReport;
  readonly leastGenes?: number;
  readonly greatestMitochondrial?: number;
  readonly dropped?: boolean;
}

/** How the numbers came about, for every file that leaves the program. */
export function provenanceOf(facts: RunFacts): Provenance {
  const { model, matrix, pooling, seed } = facts;
  const offer = facts.scans.find((scan) => scan.matrix.name === matrix)?.offer;
  const oneStudy = Object.entries(model.training?.classesSeenInOneStudyOnly ?? {})
    .filter(([, classes]) => classes.length > 0)
    .map(([annotation, classes]) => `${annotation}: ${classes.join(', ')}`)
    .join('; ');
  return {
    model: model.name,
    modelSha256: model.sha256,
    engine: `${model.engine.kind} (${model.engine.device})`,
    pooling,
    matrix,
    ...(offer ? { matrixNote: offer } : {}),
    qc: qualityLine(facts),
    seed,
    trainingData:
      model.training?.sources
        .map(({ name, licence }) => (licence ? `${name} (${licence})` : name))
        .join('; ') || 'not recorded in the package',
    ...(oneStudy ? { oneStudyClasses: oneStudy } : {}),
    version,
  };
}

function qualityLine({
  quality,
  leastGenes = LEAST_GENES,
  greatestMitochondrial = GREATEST_MITOCHONDRIAL,
  dropped = false,
}: RunFacts): string {
  const mitochondrial = quality.mitochondrial
    ? `mitochondrial share at most ${Math.round(1000 * greatestMitochondrial) / 10} %`
    : 'mitochondrial share not applicable';
  const others = dropped ? 'others dropped' : 'others flagged in teddy_qc_pass';
  return `at least ${leastGenes} genes, ${mitochondrial}; ${others}; doublets and ambient RNA not checked`;
}
