import { MITOCHONDRIAL_GENES } from './mitochondrial.ts';
import type { CountRows } from './rows.ts';

/** The paper's pre-training filter: fewer genes, or a larger mitochondrial share, fails. */
export const LEAST_GENES = 225;
export const GREATEST_MITOCHONDRIAL = 0.1;

/** QC of all cells of a file, computed from its counts. */
export interface Quality {
  /** [cells] columns with a count above 0. */
  readonly genes: Uint32Array<ArrayBuffer>;
  /** [cells] sum of counts. */
  readonly counts: Float64Array<ArrayBuffer>;
  /** [cells] share of counts in mitochondrial genes; null = the file has none of them. */
  readonly mitochondrial: Float32Array<ArrayBuffer> | null;
}

/** [columns] 1 = one of the 37 mitochondrial genes; null where no column is, so that no share can be given. */
export function mitochondrialColumns(ensembl: readonly (string | null)[]): Uint8Array | null {
  const mask = Uint8Array.from(ensembl, (id) => (id !== null && MITOCHONDRIAL_GENES.has(id) ? 1 : 0));
  return mask.includes(1) ? mask : null;
}

/** Fills a Quality block by block, in one pass over the counts. */
export class QualityScan {
  readonly quality: Quality;
  readonly #mask: Uint8Array | null;

  /** @param ensembl [columns] ids as mapped */
  constructor(cells: number, ensembl: readonly (string | null)[]) {
    this.#mask = mitochondrialColumns(ensembl);
    this.quality = {
      genes: new Uint32Array(cells),
      counts: new Float64Array(cells),
      mitochondrial: this.#mask ? new Float32Array(cells) : null,
    };
  }

  /** Rows [start, start + rowCount) of the file. */
  add(rows: CountRows, start: number): void {
    const { genes, counts, mitochondrial } = this.quality;
    for (let r = 0; r < rows.rowCount; r++) {
      let detected = 0;
      let total = 0;
      let inMitochondria = 0;
      for (let i = rows.indptr[r]; i < rows.indptr[r + 1]; i++) {
        const count = rows.values[i];
        if (count > 0) detected++;
        total += count;
        if (this.#mask?.[rows.indices[i]]) inMitochondria += count;
      }
      genes[start + r] = detected;
      counts[start + r] = total;
      if (mitochondrial) mitochondrial[start + r] = total > 0 ? inMitochondria / total : 0;
    }
  }
}

/** Thresholds the user may move. */
export interface QualityThresholds {
  readonly leastGenes: number;
  readonly greatestMitochondrial: number;
}

/** [cells] 1 = passes. A file without mitochondrial genes is judged by its genes alone. */
export function qcPass(
  { genes, mitochondrial }: Pick<Quality, 'genes' | 'mitochondrial'>,
  { leastGenes, greatestMitochondrial }: QualityThresholds = {
    leastGenes: LEAST_GENES,
    greatestMitochondrial: GREATEST_MITOCHONDRIAL,
  },
): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(genes, (n, cell) =>
    n >= leastGenes && !(mitochondrial && mitochondrial[cell] > greatestMitochondrial) ? 1 : 0,
  );
}
