import { Button, Group, Menu, Text } from '@mantine/core';
import { IconDownload, IconFileTypeCsv, IconPlayerStop, IconTable } from '@tabler/icons-react';
import type { CellResults } from '../../run/results.ts';
import type { Progress } from '../../run/services.ts';
import { formatCount } from '../common/format.ts';
import { useApp } from '../state/store.ts';
import { takeCells } from './take-cells.ts';
import { type ExportKind, useExport } from './use-export.ts';

interface ExportMenuProps {
  readonly results: CellResults;
  /** Indices of the cells to export; null = all embedded. */
  readonly only: Uint32Array | null;
  readonly label: string;
  readonly disabled?: boolean;
}

const FORMATS: readonly {
  readonly kind: ExportKind;
  readonly label: string;
  readonly what: string;
  readonly extension: string;
}[] = [
  {
    kind: 'h5ad',
    label: 'AnnData (.h5ad)',
    what: 'Results and obs of these cells, without counts; small',
    extension: 'h5ad',
  },
  {
    kind: 'whole',
    label: 'The whole file with results (.h5ad)',
    what: 'A copy of your file, results added for all its cells. It lies in this browser until you leave the file by “Another file” or open the site again',
    extension: 'h5ad',
  },
  {
    kind: 'zarr',
    label: 'AnnData (.zarr.zip)',
    what: 'The same as AnnData, for zarr',
    extension: 'zarr.zip',
  },
  {
    kind: 'parquet',
    label: 'Parquet table (.parquet)',
    what: 'One row a cell, for polars, DuckDB, pandas, R',
    extension: 'parquet',
  },
  {
    kind: 'arrow',
    label: 'Arrow table (.arrow)',
    what: 'The same table, uncompressed (Feather)',
    extension: 'arrow',
  },
  {
    kind: 'csv',
    label: 'Table (.csv)',
    what: 'Text, one column a dimension; large',
    extension: 'csv',
  },
];

/** Saves the results with all obs of the embedded cells and how they came about. */
export function ExportMenu({ results, only, label, disabled = false }: ExportMenuProps) {
  const markSaved = useApp((state) => state.markSaved);
  const provenance = useApp((state) => state.finished?.provenance ?? null);
  const canAdd = useApp((state) => state.summary?.format === 'h5ad');
  const { exporting, save } = useExport();
  const formats = FORMATS.filter(({ kind }) => kind !== 'whole' || (canAdd && only === null));

  return (
    <Group gap="xs">
      {exporting && (
        <>
          <Text size="sm" c="dimmed" role="status" data-testid="export-status">
            {statusOf(exporting.progress)}
          </Text>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlayerStop size={15} aria-hidden />}
            onClick={exporting.cancel}
            data-testid="cancel-export"
          >
            Cancel export
          </Button>
        </>
      )}
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button
            size={only ? 'xs' : 'sm'}
            variant={only ? 'light' : 'filled'}
            leftSection={<IconDownload size={17} aria-hidden />}
            loading={exporting !== null}
            disabled={disabled || !provenance}
            data-testid={only ? 'export-selection' : 'export'}
          >
            {label}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {formats.map(({ kind, label: text, what, extension }) => (
            <Menu.Item
              key={kind}
              leftSection={
                kind === 'csv' ? (
                  <IconFileTypeCsv size={17} aria-hidden />
                ) : (
                  <IconTable size={17} aria-hidden />
                )
              }
              onClick={() => {
                const cells = only ? takeCells(results, only) : results;
                if (provenance)
                  void save(kind, extension, cells, provenance, only ? () => undefined : markSaved);
              }}
              data-testid={`export-${kind}`}
            >
              {text}
              <Text size="xs" c="dimmed">
                {what}
              </Text>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

function statusOf(progress: Progress | null): string {
  if (progress?.stage === 'copy' && progress.total) {
    return `Copying the file: ${Math.floor((100 * progress.done) / progress.total)} %`;
  }
  if (progress?.stage === 'table' && progress.total) {
    return `${formatCount(progress.done)} of ${formatCount(progress.total)} cells`;
  }
  return progress?.stage === 'results' ? 'Adding the results…' : 'Exporting…';
}
