import { Button, Group, Text } from '@mantine/core';
import { useApp } from '../state/store.ts';
import { usesTrained } from '../state/trained.ts';

/** Beside the page's model: the one that was fine-tuned here, to use it or to leave it. */
export function TrainedNote() {
  const trained = useApp((state) => state.trained);
  const inUse = useApp(usesTrained);
  const use = useApp((state) => state.useTrained);
  const back = useApp((state) => state.useOriginal);
  const loading = useApp((state) => state.modelStatus === 'loading');
  if (!trained) return null;
  const { model, base } = trained;
  return (
    <Group gap="xs" data-testid="trained-note">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {inUse ? 'Fine-tuned in this page.' : `${model.name} was fine-tuned in this page.`}
      </Text>
      <Button
        size="compact-sm"
        variant="default"
        loading={loading}
        onClick={() => void (inUse ? back() : use())}
        data-testid="trained-switch"
      >
        {inUse ? `Back to ${base.name}` : 'Use it'}
      </Button>
    </Group>
  );
}
