import { Text } from '@mantine/core';
import { DISCLAIMER } from '../../run/messages.ts';

/** The sentence every prediction carries. */
export function NotForDiagnosis() {
  return (
    <Text span size="xs" fw={600} className="warn-text" data-testid="not-for-diagnosis">
      {DISCLAIMER.charAt(0).toUpperCase() + DISCLAIMER.slice(1)}.
    </Text>
  );
}
