import { Alert, List, Stack, Text, Title } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { testSentences } from '../../report/test-sentences.ts';
import { capital, formatCount } from '../common/format.ts';
import { MethodsTable } from '../probe/MethodsTable.tsx';
import { NotForDiagnosis } from '../results/NotForDiagnosis.tsx';
import { useApp } from '../state/store.ts';
import { type Trained, usesTrained } from '../state/trained.ts';
import { TrainedActions } from './TrainedActions.tsx';
import { keptWords, trainedOn } from './words.ts';

/** Drawing comes with a library of its own. */
const TrainedPlots = lazy(() =>
  import('./TrainedPlots.tsx').then(({ TrainedPlots: plots }) => ({ default: plots })),
);

/** What a fine-tuning gave: how it ended, its test beside the baselines, and what can be done with the model. */
export function TrainedView({ trained }: { readonly trained: Trained }) {
  const inUse = useApp(usesTrained);
  const { summary, name } = trained.model;
  const { test, reason, best, notices } = summary;
  return (
    <Stack gap="md" data-testid="trained-view">
      <div>
        <Title order={3} fz="sm">
          {name}
        </Title>
        <Text size="sm" role="status" data-testid="trained-end">
          {capital(reason)}
          {/[.!?]$/.test(reason) ? '' : '.'} {formatCount(summary.steps)} steps, {summary.epochs}{' '}
          {summary.epochs === 1 ? 'epoch' : 'epochs'}
          {best ? `; ${keptWords(best.step)}` : ''}. {trainedOn(trained)}
        </Text>
      </div>
      {summary.end === 'not-finite' && (
        <Alert color="orange" variant="light" className="trust" data-testid="trained-not-finite">
          <Text size="sm">
            The loss was no number any more, so the training was ended; the last good weights are kept. A
            smaller learning rate usually helps.
          </Text>
        </Alert>
      )}
      {inUse && (
        <Alert color="blue" variant="light" role="status" data-testid="trained-in-use">
          <Text size="sm">
            {name} is the page’s model now: embed these cells again, or open another file, to use it.
          </Text>
        </Alert>
      )}
      <TrainedActions trained={trained} inUse={inUse} />
      <Text size="sm" c="dimmed" data-testid="trained-holds">
        The package holds no cell. Its training.json and README.md name your file, its donors and the classes
        of the column: look at them before you pass it on.
      </Text>
      {test === null ? (
        <Text size="sm" className="warn-text" data-testid="trained-untested">
          No donor could be a test: nothing is known of how well this model does on other people.
        </Text>
      ) : (
        <Stack gap="xs" data-testid="trained-test">
          <Text size="sm" data-testid="trained-tested">
            Test, opened once: {formatCount(test.cells)} cells of {test.donors}{' '}
            {test.donors === 1 ? 'donor' : 'donors'} that neither trained nor decided when to stop.{' '}
            <NotForDiagnosis />
          </Text>
          {Object.entries(test.methods).map(([annotation, methods]) => (
            <div key={annotation}>
              <MethodsTable evaluation={{ methods, byGroupInstead: null }} />
              <List size="sm" spacing={2} data-testid="trained-verdict">
                {testSentences(methods).map((sentence) => (
                  <List.Item key={sentence}>{sentence}</List.Item>
                ))}
              </List>
            </div>
          ))}
        </Stack>
      )}
      {notices.length > 0 && (
        <List size="sm" spacing={2} c="dimmed" data-testid="trained-notices">
          {notices.map((notice) => (
            <List.Item key={notice}>{notice}</List.Item>
          ))}
        </List>
      )}
      <Suspense
        fallback={
          <Text size="sm" c="dimmed">
            Drawing…
          </Text>
        }
      >
        <TrainedPlots trained={trained} />
      </Suspense>
    </Stack>
  );
}
