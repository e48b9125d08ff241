import type { FeatureSource } from '../probe/config.ts';
import type { SavedProbe } from '../probe/probe-file.ts';
import type { AppliedProbe } from '../probe/types.ts';
import { featuresOf } from './probe-data.ts';
import type { CellResults } from './results.ts';
import type { DatasetService } from './services.ts';

/** [n, dimension] features of embedded cells from one source. @throws RunError 'no-features', DataError */
export async function probeFeatures(
  dataset: Pick<DatasetService, 'obsm'>,
  results: CellResults,
  source: FeatureSource,
): Promise<{ readonly features: Float32Array<ArrayBuffer>; readonly dimension: number }> {
  return featuresOf(results, source, source.kind === 'obsm' ? await dataset.obsm(source.key) : null);
}

/** Results with a probe's answers among the predictions, as `probe_<label>`; exports call them `teddy_probe_<label>`. */
export function withProbeAnswers(
  results: CellResults,
  { description, probe }: SavedProbe,
  { probabilities, withheld }: AppliedProbe,
): CellResults {
  const name = `probe_${description.label.column}`;
  return {
    ...results,
    predictions: { ...results.predictions, [name]: { classes: probe.classes, probabilities, withheld } },
  };
}
