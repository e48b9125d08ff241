import { useMemo } from 'react';
import { applyLabelTable, type MatchedLabels, recordedLabels } from '../../analysis/labels.ts';
import { type ScoreInput, type Scores, score } from '../../analysis/scores.ts';
import type { TrainingRecord } from '../../model/training-record.ts';
import type { ProbeDescription } from '../../probe/probe-file.ts';
import type { CellResults } from '../../run/results.ts';
import { useColumn } from '../common/use-column.ts';
import { useApp } from '../state/store.ts';
import { withheldOf } from './predictions.ts';

export interface AnnotationScores {
  readonly scores: Scores;
  readonly matched: MatchedLabels | null;
  readonly classes: readonly string[];
}

/** Predictions of one annotation beside the recorded labels; null while columns are being read. */
export function useScores(results: CellResults, annotation: string): AnnotationScores | null {
  const training = useApp((state) => state.model?.training ?? null);
  const choice = useApp((state) => state.labels[annotation]);
  const donorColumn = useApp((state) => state.donorColumn);
  const applied = useApp((state) => state.applied.find(({ name }) => name === annotation));
  const labelColumn = useColumn(choice?.column ?? null);
  const donors = useColumn(donorColumn);
  return useMemo(() => {
    const prediction = results.predictions[annotation];
    if (!prediction || (choice?.column && !labelColumn) || (donorColumn && !donors)) return null;
    const { classes, probabilities } = prediction;
    const matched =
      choice && labelColumn
        ? applyLabelTable(recordedLabels(labelColumn, results.rows), choice.table, classes)
        : null;
    const scores = score({
      annotation,
      classes,
      probabilities,
      withheld: withheldOf(results, annotation),
      recorded: matched?.codes ?? null,
      donors: donors ? recordedLabels(donors, results.rows) : null,
      training: applied ? trainingOfProbe(applied.description, training) : training,
    });
    return { scores, matched, classes };
  }, [results, annotation, choice, labelColumn, donors, donorColumn, training, applied]);
}

/**
 * Donors that a probe's answers must not be scored on: those it was trained on itself, and those whose
 * labels its encoder has seen.
 */
function trainingOfProbe(
  { training: own }: ProbeDescription,
  encoder: TrainingRecord | null,
): ScoreInput['training'] {
  return {
    trainingDonors: { ...encoder?.trainingDonors, [own.file]: own.groups },
    validationDonors: encoder?.validationDonors ?? {},
    heldOutDonors: encoder?.heldOutDonors ?? {},
    trainingClassCounts: null,
  };
}
