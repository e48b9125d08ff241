import { Drawer, List, Stack, Table, Text, Title } from '@mantine/core';
import type { TrainingRecord } from '../../model/training-record.ts';
import type { LoadedModel } from '../../run/services.ts';
import { capital, formatCount, formatName, formatPercent } from '../common/format.ts';
import { HiddenLosses } from './HiddenLosses.tsx';

interface ModelCardDrawerProps {
  readonly model: LoadedModel;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** What a model was trained on and how well it does beside two baselines that know nothing of a cell. */
export function ModelCardDrawer({ model, opened, onClose }: ModelCardDrawerProps) {
  const record = model.training;
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      title={<b>{model.name}</b>}
      closeButtonProps={{ 'aria-label': 'Close the model card' }}
    >
      <Stack gap="md" data-testid="model-card">
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          SHA-256 of its weights {model.sha256}
        </Text>
        {record ? (
          <Record record={record} modelType={model.config.modelType} />
        ) : (
          <Text>This package comes without training.json.</Text>
        )}
      </Stack>
    </Drawer>
  );
}

function Record({
  record,
  modelType,
}: {
  readonly record: TrainingRecord;
  readonly modelType: LoadedModel['config']['modelType'];
}) {
  const donors = Object.entries(record.trainingDonors);
  return (
    <>
      <Text>
        {capital(record.what)}. Trained on {formatCount(record.cellsInTrainingSet)} cells of {donors.length}{' '}
        studies. Research demonstration, not for diagnosis.
      </Text>
      <OneStudy record={record} />
      <Scores record={record} />
      <HiddenLosses losses={record.hiddenLosses} modelType={modelType} />
      <div>
        <Title order={3} fz="sm">
          Donors
        </Title>
        {donors.map(([study, names]) => (
          <Text size="sm" key={study}>
            <b>{study}</b>: trained on {names.join(', ') || 'none'}; chosen by{' '}
            {(record.validationDonors[study] ?? []).join(', ') || 'none'}; held out{' '}
            {(record.heldOutDonors[study] ?? []).join(', ') || 'none'}
          </Text>
        ))}
      </div>
      <div>
        <Title order={3} fz="sm">
          Share withheld as outside of what it has seen
        </Title>
        {Object.entries(record.withheldShares).map(([where, share]) => (
          <Text size="sm" key={where}>
            {where}: {formatPercent(share)}
          </Text>
        ))}
      </div>
      <div>
        <Title order={3} fz="sm">
          Sources
        </Title>
        <List size="sm">
          {record.sources.map((source) => (
            <List.Item key={source.name}>
              {source.name}. {source.citation}. Licence: {source.licence}.
            </List.Item>
          ))}
        </List>
      </div>
    </>
  );
}

function OneStudy({ record }: { readonly record: TrainingRecord }) {
  const lists = Object.entries(record.classesSeenInOneStudyOnly).filter(([, classes]) => classes.length > 0);
  if (lists.length === 0) return null;
  return (
    <div>
      <Title order={3} fz="sm">
        Classes seen in one study only
      </Title>
      {lists.map(([annotation, classes]) => (
        <Text size="sm" key={annotation}>
          {formatName(annotation)}: {classes.join(', ')}
        </Text>
      ))}
      {record.oneStudyNote && (
        <Text size="sm" c="dimmed">
          {record.oneStudyNote}.
        </Text>
      )}
    </div>
  );
}

function Scores({ record }: { readonly record: TrainingRecord }) {
  const hasOneClass = Object.values(record.heldOutScores).some((studies) =>
    Object.values(studies).some(({ oneClassForEveryCell }) => oneClassForEveryCell !== null),
  );
  return (
    <div>
      <Title order={3} fz="sm">
        Accuracy on donors it never saw
      </Title>
      <Text size="sm" c="dimmed" mb={6}>
        Beside it what rules reach that look at no gene: always the commonest class of training, and the
        commonest class of the cell’s own study{hasOneClass && '; last the most that one answer to all could'}
        .
      </Text>
      <Table.ScrollContainer minWidth={440}>
        <Table fz="sm" verticalSpacing={4} withRowBorders data-testid="held-out-scores">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Label</Table.Th>
              <Table.Th>Study</Table.Th>
              <Table.Th ta="right">Cells</Table.Th>
              <Table.Th ta="right">Model</Table.Th>
              <Table.Th ta="right">Commonest</Table.Th>
              <Table.Th ta="right">Of its study</Table.Th>
              {hasOneClass && <Table.Th ta="right">One class</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {Object.entries(record.heldOutScores).flatMap(([annotation, studies]) =>
              Object.entries(studies).map(([study, score]) => (
                <Table.Tr key={`${annotation}/${study}`}>
                  <Table.Td>{formatName(annotation)}</Table.Td>
                  <Table.Td>{study}</Table.Td>
                  <Table.Td ta="right">{formatCount(score.n)}</Table.Td>
                  <Table.Td ta="right" fw={600}>
                    {formatPercent(score.accuracy)}
                  </Table.Td>
                  <Table.Td ta="right">{formatPercent(score.commonestClass)}</Table.Td>
                  <Table.Td ta="right">{formatPercent(score.commonestClassOfItsStudy)}</Table.Td>
                  {hasOneClass && (
                    <Table.Td ta="right">
                      {score.oneClassForEveryCell === null ? '–' : formatPercent(score.oneClassForEveryCell)}
                    </Table.Td>
                  )}
                </Table.Tr>
              )),
            )}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}
