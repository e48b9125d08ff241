import { Button, Group } from '@mantine/core';
import { IconCode, IconDeviceFloppy, IconFileReport, IconMapPin } from '@tabler/icons-react';
import { exportStem } from '../export/export-name.ts';
import { saveBytes } from '../export/save.ts';
import type { ProbeResult } from '../state/probe.ts';
import { useApp } from '../state/store.ts';

/** What can be done with a result: the map, reports, the trained probe. */
export function ProbeActions({ result }: { readonly result: ProbeResult }) {
  const probing = useApp((state) => state.probing);
  const setColourBy = useApp((state) => state.setColourBy);
  const report = useApp((state) => state.probeReport);
  const trained = useApp((state) => state.trainedProbeFile);
  const fail = useApp((state) => state.failProbe);
  const stem = `${exportStem(result.config.file.name)}_${exportStem(result.config.label.column)}`;

  async function saveHtml(): Promise<void> {
    const facts = report();
    if (!facts) return;
    const { reportHtml } = await import('../../report/html.ts');
    saveBytes(new Blob([reportHtml(facts, document)], { type: 'text/html' }), `${stem}_probe.html`);
  }
  async function saveJson(): Promise<void> {
    const facts = report();
    if (!facts) return;
    const { reportJson } = await import('../../report/json.ts');
    saveBytes(new Blob([reportJson(facts)], { type: 'application/json' }), `${stem}_probe.json`);
  }
  async function saveProbe(): Promise<void> {
    const bytes = await trained();
    if (bytes) saveBytes(bytes, `${stem}.probe.safetensors`);
  }

  return (
    <Group gap="xs">
      <Button
        size="sm"
        variant="default"
        leftSection={<IconMapPin size={17} aria-hidden />}
        onClick={() => {
          setColourBy({ kind: 'probe-errors' });
          const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
          document
            .querySelector('[data-testid=scatter]')
            ?.scrollIntoView({ block: 'center', behavior: still ? 'auto' : 'smooth' });
        }}
        data-testid="probe-errors"
      >
        Show wrong cells on the map
      </Button>
      <Button
        size="sm"
        variant="default"
        leftSection={<IconFileReport size={17} aria-hidden />}
        onClick={() => void saveHtml().catch(fail)}
        data-testid="report-html"
      >
        Report (HTML)
      </Button>
      <Button
        size="sm"
        variant="default"
        leftSection={<IconCode size={17} aria-hidden />}
        onClick={() => void saveJson().catch(fail)}
        data-testid="report-json"
      >
        Report (JSON)
      </Button>
      <Button
        size="sm"
        variant="light"
        leftSection={<IconDeviceFloppy size={17} aria-hidden />}
        disabled={probing !== null}
        onClick={() => void saveProbe()}
        title="Trains one probe on all labelled cells and saves it for use on other files; it holds no cell"
        data-testid="save-probe"
      >
        Save probe
      </Button>
    </Group>
  );
}
