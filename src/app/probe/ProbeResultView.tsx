import { Alert, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { verdict } from '../../report/evaluation-page.ts';
import { nullWords, splitWarning, testedWords } from '../../report/words.ts';
import type { ProbeResult } from '../state/probe.ts';
import { MethodsTable } from './MethodsTable.tsx';
import { ProbeActions } from './ProbeActions.tsx';

/** Drawing comes with a library of its own, which only a result needs. */
const ProbePlots = lazy(() =>
  import('./ProbePlots.tsx').then(({ ProbePlots: plots }) => ({ default: plots })),
);

/** What a probe gave: figures beside their baselines, what must be known to read them, plots. */
export function ProbeResultView({ result }: { readonly result: ProbeResult }) {
  const { evaluation, config } = result;
  const warning = splitWarning(evaluation, config.settings.split);
  const notices = [...result.audit, ...evaluation.notices];
  const instead = evaluation.byGroupInstead;
  return (
    <Stack gap="md" data-testid="probe-result">
      <Text size="sm" role="status" data-testid="probe-tested">
        <b>{config.label.column}</b>: {testedWords(evaluation)}.
      </Text>
      {warning && (
        <Alert
          color="orange"
          variant="light"
          className="trust"
          icon={<IconAlertTriangle size={20} aria-hidden />}
          data-testid="probe-split-warning"
        >
          <Text size="sm">{warning}</Text>
        </Alert>
      )}
      <MethodsTable evaluation={evaluation} />
      <List size="sm" spacing={2} data-testid="probe-verdict">
        {verdict(evaluation).map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
        {instead?.permutation && (
          <List.Item>With donors held out: {nullWords(instead.permutation, instead.metrics)}.</List.Item>
        )}
      </List>
      {notices.length > 0 && (
        <List size="sm" spacing={2} c="dimmed" data-testid="probe-notices">
          {notices.map((notice) => (
            <List.Item key={notice}>{notice}</List.Item>
          ))}
        </List>
      )}
      <ProbeActions result={result} />
      <Suspense
        fallback={
          <Text size="sm" c="dimmed">
            Drawing…
          </Text>
        }
      >
        <ProbePlots evaluation={evaluation} label={config.label.column} />
      </Suspense>
    </Stack>
  );
}
