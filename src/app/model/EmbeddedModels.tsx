import { Button, Group, Text } from '@mantine/core';
import { useApp } from '../state/store.ts';
import { EMBEDDED_MODELS, embeddedModel } from './embedded.ts';

/** The models that come with the page; the one in use is marked. */
export function EmbeddedModels() {
  const location = useApp((state) => state.location);
  const chooseModel = useApp((state) => state.chooseModel);
  const inUse = location?.kind === 'embedded' ? location.name : null;
  return (
    <Group gap="xs" role="group" aria-label="Models that come with the page" data-testid="embedded-models">
      <Text size="sm">They come with the page:</Text>
      {EMBEDDED_MODELS.map((name, i) => (
        <Button
          key={name}
          variant={name === inUse ? 'light' : 'default'}
          aria-pressed={name === inUse}
          size="compact-sm"
          onClick={() => {
            if (name !== inUse) void chooseModel(embeddedModel(name));
          }}
        >
          {name}
          {i === 0 && ' (default)'}
        </Button>
      ))}
    </Group>
  );
}
