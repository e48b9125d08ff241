import { Alert, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { CellResults } from '../../run/results.ts';
import { formatCount, formatName, formatPercent } from '../common/format.ts';
import { useApp } from '../state/store.ts';
import { oneStudyExplanation } from './one-study.ts';
import { headNames } from './predictions.ts';
import { shortReason, withheldCounts } from './withheld.ts';

/** What a reader must know before believing a prediction; shown wherever there are any. */
export function TrustPanel({ results }: { readonly results: CellResults }) {
  const training = useApp((state) => state.model?.training ?? null);
  const withheld = useMemo(() => withheldCounts(results.withheld), [results]);
  const n = results.rows.length;
  const total = withheld.reduce((sum, { count }) => sum + count, 0);
  const oneStudy = Object.entries(training?.classesSeenInOneStudyOnly ?? {}).filter(
    ([, names]) => names.length > 0,
  );
  if (headNames(results).length === 0) return null;
  return (
    <Alert
      color="orange"
      variant="light"
      icon={<IconAlertTriangle size={20} aria-hidden />}
      title="Research demonstration, not for diagnosis"
      className="trust"
      data-testid="trust"
    >
      <Stack gap={6}>
        {training && oneStudy.length > 0 && (
          <Text size="sm" data-testid="one-study-note">
            <b>
              {oneStudy.map(([name, classes]) => `${formatName(name)}: ${classes.join(', ')}`).join('; ')}
            </b>{' '}
            — {oneStudyExplanation(training)}
          </Text>
        )}
        {total > 0 && n > 0 ? (
          <div data-testid="withheld-summary">
            <Text size="sm">
              Predictions of {formatCount(total)} of {formatCount(n)} cells ({formatPercent(total / n)}) are
              withheld: outside what this model has seen.
            </Text>
            <List size="sm" spacing={2}>
              {withheld.map(({ reason, count }) => (
                <List.Item key={reason}>
                  {formatCount(count)}: {shortReason(reason)}
                </List.Item>
              ))}
            </List>
          </div>
        ) : (
          <Text size="sm" data-testid="withheld-summary">
            No prediction is withheld.
          </Text>
        )}
      </Stack>
    </Alert>
  );
}
