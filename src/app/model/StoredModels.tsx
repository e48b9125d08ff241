import { Button, Group, Text } from '@mantine/core';
import { formatBytes } from '../common/format.ts';
import { useApp } from '../state/store.ts';
import { useStoredModels } from './use-stored-models.ts';

/** Models kept in this browser's storage, ready to load. */
export function StoredModels() {
  const models = useStoredModels();
  const chooseModel = useApp((state) => state.chooseModel);
  if (models.length === 0) return null;
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
    </Group>
  );
}
