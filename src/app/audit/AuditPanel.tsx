import { Button, FileButton, Group, List } from '@mantine/core';
import { IconFileDiff, IconSearch } from '@tabler/icons-react';
import { auditSentences } from '../../audit/sentences.ts';
import { ErrorNotice } from '../common/ErrorNotice.tsx';
import { formatCount } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { StoppableProgress } from '../common/StoppableProgress.tsx';
import { currentAudit, currentAuditError } from '../state/audit.ts';
import { useApp } from '../state/store.ts';

/** Looks for cells that a split by donor would not keep apart, and says what was found. */
export function AuditPanel({ disabled = false }: { readonly disabled?: boolean }) {
  const findings = useApp(currentAudit);
  const progress = useApp((state) => state.auditProgress);
  const error = useApp(currentAuditError);
  const runAudit = useApp((state) => state.runAudit);
  const busy = progress !== null;
  return (
    <Panel
      title="Duplicate cells"
      note="Cells of this file that occur twice, were among the model's training cells, or are in another file of yours: no split by donor keeps those apart. Compared here, gene by gene."
      testId="audit-panel"
    >
      {error && <ErrorNotice sentence={error} testId="audit-error" />}
      {findings && (
        <List size="sm" spacing={4} data-testid="audit-findings">
          {auditSentences(findings).map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      )}
      {busy && <AuditProgress />}
      {!busy && (
        <Group gap="xs">
          {!findings && (
            <Button
              size="sm"
              variant="default"
              leftSection={<IconSearch size={17} aria-hidden />}
              onClick={() => void runAudit()}
              disabled={disabled}
              data-testid="run-audit"
            >
              Check for duplicate cells
            </Button>
          )}
          <FileButton
            onChange={(file) => {
              if (file) void runAudit(file);
            }}
            inputProps={{ 'aria-label': 'Another file to compare cells with' }}
            disabled={disabled}
          >
            {(props) => (
              <Button
                {...props}
                size="sm"
                variant="default"
                leftSection={<IconFileDiff size={17} aria-hidden />}
                disabled={disabled}
                data-testid="audit-other"
              >
                Compare with another file…
              </Button>
            )}
          </FileButton>
        </Group>
      )}
    </Panel>
  );
}

function AuditProgress() {
  const progress = useApp((state) => state.auditProgress);
  const cancel = useApp((state) => state.cancelAudit);
  if (!progress) return null;
  const { stage, done, total, unit } = progress;
  return (
    <StoppableProgress
      status={
        unit === 'cells' && total
          ? `Comparing cells: ${formatCount(done)} of ${formatCount(total)}`
          : `${stage}…`
      }
      progress={progress}
      label="Cells compared"
      onStop={cancel}
      testName="audit"
    />
  );
}
