import { Accordion, Select, Stack, Table, Text } from '@mantine/core';
import { formatName } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import type { LabelChoice } from '../state/labels.ts';
import { useApp } from '../state/store.ts';

/** Recorded columns beside the model's annotations, with an editable table of labels for each. */
export function LabelsPanel() {
  const model = useApp((state) => state.model);
  const labels = useApp((state) => state.labels);
  const annotations = Object.entries(model?.config.annotations ?? {});
  if (annotations.length === 0) {
    return (
      <Panel title="Recorded labels" testId="labels-panel">
        <Text size="sm">This model predicts no labels: it only embeds.</Text>
      </Panel>
    );
  }
  return (
    <Panel
      title="Recorded labels"
      note="Compared with predictions; a label without a class is left out of every score"
      testId="labels-panel"
    >
      <Accordion variant="contained" radius="md" order={3}>
        {annotations.map(([annotation, classes]) => {
          const choice = labels[annotation];
          const unmatched = choice ? [...choice.table.values()].filter((value) => value === null).length : 0;
          return (
            <Accordion.Item key={annotation} value={annotation}>
              <Accordion.Control data-testid={`labels-${annotation}`}>
                <Text size="sm">
                  <b>{formatName(annotation)}</b>{' '}
                  <Text span size="sm" c="dimmed">
                    {choice?.column
                      ? `${choice.column} · ${choice.table.size} ${choice.table.size === 1 ? 'label' : 'labels'}${unmatched ? `, ${unmatched} without a class` : ''}`
                      : 'not recorded'}
                  </Text>
                </Text>
              </Accordion.Control>
              <Accordion.Panel>
                <AnnotationLabels annotation={annotation} classes={classes} choice={choice} />
              </Accordion.Panel>
            </Accordion.Item>
          );
        })}
      </Accordion>
    </Panel>
  );
}

interface AnnotationLabelsProps {
  readonly annotation: string;
  readonly classes: readonly string[];
  readonly choice: LabelChoice | undefined;
}

function AnnotationLabels({ annotation, classes, choice }: AnnotationLabelsProps) {
  const summary = useApp((state) => state.summary);
  const setColumn = useApp((state) => state.setLabelColumn);
  const setClass = useApp((state) => state.setLabelClass);
  const fail = useApp((state) => state.failToOpen);
  return (
    <Stack gap="sm">
      <Select
        label="Recorded in"
        placeholder="not recorded"
        clearable
        searchable
        size="sm"
        data={[...(summary?.obsColumns ?? [])]}
        value={choice?.column ?? null}
        onChange={(column) => void setColumn(annotation, column).catch(fail)}
        data-testid={`label-column-${annotation}`}
      />
      {choice && choice.table.size > 0 && (
        <Table fz="sm" verticalSpacing={4} data-testid={`label-table-${annotation}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Recorded</Table.Th>
              <Table.Th>Class of the model</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {[...choice.table].map(([label, classOf]) => (
              <Table.Tr key={label}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{label}</Table.Td>
                <Table.Td>
                  <Select
                    size="xs"
                    aria-label={`Class of the model for ${label}`}
                    placeholder="left out"
                    clearable
                    data={[...classes]}
                    value={classOf}
                    onChange={(value) => setClass(annotation, label, value)}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
