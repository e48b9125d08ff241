import { Alert, Collapse, Group, Progress, Stack, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight, IconInfoCircle } from '@tabler/icons-react';
import { orthologNote } from '../../run/messages.ts';
import type { GeneReport } from '../../run/services.ts';
import { Fact } from '../common/Fact.tsx';
import { formatCount, formatPercent } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { GeneReportButton } from './GeneReportButton.tsx';

const METHODS = {
  ensembl: 'Ensembl id',
  suffix: '_ENSG… suffix',
  symbol: 'current symbol',
  previous: 'previous symbol',
  alias: 'alias',
  entrez: 'Entrez id',
} as const;

/** How much of the data the model can read. */
export function GenesPanel({ report }: { readonly report: GeneReport }) {
  const [open, { toggle }] = useDisclosure(false);
  const share = report.columns ? report.inVocabulary / report.columns : 0;
  const note = orthologNote(report.byOrtholog);
  const source = report.source === 'index' ? 'the gene names' : `var column “${report.source}”`;
  return (
    <Panel title="Genes the model knows" note={`Ids taken from ${source}`} testId="genes-panel">
      <Group gap="xl">
        <Fact label="of the genes" value={formatPercent(share)} testId="gene-share" />
        <Fact label="of the counts" value={formatPercent(report.countShare)} testId="count-share" />
        <Fact label="organism" value={report.organism ?? 'not recorded'} testId="organism" />
      </Group>
      <Progress
        value={report.countShare * 100}
        size="sm"
        aria-label="Share of counts on genes the model knows"
      />
      {report.panelNote && (
        <Alert icon={<IconInfoCircle size={20} aria-hidden />} color="yellow" data-testid="panel-note">
          {report.panelNote}
        </Alert>
      )}
      {note && (
        <Alert icon={<IconInfoCircle size={20} aria-hidden />} color="yellow" data-testid="ortholog-note">
          {note}
        </Alert>
      )}
      <UnstyledButton onClick={toggle} aria-expanded={open} data-testid="gene-details">
        <Group gap={4}>
          {open ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
          <Text size="sm">How they were matched</Text>
        </Group>
      </UnstyledButton>
      <Collapse expanded={open}>
        <Stack gap={4}>
          <Text size="sm">
            {formatCount(report.columns)} columns, {formatCount(report.mapped)} with an Ensembl id,{' '}
            {formatCount(report.inVocabulary)} in the model’s vocabulary
            {report.ambiguous > 0 && `, ${formatCount(report.ambiguous)} ambiguous and left out`}
            {report.otherFeatures > 0 &&
              `, ${formatCount(report.otherFeatures)} no genes (antibodies, peaks, tags) and not read`}
            .
          </Text>
          {(Object.keys(METHODS) as (keyof typeof METHODS)[])
            .filter((method) => report.byMethod[method] > 0)
            .map((method) => (
              <Text size="sm" c="dimmed" key={method}>
                by {METHODS[method]}: {formatCount(report.byMethod[method])}
              </Text>
            ))}
          <GeneReportButton />
          {report.unmappedExamples.length > 0 && (
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              not found, e.g. {report.unmappedExamples.join(', ')}
            </Text>
          )}
        </Stack>
      </Collapse>
    </Panel>
  );
}
