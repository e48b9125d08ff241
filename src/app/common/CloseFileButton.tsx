import { Button, Group, Popover, Text } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useState } from 'react';
import { useApp } from '../state/store.ts';

/** Back to the start; asks first where results would be lost. */
export function CloseFileButton({ disabled = false }: { readonly disabled?: boolean }) {
  const unsaved = useApp((state) => state.unsaved);
  const closeFile = useApp((state) => state.closeFile);
  const [asking, setAsking] = useState(false);
  return (
    <Popover opened={asking} onChange={setAsking} trapFocus withinPortal width={300} shadow="md">
      <Popover.Target>
        <Button
          variant="subtle"
          size="sm"
          leftSection={<IconArrowLeft size={17} aria-hidden />}
          onClick={() => (unsaved ? setAsking(true) : void closeFile())}
          disabled={disabled}
          data-testid="close-file"
        >
          Another file
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm" mb="xs">
          These results were neither exported nor kept: leaving discards them.
        </Text>
        <Group gap="xs">
          <Button size="xs" color="red" onClick={() => void closeFile()} data-testid="close-confirm">
            Discard and leave
          </Button>
          <Button size="xs" variant="default" onClick={() => setAsking(false)}>
            Stay
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
