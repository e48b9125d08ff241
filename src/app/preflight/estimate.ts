import type { LoadedModel } from '../../run/services.ts';

/** Work ahead, as the user should expect it. */
export interface Estimate {
  /** null = this engine has not been measured yet. */
  readonly seconds: number | null;
  /** Weights and work buffers, and the results of all cells. */
  readonly bytes: number;
}

/** Rough share of UMAP on top, per cell: kNN and layout in one worker. */
const LAYOUT_SECONDS_PER_CELL = 0.003;

/** Time from the measured tokens per second of this engine, memory from weights and result columns. */
export function estimate(model: LoadedModel, cells: number, meanTokens: number): Estimate {
  const positions = Math.min(meanTokens, model.config.maxPositionEmbeddings);
  const annotations = Object.values(model.config.annotations);
  const tokens = cells * (positions + annotations.length);
  const classes = annotations.reduce((sum, names) => sum + names.length, 0);
  const perCell = 4 * (model.config.dModel + classes + 4);
  return {
    seconds: model.tokensPerSecond ? tokens / model.tokensPerSecond + cells * LAYOUT_SECONDS_PER_CELL : null,
    bytes: model.deviceBytes + cells * perCell,
  };
}
