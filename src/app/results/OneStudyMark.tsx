import { Badge, Tooltip } from '@mantine/core';
import { useApp } from '../state/store.ts';
import { oneStudyExplanation } from './one-study.ts';

/** Marks a class that training saw in one study only. Nothing for other classes. */
export function OneStudyMark({ annotation, label }: { readonly annotation: string; readonly label: string }) {
  const training = useApp((state) => state.model?.training ?? null);
  if (!training?.classesSeenInOneStudyOnly[annotation]?.includes(label)) return null;
  return (
    <Tooltip
      label={oneStudyExplanation(training)}
      multiline
      w={280}
      events={{ hover: true, focus: true, touch: true }}
    >
      <Badge
        component="span"
        size="xs"
        variant="outline"
        color="orange.9"
        className="warn-mark"
        tt="none"
        tabIndex={0}
        data-testid="one-study-mark"
      >
        one study only
      </Badge>
    </Tooltip>
  );
}
