import { Alert, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import type { CellResults } from '../../run/results.ts';
import { ErrorNotice } from '../common/ErrorNotice.tsx';
import { Panel } from '../common/Panel.tsx';
import { NotForDiagnosis } from '../results/NotForDiagnosis.tsx';
import { useApp } from '../state/store.ts';
import { DonorSetsFields } from './DonorSetsFields.tsx';
import { LearningFields } from './LearningFields.tsx';
import { MoreFields } from './MoreFields.tsx';
import { TrainedView } from './TrainedView.tsx';
import { TrainingProgress } from './TrainingProgress.tsx';
import { TrainLabelFields } from './TrainLabelFields.tsx';
import { TrainRunBar } from './TrainRunBar.tsx';
import { UnfinishedRuns } from './UnfinishedRuns.tsx';
import { useTrainingGpu } from './use-training-gpu.ts';

/** Fine-tuning of the page's model on the embedded cells: what is learnt, by whom it is tested, and what came out. */
export function TrainPanel({ results }: { readonly results: CellResults }) {
  const form = useApp((state) => state.trainForm);
  const model = useApp((state) => state.model);
  const done = useApp((state) => state.phase === 'done' || state.phase === 'cancelled');
  const training = useApp((state) => state.training);
  const trained = useApp((state) => state.trained);
  const propose = useApp((state) => state.proposeTraining);
  const change = useApp((state) => state.changeTraining);
  const look = useApp((state) => state.lookForUnfinished);
  const fail = useApp((state) => state.failTraining);
  const error = useApp((state) => state.trainError);
  const dismiss = useApp((state) => state.dismissTrainError);
  const gpu = useTrainingGpu();
  const able = gpu === 'gpu' || gpu === 'software';

  useEffect(() => {
    if (done && model && able && !form) propose().catch(fail);
  }, [done, model, able, form, propose, fail]);
  useEffect(() => {
    if (done && able) void look();
  }, [done, able, look]);
  // Donors seen in training are the model's, cells the run's: with another of either the sets are dealt anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: changeTraining reads model and rows from the state, this waits for them
  useEffect(() => change({}), [model, results.rows, change]);

  if (!done && !training && !trained) return null;
  return (
    <Panel
      title="Fine-tune"
      note={
        <>
          Teaches {model?.name ?? 'the model'} a column of this file, on this machine: some donors train,
          others decide when to stop, others are the test. <NotForDiagnosis />
        </>
      }
      testId="train-panel"
    >
      <Stack gap="md">
        {gpu === 'none' && (
          <Text size="sm" className="warn-text" role="status" data-testid="train-no-webgpu">
            Training needs WebGPU, and this browser offers none: open the page in one that does, or train with
            npx teddy-web finetune.
          </Text>
        )}
        {gpu === 'software' && (
          <Alert color="orange" variant="light" className="trust" data-testid="train-slow">
            <Text size="sm">
              The only GPU here is software on the processor: training works, but slowly. Take few cells, and
              let the head alone learn.
            </Text>
          </Alert>
        )}
        {!training && able && <UnfinishedRuns />}
        {!training && able && done && form && model && (
          <>
            <TrainLabelFields form={form} results={results} />
            <DonorSetsFields form={form} />
            <LearningFields form={form} model={model} />
            <MoreFields form={form} model={model} />
            <TrainRunBar form={form} />
          </>
        )}
        {error && <ErrorNotice sentence={error} testId="train-error" onClose={dismiss} />}
        {training && <TrainingProgress view={training} />}
        {trained && !training && <TrainedView trained={trained} />}
      </Stack>
    </Panel>
  );
}
