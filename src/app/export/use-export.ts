import { notifications } from '@mantine/notifications';
import { useRef, useState } from 'react';
import { isAbort, sentenceOf } from '../../run/messages.ts';
import type { CellResults, Provenance } from '../../run/results.ts';
import type { ExportFormat, JobOptions, Progress } from '../../run/services.ts';
import { services } from '../state/services.ts';
import { useApp } from '../state/store.ts';
import { exportName } from './export-name.ts';
import { saveBytes } from './save.ts';

/** What can be exported: the results in a format, or the original with them added. */
export type ExportKind = ExportFormat | 'whole';

export interface Exporting {
  readonly progress: Progress | null;
  readonly cancel: () => void;
}

/**
 * Saving results as a file.
 * @returns the export that is going on, or null; and how to begin one
 */
export function useExport(): {
  readonly exporting: Exporting | null;
  readonly save: (
    kind: ExportKind,
    extension: string,
    cells: CellResults,
    provenance: Provenance,
    onSaved: () => void,
  ) => Promise<void>;
} {
  const [progress, setProgress] = useState<Progress | null>(null);
  const [busy, setBusy] = useState(false);
  const controller = useRef<AbortController | null>(null);
  const fileName = useApp((state) => state.summary?.fileName ?? 'cells');

  return {
    exporting: busy ? { progress, cancel: () => controller.current?.abort() } : null,
    async save(kind, extension, cells, provenance, onSaved) {
      const job = new AbortController();
      controller.current = job;
      const { signal } = job;
      setProgress(null);
      setBusy(true);
      try {
        const { content, note } = await written(kind, cells, provenance, { signal, onProgress: setProgress });
        signal.throwIfAborted();
        saveBytes(content, exportName(fileName, extension));
        if (note !== null)
          notifications.show({ color: 'yellow', title: 'Exported', message: note, autoClose: false });
        onSaved();
      } catch (error) {
        if (isAbort(error)) return;
        const sentence = sentenceOf(error);
        notifications.show({ color: 'red', title: sentence.what, message: sentence.help, autoClose: false });
      } finally {
        setBusy(false);
      }
    },
  };
}

async function written(
  kind: ExportKind,
  cells: CellResults,
  provenance: Provenance,
  job: JobOptions,
): Promise<{ readonly content: Uint8Array<ArrayBuffer> | Blob; readonly note: string | null }> {
  const { dataset } = services();
  if (kind !== 'whole') return dataset.export(kind, cells, provenance, job);
  const { content, note } = await dataset.exportWhole(cells, provenance, job);
  if (!(content instanceof Blob) && 'path' in content) throw new TypeError('a path is no file of a browser');
  return { content, note };
}
