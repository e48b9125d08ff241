import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Sentence } from '../../run/messages.ts';

interface ErrorNoticeProps {
  readonly sentence: Sentence;
  readonly testId: string;
  readonly onClose?: () => void;
  /** Buttons that help, e.g. "start again". */
  readonly children?: ReactNode;
}

/** What went wrong and what to do, announced to screen readers. */
export function ErrorNotice({ sentence, testId, onClose, children }: ErrorNoticeProps) {
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      icon={<IconAlertTriangle size={20} aria-hidden />}
      title={sentence.what}
      withCloseButton={onClose !== undefined}
      closeButtonLabel="Dismiss"
      data-testid={testId}
      {...(onClose ? { onClose } : {})}
    >
      {sentence.help && <Text size="sm">{sentence.help}</Text>}
      {children}
    </Alert>
  );
}
