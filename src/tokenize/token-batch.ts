import type { TokenBatch } from '../model/token-batch.ts';
import type { CountRows } from './rows.ts';
import type { CellTokens, Tokenizer } from './tokenizer.ts';

/** Collects cells into one packed batch, growing as they come. */
export class TokenBatchBuilder {
  readonly #rows: number[] = [];
  readonly #ends: number[] = [0];
  readonly #withheld: number[] = [];
  #geneIds = new Uint32Array(65_536);
  #values: Float32Array<ArrayBuffer> | null;

  /** @param hasValues whether cells come with values (TEDDY-X) */
  constructor(hasValues: boolean) {
    this.#values = hasValues ? new Float32Array(65_536) : null;
  }

  get cells(): number {
    return this.#rows.length;
  }

  /**
   * @param row of the cell in the file
   * @param withheld index into WITHHELD_REASONS
   */
  add(row: number, { geneIds, values }: CellTokens, withheld: number): void {
    const begin = this.#ends[this.#ends.length - 1];
    const end = begin + geneIds.length;
    this.#reserve(end);
    this.#geneIds.set(geneIds, begin);
    if (this.#values && values) this.#values.set(values, begin);
    this.#rows.push(row);
    this.#ends.push(end);
    this.#withheld.push(withheld);
  }

  /** The cells so far; every array owns its buffer. */
  build(): TokenBatch {
    const tokens = this.#ends[this.#ends.length - 1];
    return {
      rows: Uint32Array.from(this.#rows),
      cuSeqlens: Uint32Array.from(this.#ends),
      geneIds: this.#geneIds.slice(0, tokens),
      ...(this.#values ? { values: this.#values.slice(0, tokens) } : {}),
      withheld: Uint8Array.from(this.#withheld),
    };
  }

  #reserve(tokens: number): void {
    if (tokens <= this.#geneIds.length) return;
    const room = Math.max(tokens, 2 * this.#geneIds.length);
    const geneIds = new Uint32Array(room);
    geneIds.set(this.#geneIds);
    this.#geneIds = geneIds;
    if (this.#values) {
      const values = new Float32Array(room);
      values.set(this.#values);
      this.#values = values;
    }
  }
}

/**
 * Tokens of all rows of a block as one batch.
 * @param fileRows [rowCount] row of each in the file
 * @param withheld reason (index into WITHHELD_REASONS) of a cell by its row in the file and its token count
 */
export function packTokens(
  tokenizer: Tokenizer,
  rows: CountRows,
  fileRows: ArrayLike<number>,
  withheld: (fileRow: number, tokens: number) => number = () => 0,
): TokenBatch {
  const builder = new TokenBatchBuilder(tokenizer.hasValues);
  for (let r = 0; r < rows.rowCount; r++) {
    const cell = tokenizer.encode(rows, r);
    builder.add(fileRows[r], cell, withheld(fileRows[r], cell.geneIds.length));
  }
  return builder.build();
}
