import { Alert, Text } from '@mantine/core';
import { formatName, formatPercent } from '../common/format.ts';
import { useApp } from '../state/store.ts';
import { UNSEEN_STUDY } from './one-study.ts';
import type { AnnotationScores } from './use-scores.ts';

interface UnseenStudyNoteProps {
  readonly annotation: string;
  readonly scored: AnnotationScores;
}

/** For a file of none of the training studies: how the model did on a study it had never seen. */
export function UnseenStudyNote({ annotation, scored }: UnseenStudyNoteProps) {
  const training = useApp((state) => state.model?.training ?? null);
  const measured = training?.heldOutScores[annotation]?.[UNSEEN_STUDY];
  const known = scored.scores.rows.some(({ standing }) => standing.study !== null);
  if (!training || !measured || known) return null;
  const oneStudy = (training.classesSeenInOneStudyOnly[annotation] ?? []).length > 0;
  const name = formatName(annotation);
  return (
    <Alert color={oneStudy ? 'orange' : 'gray'} variant="light" className="trust" data-testid="unseen-study">
      <Text size="sm">
        <b>No donor of this file is known from training, so take it for a new study.</b> On {UNSEEN_STUDY}, a
        study the model had never seen, its predicted {name} was right for {formatPercent(measured.accuracy)}{' '}
        of the cells.{oneStudy && ` Do not read a ${name} off these predictions.`}
      </Text>
    </Alert>
  );
}
