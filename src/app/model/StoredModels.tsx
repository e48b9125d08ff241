import { Button, Group, Text } from '@mantine/core';
import { setAsideNote } from '../../run/messages.ts';
import { formatBytes } from '../common/format.ts';
import { SetAsideText } from '../common/SetAsideText.tsx';
import { useApp } from '../state/store.ts';
import { useStoredModels } from './use-stored-models.ts';

/** Models kept in this browser's storage, ready to load. */
export function StoredModels() {
  const { models, setAside } = useStoredModels();
  const note = setAsideNote('model', setAside);
  const chooseModel = useApp((state) => state.chooseModel);
  if (models.length === 0) return note && <SetAsideText note={note} />;
  return (
    <Group gap="xs" data-testid="stored-models">
      <Text size="sm">Kept in this browser:</Text>
      {models.map(({ id, name, bytes }) => (
        <Button
          key={id}
          variant="default"
          size="compact-sm"
          onClick={() => void chooseModel({ kind: 'opfs', name: id })}
        >
          {name} · {formatBytes(bytes)}
        </Button>
      ))}
      {note && <SetAsideText note={note} />}
    </Group>
  );
}
