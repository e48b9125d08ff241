import { Alert, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { MeasuredProbe } from '../../probe/probe-file.ts';
import { figure } from '../../report/numbers.ts';
import { formatCount, formatPercent } from '../common/format.ts';
import { useApp } from '../state/store.ts';

/** What must be known of a saved probe's answers. Nothing for predictions of the model itself. */
export function AppliedProbeNote({ name }: { readonly name: string }) {
  const applied = useApp((state) => state.applied.find((probe) => probe.name === name));
  if (!applied) return null;
  const { description, warnings, cells, outside, unsure } = applied;
  const { training, label, model, measured } = description;
  return (
    <Alert
      color="orange"
      variant="light"
      className="trust"
      icon={<IconAlertTriangle size={20} aria-hidden />}
      title={`Answers of ${applied.fileName}`}
      data-testid="applied-probe"
    >
      <Stack gap={6}>
        {warnings.length > 0 && (
          <List size="sm" spacing={2} data-testid="applied-warnings">
            {warnings.map((warning) => (
              <List.Item key={warning} className="warn-text">
                {warning}
              </List.Item>
            ))}
          </List>
        )}
        <Text size="sm" data-testid="applied-outside">
          {formatCount(outside)} of {formatCount(cells)} cells ({formatPercent(outside / cells)}) lie outside
          what the probe was trained on and have no answer
          {unsure > 0 && `; of ${formatCount(unsure)} more it is not sure enough to answer`}.
        </Text>
        <Text size="sm" data-testid="applied-training">
          Trained on {label.column} of {formatCount(training.cells)} cells
          {training.groups.length > 0 && ` of ${training.groups.length} donors`} of {training.file}, embedded
          with {model.name}. One file is one study: what it learnt may be that study’s.
        </Text>
        <Text size="sm" data-testid="applied-measured">
          {measured ? measuredWords(measured) : 'How well it does was never measured.'}
        </Text>
      </Stack>
    </Alert>
  );
}

function measuredWords({ methods, split, tested, testedGroups, uncertainty }: MeasuredProbe): string {
  const [probe, ...baselines] = methods;
  const of = (value: number | null) => figure(value ?? Number.NaN);
  const beside = baselines.map((method) => `${method.name} ${of(method.balancedAccuracy)}`).join(', ');
  return (
    `There, ${split}: balanced accuracy ${of(probe?.balancedAccuracy ?? null)}` +
    `${beside && ` (${beside})`}, AUROC ${of(probe?.auroc ?? null)}, ` +
    `on ${formatCount(tested)} cells of ${testedGroups} donors; ${uncertainty}.`
  );
}
