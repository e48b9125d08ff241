import { Anchor, Container, Group, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { ErrorNotice } from '../common/ErrorNotice.tsx';
import { ModelPanel } from '../model/ModelPanel.tsx';
import { useApp } from '../state/store.ts';
import { UnfinishedNote } from '../train/UnfinishedNote.tsx';
import { FileDrop } from './FileDrop.tsx';
import { KeptResults } from './KeptResults.tsx';
import { StepsNote } from './StepsNote.tsx';

/** What greets a new user: what this is, the promise, a place to drop a file. */
export function StartPage() {
  const error = useApp((state) => state.datasetError);
  const dismiss = useApp((state) => state.dismissDatasetError);
  return (
    <Container size={880} py={{ base: 'lg', sm: 48 }}>
      <Stack gap="lg">
        <Stack gap={6}>
          <Title order={1} fz={{ base: 26, sm: 34 }} lh={1.2}>
            See your cells the way a foundation model reads them
          </Title>
          <Text c="dimmed" fz="lg" maw={680}>
            Drop raw single-cell counts: a TEDDY transformer embeds every cell on this computer, lays them
            out, and shows what it would predict of disease and cell type, donor by donor.
          </Text>
        </Stack>
        {error && <ErrorNotice sentence={error} onClose={dismiss} testId="dataset-error" />}
        <FileDrop />
        <Group gap={8} wrap="nowrap" data-testid="privacy">
          <ThemeIcon variant="light" size={26} radius="xl" aria-hidden>
            <IconLock size={15} />
          </ThemeIcon>
          <Text size="sm">
            <b>Nothing leaves this machine.</b> The page’s security policy forbids connections to any other
            host.
          </Text>
        </Group>
        <KeptResults />
        <UnfinishedNote />
        <ModelPanel />
        <StepsNote />
        <Text size="xs" c="dimmed">
          Sample: 600 blood cells of three held-out donors, COMBAT Consortium,{' '}
          <Anchor
            underline="always"
            href="https://doi.org/10.1016/j.cell.2022.01.012"
            inherit
            target="_blank"
            rel="noreferrer"
          >
            Cell 2022
          </Anchor>
          , CC BY 4.0.
        </Text>
      </Stack>
    </Container>
  );
}
