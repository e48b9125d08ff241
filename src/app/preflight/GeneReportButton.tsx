import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { saveBytes } from '../export/save.ts';
import { services } from '../state/services.ts';
import { useApp } from '../state/store.ts';

/** Saves what became of every gene of the file as a table. */
export function GeneReportButton() {
  const fileName = useApp((state) => state.summary?.fileName ?? 'cells');
  const location = useApp((state) => state.location);
  const matrix = useApp((state) => state.matrix);
  const fail = useApp((state) => state.failToOpen);
  const [busy, setBusy] = useState(false);
  if (!location || !matrix) return null;

  async function save() {
    if (!location || !matrix) return;
    setBusy(true);
    try {
      const text = await services().dataset.geneReport(location, matrix, {});
      const name = `${fileName.replace(/\.[^.]*$/, '')}_genes.tsv`;
      saveBytes(new TextEncoder().encode(text), name, 'text/tab-separated-values');
    } catch (error) {
      fail(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconDownload size={16} aria-hidden />}
      loading={busy}
      onClick={() => void save()}
      style={{ alignSelf: 'flex-start' }}
      data-testid="gene-report"
    >
      Save the table of all genes (.tsv)
    </Button>
  );
}
