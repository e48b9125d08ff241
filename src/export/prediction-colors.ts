import { categoricalColor, toHex } from '../analysis/palette.ts';
import type { ExportPrediction } from './content.ts';

/** `teddy_<annotation>` → one hex colour a class, as scanpy looks for them in `uns['<column>_colors']`. */
export function predictionColors(
  predictions: Readonly<Record<string, ExportPrediction>>,
): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(predictions).map(([annotation, { classes }]) => [
      `teddy_${annotation}`,
      classes.map((_, index) => toHex(categoricalColor(index, false))),
    ]),
  );
}
