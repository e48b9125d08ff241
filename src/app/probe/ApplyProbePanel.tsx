import { Button, FileButton, Group, Stack, Text } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { ErrorNotice } from '../common/ErrorNotice.tsx';
import { formatPrediction } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { useApp } from '../state/store.ts';

/** A probe saved before, maybe on another file: its answers join the predictions. */
export function ApplyProbePanel() {
  const ready = useApp((state) => state.phase === 'done' || state.phase === 'cancelled');
  const applying = useApp((state) => state.applying);
  const apply = useApp((state) => state.applyProbeFile);
  const applied = useApp((state) => state.applied);
  const remove = useApp((state) => state.removeApplied);
  const error = useApp((state) => state.applyError);
  const dismiss = useApp((state) => state.dismissApplyError);
  if (!ready) return null;
  return (
    <Panel
      title="Saved probes"
      note="A probe saved here or elsewhere answers for these cells; its answers can be coloured, listed by donor and exported"
      testId="apply-panel"
    >
      <Stack gap="xs">
        {error && <ErrorNotice sentence={error} testId="apply-error" onClose={dismiss} />}
        <Group>
          <FileButton
            onChange={(file) => file && void apply(file)}
            accept=".safetensors"
            inputProps={{ 'aria-label': 'File of a saved probe' }}
          >
            {(props) => (
              <Button
                {...props}
                variant="default"
                size="sm"
                leftSection={<IconFileImport size={17} aria-hidden />}
                loading={applying !== null}
                data-testid="apply-probe"
              >
                Apply a saved probe…
              </Button>
            )}
          </FileButton>
        </Group>
        {applied.map(({ name, fileName }) => (
          <Group key={name} gap="xs" data-testid="applied-row">
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {formatPrediction(name)}: {fileName}
            </Text>
            <Button
              size="compact-xs"
              variant="subtle"
              aria-label={`Remove ${fileName}`}
              onClick={() => remove(name)}
            >
              Remove
            </Button>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}
