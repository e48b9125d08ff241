import { useMemo } from 'react';
import { applyLabelTable, type MatchedLabels, recordedLabels } from '../../analysis/labels.ts';
import { type Scores, score } from '../../analysis/scores.ts';
import type { CellResults } from '../../run/services.ts';
import { useColumn } from '../common/use-column.ts';
import { useApp } from '../state/store.ts';

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
      withheld: results.withheld,
      recorded: matched?.codes ?? null,
      donors: donors ? recordedLabels(donors, results.rows) : null,
      training,
    });
    return { scores, matched, classes };
  }, [results, annotation, choice, labelColumn, donors, donorColumn, training]);
}
