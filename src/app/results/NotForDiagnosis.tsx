import { Text } from '@mantine/core';
import { DISCLAIMER } from '../../run/messages.ts';
import { capital } from '../common/format.ts';

/** The sentence every prediction carries. */
export function NotForDiagnosis() {
  return (
    <Text span size="xs" fw={600} className="warn-text" data-testid="not-for-diagnosis">
      {capital(DISCLAIMER)}.
    </Text>
  );
}
