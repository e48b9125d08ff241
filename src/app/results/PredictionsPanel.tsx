import { SegmentedControl, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { CellResults } from '../../run/results.ts';
import { formatPrediction } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { AppliedProbeNote } from '../probe/AppliedProbeNote.tsx';
import { useApp } from '../state/store.ts';
import { AccuracyLine } from './AccuracyLine.tsx';
import { Confusion } from './Confusion.tsx';
import { DonorTable } from './DonorTable.tsx';
import { NotForDiagnosis } from './NotForDiagnosis.tsx';
import { PredictedCounts } from './PredictedCounts.tsx';
import { UnseenStudyNote } from './UnseenStudyNote.tsx';
import { useScores } from './use-scores.ts';

/** Predictions by donor beside what is recorded, and how right they are. */
export function PredictionsPanel({ results }: { readonly results: CellResults }) {
  const names = Object.keys(results.predictions);
  const [chosen, setChosen] = useState('disease');
  const latest = useApp((state) => state.applied.at(-1)?.name);
  useEffect(() => {
    if (latest) setChosen(latest);
  }, [latest]);
  const annotation = names.includes(chosen) ? chosen : (names[0] ?? '');
  const scored = useScores(results, annotation);
  if (names.length === 0) return null;
  return (
    <Panel
      title={`Predicted ${formatPrediction(annotation)}${scored && scored.scores.rows.length === 0 ? '' : ' by donor'}`}
      note={<NotForDiagnosis />}
      testId="predictions-panel"
      aside={
        names.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Annotation"
            data={names.map((name) => ({ value: name, label: formatPrediction(name) }))}
            value={annotation}
            onChange={setChosen}
            data-testid="annotation"
          />
        )
      }
    >
      {scored ? (
        <Stack gap="md">
          <AppliedProbeNote name={annotation} />
          <UnseenStudyNote annotation={annotation} scored={scored} />
          <AccuracyLine annotation={annotation} scored={scored} />
          {scored.scores.rows.length > 0 ? (
            <DonorTable annotation={annotation} scored={scored} />
          ) : (
            <PredictedCounts results={results} annotation={annotation} />
          )}
          <Confusion annotation={annotation} scored={scored} />
        </Stack>
      ) : (
        <Text size="sm" c="dimmed">
          Reading the recorded labels…
        </Text>
      )}
    </Panel>
  );
}
