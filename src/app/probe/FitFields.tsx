import { Accordion, Checkbox, NumberInput, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import type { FeatureSource } from '../../probe/config.ts';
import type { CellResults } from '../../run/results.ts';
import { formatName } from '../common/format.ts';
import type { ProbeForm } from '../state/probe-form.ts';
import { useApp } from '../state/store.ts';

interface FitFieldsProps {
  readonly form: ProbeForm;
  readonly results: CellResults;
}

/** Features, regularisation and what stands beside the probe: defaults that rarely need a change. */
export function FitFields({ form, results }: FitFieldsProps) {
  const change = useApp((state) => state.changeProbe);
  const features = useFeatures(results);
  const chosen = form.c === 'chosen';
  return (
    <Accordion variant="contained" radius="md" order={3}>
      <Accordion.Item value="fit">
        <Accordion.Control data-testid="probe-more">
          <Text size="sm">{summaryOf(form)}</Text>
        </Accordion.Control>
        <Accordion.Panel>
          <Stack gap="sm">
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
              <Select
                label="Features"
                data={features.map(({ value, label }) => ({ value, label }))}
                value={JSON.stringify(form.features)}
                onChange={(value) => value && change({ features: JSON.parse(value) as FeatureSource })}
                allowDeselect={false}
                data-testid="probe-features"
              />
              <Select
                label="Class weights"
                data={[
                  { value: 'none', label: 'none: probabilities stay calibrated' },
                  { value: 'balanced', label: 'balanced: every class counts the same' },
                ]}
                value={form.classWeights}
                onChange={(value) => value && change({ classWeights: value as ProbeForm['classWeights'] })}
                allowDeselect={false}
                data-testid="probe-weights"
              />
              <Select
                label="Regularisation"
                data={[
                  { value: 'chosen', label: 'C chosen by inner folds over donors' },
                  { value: 'given', label: 'C as given' },
                ]}
                value={chosen ? 'chosen' : 'given'}
                onChange={(value) => change({ c: value === 'chosen' ? 'chosen' : 1 })}
                allowDeselect={false}
                data-testid="probe-c"
              />
              {form.c !== 'chosen' && (
                <NumberInput
                  label="C"
                  description="as scikit-learn’s: smaller is stronger"
                  min={0}
                  step={0.1}
                  value={form.c}
                  onChange={(c) => typeof c === 'number' && change({ c })}
                  data-testid="probe-c-value"
                />
              )}
              <NumberInput
                label="Permutations"
                description="of labels over donors, for what chance gives; 0 = none"
                min={0}
                max={10_000}
                allowDecimal={false}
                value={form.permutations}
                onChange={(permutations) => typeof permutations === 'number' && change({ permutations })}
                data-testid="probe-permutations"
              />
              <NumberInput
                label="Seed"
                description="of folds, resamples and permutations"
                min={0}
                allowDecimal={false}
                value={form.seed}
                onChange={(seed) => typeof seed === 'number' && change({ seed })}
                data-testid="probe-seed"
              />
            </SimpleGrid>
            <Checkbox
              label="Baseline on expression: the same probe on log-CP10k of 2,000 variable genes, 50 components"
              checked={form.expressionBaseline}
              onChange={(event) => change({ expressionBaseline: event.currentTarget.checked })}
              data-testid="probe-expression"
            />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

function useFeatures(
  results: CellResults,
): readonly { readonly value: string; readonly label: string; readonly source: FeatureSource }[] {
  const obsmKeys = useApp((state) => state.summary?.obsmKeys ?? NONE);
  const sources: { readonly label: string; readonly source: FeatureSource }[] = [
    { label: 'the embedding', source: { kind: 'embedding' } },
    ...Object.keys(results.annotationStates ?? {}).map((annotation) => ({
      label: `state of the ${formatName(annotation)} token`,
      source: { kind: 'annotation-state', annotation } as const,
    })),
    ...obsmKeys.map((key) => ({ label: `${key} of the file`, source: { kind: 'obsm', key } as const })),
  ];
  return sources.map((one) => ({ ...one, value: JSON.stringify(one.source) }));
}

const NONE: readonly string[] = [];

/** The choices of this part in one line. */
function summaryOf({ features, c, classWeights, expressionBaseline, permutations, seed }: ProbeForm): string {
  const from = {
    embedding: 'the embedding',
    'annotation-state': `an annotation state`,
    obsm: features.kind === 'obsm' ? features.key : '',
  }[features.kind];
  return [
    `Features: ${from}`,
    c === 'chosen' ? 'C chosen' : `C ${c}`,
    `weights ${classWeights}`,
    expressionBaseline ? 'baseline on expression' : 'no baseline on expression',
    `${permutations} permutations`,
    `seed ${seed}`,
  ].join(' · ');
}
