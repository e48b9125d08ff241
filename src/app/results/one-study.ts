import type { TrainingRecord } from '../../model/training-record.ts';
import { formatPercent } from '../common/format.ts';

/** The study that no embedded model was trained on. */
export const UNSEEN_STUDY = 'pbmc3k';

/** Why a class seen in one study only is not to be trusted, with the measured case of the model. */
export function oneStudyExplanation(training: TrainingRecord): string {
  const disease = training.heldOutScores.disease?.[UNSEEN_STUDY];
  const cellType = training.heldOutScores.cell_type?.[UNSEEN_STUDY];
  const start = 'Training saw this class in one study only: it may recognise the study, not the disease.';
  if (!disease) return start;
  const beside = cellType ? `, the cell-type head for ${formatPercent(cellType.accuracy)}` : '';
  return `${start} On ${UNSEEN_STUDY}, healthy blood of a study never trained on, the disease head is right for ${formatPercent(disease.accuracy)} of the cells${beside}.`;
}
