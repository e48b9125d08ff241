import { Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useState } from 'react';
import { sentenceOf, setAsideNote } from '../../run/messages.ts';
import { tellStored } from '../../store/notify.ts';
import type { KeptResults as Kept, ResultStore } from '../../store/result-store.ts';
import { formatBytes, formatCount } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { SetAsideText } from '../common/SetAsideText.tsx';
import { saveBytes } from '../export/save.ts';
import { services } from '../state/services.ts';

type Listed = Awaited<ReturnType<ResultStore['list']>>;

const NONE: Listed = { kept: [], setAside: [] };

/** Results the user has kept in this browser: to save as a file, or to delete. Nothing where there are none. */
export function KeptResults() {
  const { kept, setAside } = useKeptResults();
  const note = setAsideNote('result', setAside);
  if (kept.length === 0 && note === null) return null;
  const save = async ({ id, fileName }: Kept) => {
    const store = await services().keptResults();
    if (store) saveBytes(await store.read(id), fileName);
  };
  const remove = async ({ id }: Kept) => {
    await (await services().keptResults())?.delete(id);
    tellStored();
  };
  return (
    <Panel title="Results kept in this browser" testId="kept-results">
      <Stack gap="xs">
        {kept.map((one) => (
          <Group key={one.id} justify="space-between" gap="xs" data-testid="kept-result">
            <div>
              <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
                {one.fileName}
              </Text>
              <Text size="xs" c="dimmed">
                {formatCount(one.cells)} cells · {one.model} · {new Date(one.keptAt).toLocaleString()} ·{' '}
                {formatBytes(one.bytes)}
              </Text>
            </div>
            <Group gap={6}>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`Save ${one.fileName}`}
                onClick={() => void save(one).catch(tell)}
                data-testid="kept-save"
              >
                Save as a file
              </Button>
              <Button
                size="compact-sm"
                variant="subtle"
                color="red"
                aria-label={`Delete ${one.fileName}`}
                onClick={() => void remove(one).catch(tell)}
                data-testid="kept-delete"
              >
                Delete
              </Button>
            </Group>
          </Group>
        ))}
        {note && <SetAsideText note={note} />}
      </Stack>
    </Panel>
  );
}

function tell(error: unknown): void {
  const { what, help } = sentenceOf(error);
  notifications.show({ color: 'red', title: what, message: help, autoClose: false });
}

/** Kept up with other tabs, and with what this page keeps, deletes and forgets. */
function useKeptResults(): Listed {
  const [kept, setKept] = useState(NONE);
  useEffect(() => {
    let current = true;
    const look = () => {
      services()
        .keptResults()
        .then((store) => store?.list() ?? NONE)
        .then((found) => current && setKept(found))
        .catch(() => undefined);
    };
    look();
    const stop = services().onStored(look);
    return () => {
      current = false;
      stop();
    };
  }, []);
  return kept;
}
