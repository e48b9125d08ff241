import { Select, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ProbeForm } from '../state/probe-form.ts';
import { useApp } from '../state/store.ts';

/** Columns that keep cells together, and those that results are divided by. */
export function GroupFields({ form }: { readonly form: ProbeForm }) {
  const obsColumns = useApp((state) => state.summary?.obsColumns ?? NONE);
  const change = useApp((state) => state.changeProbe);
  const setGroup = useApp((state) => state.setProbeGroupColumn);
  const columns = [...obsColumns];
  return (
    <Stack gap="xs">
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md">
        <Select
          label="Donors"
          description="kept on one side of every split"
          placeholder="none"
          clearable
          searchable
          data={columns}
          value={form.groupColumn}
          onChange={setGroup}
          data-testid="probe-groups"
        />
        <Select
          label="Study or batch"
          description="for the guess that knows only this"
          placeholder="none"
          clearable
          searchable
          data={columns}
          value={form.studyColumn}
          onChange={(studyColumn) => change({ studyColumn })}
          data-testid="probe-study"
        />
        <Select
          label="Cell types"
          description="for results by cell type"
          placeholder="none"
          clearable
          searchable
          data={columns}
          value={form.cellTypeColumn}
          onChange={(cellTypeColumn) => change({ cellTypeColumn })}
          data-testid="probe-cell-types"
        />
      </SimpleGrid>
      {form.groupColumn === null && (
        <Text size="sm" className="warn-text" role="status" data-testid="probe-no-donors">
          Without a column of donors no claim can be made about new donors: cells of one donor would stand on
          both sides, and a probe that knows the donor looks like one that knows the answer.
        </Text>
      )}
    </Stack>
  );
}

const NONE: readonly string[] = [];
