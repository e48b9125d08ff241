import { Table, Text } from '@mantine/core';
import { formatCount } from '../common/format.ts';
import { OneStudyMark } from './OneStudyMark.tsx';
import type { AnnotationScores } from './use-scores.ts';

interface ConfusionProps {
  readonly annotation: string;
  readonly scored: AnnotationScores;
}

/** Counted cells by recorded (rows) and predicted (columns) class; only classes that occur. */
export function Confusion({ annotation, scored: { scores, classes } }: ConfusionProps) {
  const k = classes.length;
  const at = (recorded: number, predicted: number) => scores.confusion[recorded * k + predicted];
  const all = classes.map((_, c) => c);
  const recorded = all.filter((r) => all.some((p) => at(r, p) > 0));
  const predicted = all.filter((p) => all.some((r) => at(r, p) > 0));
  if (recorded.length === 0) return null;
  return (
    <Table.ScrollContainer minWidth={360}>
      <Text size="sm" fw={600}>
        Recorded against predicted, cells counted above
      </Text>
      <Table fz="sm" verticalSpacing={4} w="auto" data-testid="confusion">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>recorded ↓ predicted →</Table.Th>
            {predicted.map((p) => (
              <Table.Th key={p} ta="right">
                {classes[p]} <OneStudyMark annotation={annotation} label={classes[p]} />
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {recorded.map((r) => (
            <Table.Tr key={r}>
              <Table.Th scope="row" fw={500}>
                {classes[r]}
              </Table.Th>
              {predicted.map((p) => (
                <Table.Td key={p} ta="right" fw={p === r ? 700 : 400} c={at(r, p) === 0 ? 'dimmed' : ''}>
                  {formatCount(at(r, p))}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
