import { Paper, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './Panel.module.css';

interface PanelProps {
  readonly title: string;
  /** One quiet line under the title. */
  readonly note?: ReactNode;
  /** Right of the title: a badge, a small control. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly testId?: string;
}

/** One titled section of the page. */
export function Panel({ title, note, aside, children, testId }: PanelProps) {
  const id = useId();
  return (
    <Paper component="section" withBorder radius="lg" p="md" aria-labelledby={id} data-testid={testId}>
      <Stack gap="sm">
        <div className={classes.head}>
          <div>
            <Title order={2} id={id} fz="md">
              {title}
            </Title>
            {note && (
              <Text size="sm" c="dimmed">
                {note}
              </Text>
            )}
          </div>
          {aside}
        </div>
        {children}
      </Stack>
    </Paper>
  );
}
