import { Text } from '@mantine/core';

/** What is kept in the browser but not used, and why. */
export function SetAsideText({ note }: { readonly note: string }) {
  return (
    <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }} data-testid="set-aside">
      {note}
    </Text>
  );
}
