import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** A quiet teal that keeps 4.5:1 on white (shade 7) and on the dark background (shade 3). */
const teddy: MantineColorsTuple = [
  '#eefaf8',
  '#d9f1ed',
  '#aee3da',
  '#80d3c6',
  '#5ac6b6',
  '#2fa896',
  '#15806f',
  '#0f7568',
  '#0b5c52',
  '#06443c',
];

export const theme = createTheme({
  primaryColor: 'teddy',
  primaryShade: { light: 7, dark: 6 },
  colors: { teddy },
  fontFamily:
    'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '620' },
  defaultRadius: 'md',
  respectReducedMotion: true,
  cursorType: 'pointer',
});
