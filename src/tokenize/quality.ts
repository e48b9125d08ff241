import { CountsError } from './errors.ts';
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

/** What a column is to the scan, as bits. */
const MITOCHONDRIAL = 1;
const KNOWN = 2;

/** Fills a Quality block by block, in one pass over the counts, and finds what of them a model will read. */
export class QualityScan {
  readonly quality: Quality;
  /** [columns] */
  readonly #kinds: Uint8Array;
  readonly #mostTokens: number;
  #all = 0;
  #known = 0;
  #tokens = 0;

  /**
   * @param ensembl [columns] ids as mapped
   * @param columnIds [columns] vocabulary ids, −1 = none
   * @param mostTokens the model reads of a cell
   */
  constructor(cells: number, ensembl: readonly (string | null)[], columnIds: Int32Array, mostTokens: number) {
    const mask = mitochondrialColumns(ensembl);
    this.#kinds = Uint8Array.from(
      columnIds,
      (id, c) => (mask?.[c] ? MITOCHONDRIAL : 0) | (id >= 0 ? KNOWN : 0),
    );
    this.#mostTokens = mostTokens;
    this.quality = {
      genes: new Uint32Array(cells),
      counts: new Float64Array(cells),
      mitochondrial: mask ? new Float32Array(cells) : null,
    };
  }

  /** Share of all counts that lie in genes of the vocabulary. */
  get countShare(): number {
    return this.#all === 0 ? 0 : this.#known / this.#all;
  }

  /** Tokens of a cell, on average. */
  get meanTokens(): number {
    return this.quality.genes.length === 0 ? 0 : this.#tokens / this.quality.genes.length;
  }

  /**
   * Rows [start, start + rowCount) of the file.
   * @throws CountsError, with its row in the file, where a value is negative, fractional, NaN or infinite
   */
  add({ rowCount, indptr, indices, values }: CountRows, start: number): void {
    const { genes, counts, mitochondrial } = this.quality;
    const kinds = this.#kinds;
    for (let r = 0; r < rowCount; r++) {
      let detected = 0;
      let total = 0;
      let inMitochondria = 0;
      let known = 0;
      let tokens = 0;
      for (let i = indptr[r]; i < indptr[r + 1]; i++) {
        const count = values[i];
        if (!(count >= 0 && Number.isInteger(count))) throw new CountsError(start + r, indices[i], count);
        if (count === 0) continue;
        const kind = kinds[indices[i]];
        detected++;
        total += count;
        if ((kind & MITOCHONDRIAL) !== 0) inMitochondria += count;
        if ((kind & KNOWN) === 0) continue;
        known += count;
        tokens++;
      }
      genes[start + r] = detected;
      counts[start + r] = total;
      if (mitochondrial) mitochondrial[start + r] = total > 0 ? inMitochondria / total : 0;
      this.#all += total;
      this.#known += known;
      this.#tokens += Math.min(tokens, this.#mostTokens);
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
