import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDeviceFloppy } from '@tabler/icons-react';
import { useState } from 'react';
import { sentenceOf } from '../../run/messages.ts';
import type { CellResults } from '../../run/results.ts';
import { StoreError } from '../../store/errors.ts';
import { tellStored } from '../../store/notify.ts';
import { services } from '../state/services.ts';
import { useApp } from '../state/store.ts';
import { exportName } from './export-name.ts';

interface KeepButtonProps {
  readonly results: CellResults;
  readonly disabled: boolean;
}

/** Keeps the exported file in this browser: the only way results of a dataset come to be stored. */
export function KeepButton({ results, disabled }: KeepButtonProps) {
  const finished = useApp((state) => state.finished);
  const fileName = useApp((state) => state.summary?.fileName ?? 'cells');
  const markSaved = useApp((state) => state.markSaved);
  const [kept, setKept] = useState<CellResults | null>(null);
  const [busy, setBusy] = useState(false);
  if (kept === results) {
    return (
      <Button variant="default" size="sm" disabled role="status" data-testid="kept">
        Kept in this browser
      </Button>
    );
  }

  async function keep() {
    if (!finished) return;
    setBusy(true);
    try {
      const store = await services().keptResults();
      if (!store) throw new StoreError('store-absent', 'this browser gives the page no private storage');
      const { content } = await services().dataset.export('h5ad', results, finished.provenance);
      await store.put(
        {
          fileName: exportName(fileName, 'h5ad'),
          cells: results.rows.length,
          model: finished.model,
          keptAt: new Date().toISOString(),
        },
        content,
      );
      tellStored();
      setKept(results);
      markSaved();
    } catch (error) {
      const sentence = sentenceOf(error);
      notifications.show({ color: 'red', title: sentence.what, message: sentence.help, autoClose: false });
    } finally {
      setBusy(false);
    }
  }

  return (
    <Button
      variant="default"
      size="sm"
      leftSection={<IconDeviceFloppy size={17} aria-hidden />}
      loading={busy}
      disabled={disabled || !finished}
      onClick={() => void keep()}
      title="Store these results as an .h5ad in this browser; the start page lists them"
      data-testid="keep-results"
    >
      Keep here
    </Button>
  );
}
