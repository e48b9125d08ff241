import {
  ActionIcon,
  Group,
  Paper,
  SegmentedControl,
  Select,
  Text,
  Tooltip,
  useComputedColorScheme,
} from '@mantine/core';
import { IconArrowBackUp, IconHandGrab, IconLasso } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import type { CellResults } from '../../run/results.ts';
import { formatCount } from '../common/format.ts';
import { type Coloring, filterColors } from '../scatter/color-by.ts';
import { Scatter } from '../scatter/Scatter.tsx';
import type { ScatterMode } from '../scatter/types.ts';
import { useApp } from '../state/store.ts';
import { CellTooltip } from './CellTooltip.tsx';
import { ColourSelect } from './ColourSelect.tsx';
import { FigureMenu } from './FigureMenu.tsx';
import { NotForDiagnosis } from './NotForDiagnosis.tsx';
import classes from './ScatterPanel.module.css';
import type { Positions } from './use-positions.ts';

interface ScatterPanelProps {
  readonly results: CellResults;
  readonly place: Positions;
  readonly coloring: Coloring;
}

/** The cells as points, with what they are coloured by and the ways to select them. */
export function ScatterPanel({ results, place, coloring }: ScatterPanelProps) {
  const dark = useComputedColorScheme('light') === 'dark';
  const [mode, setMode] = useState<ScatterMode>('pan');
  const filter = useApp((state) => state.filter);
  const selection = useApp((state) => state.selection);
  const select = useApp((state) => state.select);
  const focus = useApp((state) => state.focus);
  const setFocus = useApp((state) => state.setFocus);
  const undo = useApp((state) => state.undo);
  const canUndo = useApp((state) => state.past.length > 0);
  const colors = useMemo(() => filterColors(coloring, filter, dark), [coloring, filter, dark]);
  const n = results.rows.length;
  const fileName = useApp((state) => state.summary?.fileName ?? '');
  const model = useApp((state) => state.finished?.model ?? state.model?.name ?? '');
  const footer = useMemo(
    () => [`${fileName}, ${formatCount(n)} cells`, `teddy-web, model ${model}`],
    [fileName, n, model],
  );
  const selected = useMemo(() => {
    if (!selection) return null;
    const mask = new Uint8Array(n);
    for (const i of selection) mask[i] = 1;
    return mask;
  }, [selection, n]);

  return (
    <Paper component="section" withBorder radius="lg" className={classes.panel} aria-label="Map of the cells">
      <Group gap="xs" p="sm" className={classes.toolbar}>
        <div className={classes.colour}>
          <ColourSelect results={results} />
        </div>
        <ViewSelect />
        <Group gap={6} wrap="nowrap">
          <SegmentedControl
            aria-label="What dragging does"
            size="sm"
            data={[
              {
                value: 'pan',
                label: (
                  <ModeLabel text="Move">
                    <IconHandGrab size={17} aria-hidden />
                  </ModeLabel>
                ),
              },
              {
                value: 'lasso',
                label: (
                  <ModeLabel text="Lasso">
                    <IconLasso size={17} aria-hidden />
                  </ModeLabel>
                ),
              },
            ]}
            value={mode}
            onChange={(value) => setMode(value as ScatterMode)}
            data-testid="scatter-mode"
          />
          <Tooltip label="Undo selection or legend">
            <ActionIcon
              variant="default"
              size="lg"
              aria-label="Undo selection or legend"
              disabled={!canUndo}
              onClick={undo}
              data-testid="undo"
            >
              <IconArrowBackUp size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <FigureMenu
            spec={{
              title: `${coloring.legend.title} · ${place.title}`,
              positions: place.positions,
              colors,
              legend: coloring.legend,
              predicted: coloring.predicted,
              dark,
              footer,
            }}
          />
        </Group>
      </Group>
      <div className={classes.plot} data-testid="scatter" data-view={place.key} data-cells={n}>
        <Scatter
          positions={place.positions}
          colors={colors}
          selected={selected}
          highlighted={focus}
          mode={mode}
          dark={dark}
          ariaLabel={`${formatCount(n)} cells, ${place.title}, coloured by ${coloring.legend.title}`}
          viewKey={place.key}
          onClick={(index) => setFocus(index)}
          onLasso={(indices) => select(indices)}
          onModeChange={setMode}
          onClear={() => select(null)}
          tooltip={(index) => <CellTooltip results={results} index={index} />}
        />
      </div>
      <Group justify="space-between" gap="xs" px="sm" py={6}>
        <Text size="xs" c="dimmed" data-testid="view-note" aria-live="polite">
          {place.standIn ?? `${place.title} · ${formatCount(n)} cells`}
        </Text>
        {coloring.predicted && <NotForDiagnosis />}
      </Group>
    </Paper>
  );
}

function ModeLabel({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  return (
    <Group gap={5} wrap="nowrap">
      {children}
      {text}
    </Group>
  );
}

/** Our UMAP or one of the file's own coordinates. */
function ViewSelect() {
  const view = useApp((state) => state.pointView);
  const setView = useApp((state) => state.setPointView);
  const keys = useApp((state) => state.summary?.obsmKeys ?? EMPTY);
  if (keys.length === 0) return null;
  return (
    <Select
      aria-label="View"
      className={classes.view}
      data={[
        { value: '', label: 'our UMAP' },
        ...keys.map((key) => ({ value: key, label: `${key} of the file` })),
      ]}
      value={view.kind === 'umap' ? '' : view.key}
      onChange={(value) => setView(value ? { kind: 'obsm', key: value } : { kind: 'umap' })}
      allowDeselect={false}
      data-testid="point-view"
    />
  );
}

const EMPTY: readonly string[] = [];
