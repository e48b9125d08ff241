import { Alert, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { CellResults } from '../../run/results.ts';
import { ErrorNotice } from '../common/ErrorNotice.tsx';
import { Panel } from '../common/Panel.tsx';
import { NotForDiagnosis } from '../results/NotForDiagnosis.tsx';
import { isStale } from '../state/probe.ts';
import { useApp } from '../state/store.ts';
import { FitFields } from './FitFields.tsx';
import { GroupFields } from './GroupFields.tsx';
import { LabelFields } from './LabelFields.tsx';
import { ProbeResultView } from './ProbeResultView.tsx';
import { ProbeRunBar } from './ProbeRunBar.tsx';
import { SplitFields } from './SplitFields.tsx';

/** A linear probe on the embedded cells: what is asked, how it is tested, and what came out beside its baselines. */
export function ProbePanel({ results }: { readonly results: CellResults }) {
  const form = useApp((state) => state.probeForm);
  const propose = useApp((state) => state.proposeProbe);
  const fail = useApp((state) => state.failProbe);
  const error = useApp((state) => state.probeError);
  const dismiss = useApp((state) => state.dismissProbeError);
  const result = useApp((state) => state.probeResult);
  const stale = useApp(isStale);
  const [done, running] = useApp(
    useShallow((state) => [state.phase === 'done' || state.phase === 'cancelled', state.probing] as const),
  );
  useEffect(() => {
    if (done && !form) propose().catch(fail);
  }, [done, form, propose, fail]);
  if (!done || !form) return null;

  return (
    <Panel
      title="Linear probe"
      note={
        <>
          Logistic regression on the frozen embedding, tested on donors it has not seen. <NotForDiagnosis />
        </>
      }
      testId="probe-panel"
    >
      <Stack gap="md">
        <LabelFields form={form} results={results} />
        <GroupFields form={form} />
        <SplitFields form={form} results={results} />
        <FitFields form={form} results={results} />
        <ProbeRunBar form={form} />
        {error && <ErrorNotice sentence={error} testId="probe-error" onClose={dismiss} />}
        {result && stale && !running && (
          <Alert color="gray" variant="light" role="status" data-testid="probe-stale">
            <Text size="sm">
              The settings have changed since: what stands below is of the settings it was run with. Run the
              probe again to replace it.
            </Text>
          </Alert>
        )}
        {result && <ProbeResultView result={result} />}
      </Stack>
    </Panel>
  );
}
