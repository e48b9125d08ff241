import { Accordion, Checkbox, NumberInput, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import type { LoadedModel } from '../../run/services.ts';
import { useApp } from '../state/store.ts';
import { proposedName, type TrainForm } from '../state/train-form.ts';

interface MoreFieldsProps {
  readonly form: TrainForm;
  readonly model: LoadedModel;
}

/** What rarely needs a change, and what the package says of itself. */
export function MoreFields({ form, model }: MoreFieldsProps) {
  const change = useApp((state) => state.changeTraining);
  return (
    <Accordion variant="contained" radius="md" order={3}>
      <Accordion.Item value="more">
        <Accordion.Control data-testid="train-more">
          <Text size="sm">{summaryOf(form)}</Text>
        </Accordion.Control>
        <Accordion.Panel>
          <Stack gap="sm">
            <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="md">
              <NumberInput
                label="Cells a step"
                description="averaged before the weights move"
                min={1}
                max={100_000}
                allowDecimal={false}
                value={form.cellsPerStep}
                onChange={(cellsPerStep) =>
                  typeof cellsPerStep === 'number' && cellsPerStep >= 1 && change({ cellsPerStep })
                }
                data-testid="train-batch"
              />
              <NumberInput
                label="Patience"
                description="epochs without a better one before it ends; 0 = never early"
                min={0}
                max={1000}
                allowDecimal={false}
                value={form.patience ?? 0}
                onChange={(patience) =>
                  typeof patience === 'number' && change({ patience: patience === 0 ? null : patience })
                }
                data-testid="train-patience"
              />
              <Select
                label="Weights of the package"
                description="how they are stored"
                data={[
                  { value: 'f32', label: '32 bits' },
                  { value: 'f16', label: '16 bits: half the size' },
                ]}
                value={form.weights}
                onChange={(weights) => weights && change({ weights: weights as TrainForm['weights'] })}
                allowDeselect={false}
                data-testid="train-precision"
              />
              <TextInput
                label="Name of the new model"
                description="a folder’s name"
                value={form.name ?? proposedName(form, model)}
                onChange={(event) => change({ name: event.currentTarget.value })}
                data-testid="train-name"
              />
              <TextInput
                label="Citation of the data"
                description="for the model’s card"
                value={form.citation}
                onChange={(event) => change({ citation: event.currentTarget.value })}
                data-testid="train-citation"
              />
              <TextInput
                label="Licence of the data"
                description="for the model’s card"
                value={form.licence}
                onChange={(event) => change({ licence: event.currentTarget.value })}
                data-testid="train-licence"
              />
            </SimpleGrid>
            <Checkbox
              label="Compute layers twice: less memory, about a third slower"
              checked={form.checkpointing}
              onChange={(event) => change({ checkpointing: event.currentTarget.checked })}
              data-testid="train-checkpointing"
            />
            <Checkbox
              label="Baseline on expression beside the test: a regression on log-CP10k of 2,000 variable genes, 50 components"
              checked={form.expressionBaseline}
              onChange={(event) => change({ expressionBaseline: event.currentTarget.checked })}
              data-testid="train-expression"
            />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

function summaryOf({
  cellsPerStep,
  patience,
  weights,
  checkpointing,
  expressionBaseline,
}: TrainForm): string {
  return [
    `${cellsPerStep} cells a step`,
    patience === null ? 'never ends early' : `ends early after ${patience} epochs without a better one`,
    `weights in ${weights === 'f16' ? '16' : '32'} bits`,
    ...(checkpointing ? ['layers computed twice'] : []),
    expressionBaseline ? 'baseline on expression' : 'no baseline on expression',
  ].join(' · ');
}
