import type { ModelConfig, Pooling } from '../../model/config.ts';
import type { TokenBatch } from '../../model/token-batch.ts';
import { cellFlops } from './plan.ts';
import { rowsOfCell } from './slice-layout.ts';

/** What one slice may hold. */
interface SliceLimits {
  readonly rows: number;
  readonly flops: number;
}

interface Waiting {
  readonly cell: number;
  readonly rows: number;
  readonly flops: number;
}

/**
 * The cells of a batch in slices that fill the device: longest first, each slice topped up with the
 * longest of the rest that still fit. Limits may change from slice to slice, as speed is measured.
 */
export class Slices {
  #waiting: Waiting[];

  constructor(batch: TokenBatch, config: ModelConfig, annotations: number, pooling: Pooling) {
    const cells = batch.cuSeqlens.length - 1;
    this.#waiting = Array.from({ length: cells }, (_, cell) => {
      const genes = batch.cuSeqlens[cell + 1] - batch.cuSeqlens[cell];
      const rows = rowsOfCell(genes, annotations, pooling, config);
      return { cell, rows, flops: cellFlops(config, rows, annotations + genes) };
    }).sort((a, b) => b.flops - a.flops);
  }

  /** The cells of the next slice, ascending; one at least, however long. None when all are taken. */
  take(limits: SliceLimits): number[] {
    const cells: number[] = [];
    let rows = 0;
    let flops = 0;
    this.#waiting = this.#waiting.filter((cell) => {
      const fits = rows + cell.rows <= limits.rows && flops + cell.flops <= limits.flops;
      if (!fits && cells.length > 0) return true;
      rows += cell.rows;
      flops += cell.flops;
      cells.push(cell.cell);
      return false;
    });
    return cells.sort((a, b) => a - b);
  }
}
