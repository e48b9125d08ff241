import { Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload, IconFileTypeCsv, IconTable } from '@tabler/icons-react';
import { useState } from 'react';
import { sentenceOf } from '../../run/messages.ts';
import type { CellResults, ExportFormat } from '../../run/services.ts';
import { services } from '../state/services.ts';
import { useApp } from '../state/store.ts';
import { exportName } from './export-name.ts';
import { saveBytes } from './save.ts';
import { takeCells } from './take-cells.ts';

interface ExportMenuProps {
  readonly results: CellResults;
  /** Indices of the cells to export; null = all embedded. */
  readonly only: Uint32Array | null;
  readonly label: string;
  readonly disabled?: boolean;
}

const FORMATS: readonly {
  readonly format: ExportFormat;
  readonly label: string;
  readonly extension: string;
}[] = [
  { format: 'h5ad', label: 'AnnData (.h5ad): obs, obsm, uns', extension: 'h5ad' },
  { format: 'arrow', label: 'Arrow table (.arrow)', extension: 'arrow' },
  { format: 'csv', label: 'Table (.csv)', extension: 'csv' },
];

/** Saves the results with all obs of the embedded cells and how they came about. */
export function ExportMenu({ results, only, label, disabled = false }: ExportMenuProps) {
  const [busy, setBusy] = useState(false);
  const markSaved = useApp((state) => state.markSaved);
  const revive = useApp((state) => state.reviveAfter);
  const fileName = useApp((state) => state.summary?.fileName ?? 'cells');

  const provenance = useApp((state) => state.finished?.provenance ?? null);

  async function save(format: ExportFormat, extension: string) {
    if (!provenance) return;
    setBusy(true);
    try {
      const cells = only ? takeCells(results, only) : results;
      const bytes = await services().dataset.export(format, cells, provenance);
      saveBytes(bytes, exportName(fileName, extension));
      if (!only) markSaved();
    } catch (error) {
      const sentence = sentenceOf(error);
      void revive(error);
      notifications.show({ color: 'red', title: sentence.what, message: sentence.help, autoClose: false });
    } finally {
      setBusy(false);
    }
  }

  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          size={only ? 'xs' : 'sm'}
          variant={only ? 'light' : 'filled'}
          leftSection={<IconDownload size={17} aria-hidden />}
          loading={busy}
          disabled={disabled || !provenance}
          data-testid={only ? 'export-selection' : 'export'}
        >
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map(({ format, label: text, extension }) => (
          <Menu.Item
            key={format}
            leftSection={
              format === 'csv' ? (
                <IconFileTypeCsv size={17} aria-hidden />
              ) : (
                <IconTable size={17} aria-hidden />
              )
            }
            onClick={() => void save(format, extension)}
            data-testid={`export-${format}`}
          >
            {text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
