import { MAX_GENES, type ModelConfig } from '../model/config.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { continuousRanks, quantileBins } from './binned.ts';
import { medianFactors, RankValueEncoder } from './rank-value.ts';
import type { CountRows } from './rows.ts';

/** A cell as the model reads it. The arrays are views that the next cell overwrites. */
export interface CellTokens {
  /** [n ≤ max_position_embeddings] vocabulary ids by rank. */
  readonly geneIds: Uint32Array;
  /** [n] TEDDY-X's bins or ranks; null for TEDDY-G. */
  readonly values: Float32Array | null;
}

/** Turns rows of counts into the tokens of one model, one cell at a time. */
export class Tokenizer {
  readonly #encoder: RankValueEncoder;
  readonly #config: ModelConfig;
  readonly #values = new Float32Array(MAX_GENES);

  /** @param columnIds [columns] vocabulary id of each matrix column, −1 = none (gene-mapping.ts) */
  constructor(
    model: {
      readonly config: ModelConfig;
      readonly vocabulary: Vocabulary;
      readonly medians: ReadonlyMap<string, number>;
    },
    columnIds: Int32Array,
  ) {
    this.#config = model.config;
    const factors = medianFactors(model.vocabulary.tokens(), model.medians);
    // Bins and ranks are taken over all genes of a cell, whatever the model reads of them.
    const { valueInput, maxPositionEmbeddings } = model.config;
    const most = valueInput === 'none' ? Math.min(MAX_GENES, maxPositionEmbeddings) : MAX_GENES;
    this.#encoder = new RankValueEncoder(columnIds, factors, most);
  }

  /** True where the model wants values beside the ids (TEDDY-X). */
  get hasValues(): boolean {
    return this.#config.valueInput !== 'none';
  }

  /** @throws CountsError where a count is negative, NaN or infinite. */
  encode(rows: CountRows, row: number): CellTokens {
    const { maxPositionEmbeddings, valueInput, bins } = this.#config;
    const { geneIds, values } = this.#encoder.encode(rows, row);
    const read = Math.min(geneIds.length, maxPositionEmbeddings);
    if (valueInput === 'binned') quantileBins(values, bins, this.#values);
    if (valueInput === 'rank') continuousRanks(values.length, this.#values);
    return {
      geneIds: geneIds.subarray(0, read),
      values: this.hasValues ? this.#values.subarray(0, read) : null,
    };
  }
}
