import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconPhotoDown } from '@tabler/icons-react';
import { saveBytes } from '../export/save.ts';
import type { FigureSpec } from '../figure/figure.ts';
import { figurePng } from '../figure/png.ts';
import { figureSvg } from '../figure/svg.ts';
import { useApp } from '../state/store.ts';

/** Saves the figure as drawn, with its legend and, on predictions, the disclaimer. */
export function FigureMenu({ spec }: { readonly spec: FigureSpec }) {
  const name = useApp((state) => state.summary?.fileName.replace(/\.[^.]*$/, '') ?? 'cells');
  const fail = useApp((state) => state.failRun);
  const savePng = () => figurePng(spec).then((png) => saveBytes(png, `${name}_teddy.png`), fail);
  const saveSvg = () => {
    const svg = new Blob([figureSvg(spec)], { type: 'image/svg+xml' });
    saveBytes(svg, `${name}_teddy.svg`);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label="Save the figure">
          <ActionIcon variant="default" size="lg" aria-label="Save the figure" data-testid="figure-menu">
            <IconPhotoDown size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void savePng()} data-testid="export-png">
          Picture (.png)
        </Menu.Item>
        <Menu.Item onClick={saveSvg} data-testid="export-svg">
          Vector drawing (.svg)
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
