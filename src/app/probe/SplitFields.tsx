import { MultiSelect, NumberInput, Select, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { recordedLabels } from '../../analysis/labels.ts';
import type { SplitPlan } from '../../probe/types.ts';
import type { CellResults } from '../../run/results.ts';
import { useColumn } from '../common/use-column.ts';
import type { ProbeForm } from '../state/probe-form.ts';
import { useApp } from '../state/store.ts';
import { CaseFields } from './CaseFields.tsx';

interface SplitFieldsProps {
  readonly form: ProbeForm;
  readonly results: CellResults;
}

const PLANS: readonly { readonly value: SplitPlan['kind']; readonly label: string }[] = [
  { value: 'leave-one-group-out', label: 'each donor held out in turn' },
  { value: 'grouped-k-fold', label: 'donors in folds' },
  { value: 'held-out-groups', label: 'donors that I choose' },
  { value: 'held-out-case', label: 'a disease it has not trained on' },
  { value: 'random-cells', label: 'cells at random (leaks)' },
];

const FOLDS = 5;

/** How train and test cells are told apart. */
export function SplitFields({ form, results }: SplitFieldsProps) {
  const change = useApp((state) => state.changeProbe);
  const { split } = form;
  const setSplit = (plan: SplitPlan) => change({ split: plan });
  return (
    <Stack gap="xs">
      <Select
        label="Test on"
        data={[...PLANS]}
        value={split.kind}
        onChange={(kind) => kind && setSplit(emptyPlan(kind as SplitPlan['kind']))}
        allowDeselect={false}
        maw={420}
        data-testid="probe-split"
      />
      {(split.kind === 'grouped-k-fold' || split.kind === 'random-cells') && (
        <NumberInput
          label="Folds"
          min={2}
          max={100}
          allowDecimal={false}
          value={split.folds}
          onChange={(folds) => typeof folds === 'number' && folds >= 2 && setSplit({ ...split, folds })}
          w={140}
          data-testid="probe-folds"
        />
      )}
      {split.kind === 'held-out-groups' && <HeldOutDonors form={form} results={results} />}
      {split.kind === 'held-out-case' && <CaseFields form={form} split={split} results={results} />}
      {split.kind === 'random-cells' && (
        <Text size="sm" className="warn-text" data-testid="probe-leaks">
          Cells of one donor will stand on both sides of this split, so its figures say nothing about new
          donors. {form.groupColumn !== null && 'The probe split by donor is run beside it.'}
        </Text>
      )}
    </Stack>
  );
}

function HeldOutDonors({ form, results }: SplitFieldsProps) {
  const change = useApp((state) => state.changeProbe);
  const column = useColumn(form.groupColumn);
  const donors = useMemo(
    () => (column ? [...recordedLabels(column, results.rows).labels].sort() : []),
    [column, results.rows],
  );
  if (form.split.kind !== 'held-out-groups') return null;
  return (
    <MultiSelect
      label="Donors to test on"
      description="all others train; donors that the model has seen cannot be tested"
      searchable
      data={donors}
      value={[...form.split.groups]}
      onChange={(groups) => change({ split: { kind: 'held-out-groups', groups } })}
      maw={560}
      data-testid="probe-held-out"
    />
  );
}

function emptyPlan(kind: SplitPlan['kind']): SplitPlan {
  switch (kind) {
    case 'leave-one-group-out':
      return { kind };
    case 'grouped-k-fold':
    case 'random-cells':
      return { kind, folds: FOLDS };
    case 'held-out-groups':
      return { kind, groups: [] };
    case 'held-out-case':
      return { kind, trainCases: [], testCase: '', control: '' };
  }
}
