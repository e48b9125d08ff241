import { CloseButton, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { CellResults } from '../../run/results.ts';
import type { CellGene } from '../../run/services.ts';
import { valueAt } from '../common/column.ts';
import { formatCount, formatPercent, formatPrediction } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { useColumn } from '../common/use-column.ts';
import { services } from '../state/services.ts';
import { useApp } from '../state/store.ts';
import { NotForDiagnosis } from './NotForDiagnosis.tsx';
import { OneStudyMark } from './OneStudyMark.tsx';
import { headNames, noAnswer, rankedClasses, withheldOf } from './predictions.ts';
import { withheldSentence } from './withheld.ts';

const GENES_SHOWN = 12;
const CLASSES_SHOWN = 4;

/** One cell: what the model predicts, what is recorded, and the genes it reads first. */
export function CellDetails({ results }: { readonly results: CellResults }) {
  const focus = useApp((state) => state.focus);
  const setFocus = useApp((state) => state.setFocus);
  const labels = useApp((state) => state.labels);
  const genes = useTopGenes(focus === null ? null : results.rows[focus]);
  if (focus === null || focus >= results.rows.length) return null;
  const row = results.rows[focus];
  const reason = results.withheld[focus];
  const predictions = Object.entries(results.predictions);
  return (
    <Panel
      title={`Cell ${formatCount(row)}`}
      note={`row of the file, counted from 0 · ${formatCount(results.tokens[focus])} genes read`}
      testId="cell-details"
      aside={<CloseButton aria-label="Close cell details" onClick={() => setFocus(null)} />}
    >
      <Stack gap="sm" aria-live="polite">
        {headNames(results).length > 0 && reason !== 0 && (
          <Text size="sm" data-testid="cell-withheld">
            Predictions withheld: {withheldSentence(reason)}
          </Text>
        )}
        {predictions
          .filter(([, { withheld }]) => withheld || reason === 0)
          .map(([name, prediction]) => (
            <div key={name}>
              <Group justify="space-between" gap="xs">
                <Text size="sm" fw={600}>
                  {formatPrediction(name)}
                </Text>
                <Recorded column={labels[name]?.column ?? null} row={row} />
              </Group>
              {rankedClasses(prediction, focus)
                .slice(0, CLASSES_SHOWN)
                .map(({ name: label, probability }) => (
                  <div key={label}>
                    <Group justify="space-between" gap="xs" wrap="nowrap">
                      <Text size="xs">
                        {label} <OneStudyMark annotation={name} label={label} />
                      </Text>
                      <Text size="xs" c="dimmed">
                        {formatPercent(probability)}
                      </Text>
                    </Group>
                    <Progress
                      value={probability * 100}
                      size={4}
                      aria-label={`${label} ${formatPercent(probability)}`}
                    />
                  </div>
                ))}
              {noAnswer(results, name, focus) && (
                <Text size="xs" c="dimmed">
                  no answer: {noAnswer(results, name, focus)}
                </Text>
              )}
            </div>
          ))}
        {predictions.some(([name]) => withheldOf(results, name)[focus] === 0) && <NotForDiagnosis />}
        <div>
          <Text size="sm" fw={600}>
            Genes by rank
          </Text>
          <Text size="xs" c="dimmed">
            count per 10,000 over the gene’s median, as the model reads them
          </Text>
          <Table fz="xs" verticalSpacing={2} data-testid="top-genes">
            <Table.Tbody>
              {genes.map((gene) => (
                <Table.Tr key={gene.ensemblId}>
                  <Table.Td c="dimmed">{gene.rank}</Table.Td>
                  <Table.Td title={gene.ensemblId}>{gene.symbol || gene.ensemblId}</Table.Td>
                  <Table.Td ta="right">{formatCount(gene.count)} counts</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      </Stack>
    </Panel>
  );
}

function Recorded({ column, row }: { readonly column: string | null; readonly row: number }) {
  const recorded = useColumn(column);
  if (!recorded) return null;
  return (
    <Text size="xs" c="dimmed">
      recorded: {valueAt(recorded, row) ?? 'missing'}
    </Text>
  );
}

function useTopGenes(row: number | null): readonly CellGene[] {
  const [genes, setGenes] = useState<readonly CellGene[]>([]);
  const fail = useApp((state) => state.failRun);
  useEffect(() => {
    if (row === null) return;
    let current = true;
    services()
      .dataset.topGenes(row, GENES_SHOWN)
      .then((found) => current && setGenes(found))
      .catch((error) => current && fail(error));
    return () => {
      current = false;
    };
  }, [row, fail]);
  return genes;
}
