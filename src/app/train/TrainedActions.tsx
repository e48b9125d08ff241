import { Button, Group } from '@mantine/core';
import {
  IconArrowBackUp,
  IconDatabase,
  IconDownload,
  IconPlayerPlay,
  IconRefresh,
} from '@tabler/icons-react';
import { saveBytes } from '../export/save.ts';
import { useApp } from '../state/store.ts';
import type { Trained } from '../state/trained.ts';
import { packageZip } from './package-zip.ts';

interface TrainedActionsProps {
  readonly trained: Trained;
  readonly inUse: boolean;
}

/** Use the new model, go back to the old one, keep it, take it along. */
export function TrainedActions({ trained, inUse }: TrainedActionsProps) {
  const use = useApp((state) => state.useTrained);
  const back = useApp((state) => state.useOriginal);
  const keep = useApp((state) => state.keepTrained);
  const kept = useApp((state) => state.trainedKept);
  const saved = useApp((state) => state.markTrainedSaved);
  const fail = useApp((state) => state.failTraining);
  const embed = useApp((state) => state.startRun);
  const loading = useApp((state) => state.modelStatus === 'loading');
  const ready = useApp((state) => state.preflight !== null && state.modelStatus === 'ready');
  const { name, files } = trained.model;

  async function download(): Promise<void> {
    saveBytes(await packageZip(name, files), `${name}.zip`);
    saved();
  }

  return (
    <Group gap="xs">
      {inUse ? (
        <>
          <Button
            size="sm"
            leftSection={<IconPlayerPlay size={17} aria-hidden />}
            disabled={!ready}
            onClick={() => void embed()}
            data-testid="embed-again"
          >
            Embed these cells again
          </Button>
          <Button
            size="sm"
            variant="default"
            leftSection={<IconArrowBackUp size={17} aria-hidden />}
            loading={loading}
            onClick={() => void back()}
            data-testid="use-original"
          >
            Back to {trained.base.name}
          </Button>
        </>
      ) : (
        <Button
          size="sm"
          leftSection={<IconRefresh size={17} aria-hidden />}
          loading={loading}
          onClick={() => void use()}
          data-testid="use-trained"
        >
          Use {name}
        </Button>
      )}
      <Button
        size="sm"
        variant="default"
        leftSection={<IconDownload size={17} aria-hidden />}
        onClick={() => void download().catch(fail)}
        title="The whole model package as a zip file: drop it on this page anywhere"
        data-testid="download-trained"
      >
        Download the package
      </Button>
      <Button
        size="sm"
        variant="default"
        leftSection={<IconDatabase size={17} aria-hidden />}
        disabled={kept}
        onClick={() => void keep()}
        title="Lists it among the models kept in this browser"
        data-testid="keep-trained"
      >
        {kept ? 'Kept in this browser' : 'Keep in this browser'}
      </Button>
    </Group>
  );
}
