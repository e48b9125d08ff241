import { ActionIcon, Menu, Tooltip, useComputedColorScheme } from '@mantine/core';
import { IconPhotoDown } from '@tabler/icons-react';
import type { NamedPlot } from '../../report/plots/list.ts';
import { saveBytes } from '../export/save.ts';
import { useApp } from '../state/store.ts';
import { plotPng, plotSvg } from './plot-file.ts';

/** Width of saved plots, in CSS pixels. */
const SAVED_WIDTH = 640;

/** Saves a plot as it is drawn. */
export function PlotMenu({ plot, stem }: { readonly plot: NamedPlot; readonly stem: string }) {
  const dark = useComputedColorScheme('light') === 'dark';
  const fail = useApp((state) => state.failProbe);
  const name = `${stem}_${plot.id}`;
  const svg = () => plotSvg(plot, { document, dark, width: SAVED_WIDTH });
  const saveSvg = () => saveBytes(new Blob([svg()], { type: 'image/svg+xml' }), `${name}.svg`);
  const savePng = () => plotPng(svg()).then((png) => saveBytes(png, `${name}.png`), fail);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={`Save the plot “${plot.title}”`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={`Save the plot “${plot.title}”`}
            data-testid={`plot-menu-${plot.id}`}
          >
            <IconPhotoDown size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void savePng()} data-testid="plot-png">
          Picture (.png)
        </Menu.Item>
        <Menu.Item onClick={saveSvg} data-testid="plot-svg">
          Vector drawing (.svg)
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
