import { version } from '../../../package.json';
import type { Provenance } from '../../run/services.ts';
import { describeQuality } from '../state/settings.ts';
import type { AppState } from '../state/store.ts';

/** How the results on the page came about, for every file that leaves it. */
export function provenanceOf(state: AppState): Provenance {
  const { finished, preflight, model } = state;
  if (!finished || !preflight || !model) throw new Error('There are no results to export yet.');
  const oneStudy = Object.entries(model.training?.classesSeenInOneStudyOnly ?? {})
    .map(([annotation, classes]) => `${annotation}: ${classes.join(', ')}`)
    .join('; ');
  return {
    model: finished.model,
    modelSha256: finished.modelSha256,
    engine: finished.engine,
    pooling: finished.pooling,
    matrix: finished.matrix,
    qc: describeQuality(finished.quality, preflight.quality),
    seed: finished.seed,
    trainingData:
      model.training?.sources.map((source) => source.name).join('; ') ?? 'not recorded in the package',
    ...(oneStudy ? { oneStudyClasses: oneStudy } : {}),
    version,
  };
}
