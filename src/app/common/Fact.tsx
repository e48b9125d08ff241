import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface FactProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly testId?: string;
}

/** A number with its name under it. */
export function Fact({ label, value, testId }: FactProps) {
  return (
    <div>
      <Text fz={22} fw={600} lh={1.2} style={{ fontVariantNumeric: 'tabular-nums' }} data-testid={testId}>
        {value}
      </Text>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
    </div>
  );
}
