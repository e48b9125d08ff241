/** Cells that go through the encoder in one call, side by side, padded to `sequence` rows each. */
export interface Slice {
  /** Positions of the cells in the batch. */
  readonly cells: readonly number[];
  /** Rows a cell, padding included. */
  readonly sequence: number;
}

export interface SliceLimits {
  /** Rows of a slice, padding included: what bounds the time until a cancel is heard. */
  readonly rows: number;
  /** Sum over cells of sequence²: what bounds the memory of attention scores. */
  readonly squares: number;
  /** Cells may be padded by this share of the longest cell beside them … */
  readonly paddingShare: number;
  /** … or by this many rows: below that, one call costs more than the padding. */
  readonly paddingRows: number;
}

/**
 * Groups cells of equal or nearly equal length, longest first. A cell that alone exceeds the limits
 * gets a slice of its own.
 * @param lengths [cells] rows of each cell; cells of 0 rows are in no slice
 */
export function planSlices(lengths: ArrayLike<number>, limits: SliceLimits): Slice[] {
  const order = Array.from(lengths, (_, cell) => cell).filter((cell) => lengths[cell] > 0);
  order.sort((a, b) => lengths[b] - lengths[a] || a - b);
  const slices: Slice[] = [];
  let cells: number[] = [];
  let sequence = 0;
  const close = () => {
    if (cells.length > 0) slices.push({ cells, sequence });
    cells = [];
  };
  for (const cell of order) {
    const padding = sequence - lengths[cell];
    const count = cells.length + 1;
    const fits =
      cells.length > 0 &&
      (padding <= limits.paddingShare * sequence || padding <= limits.paddingRows) &&
      count * sequence <= limits.rows &&
      count * sequence * sequence <= limits.squares;
    if (!fits) {
      close();
      sequence = lengths[cell];
    }
    cells.push(cell);
  }
  close();
  return slices;
}
