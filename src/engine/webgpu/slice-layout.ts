import type { ModelConfig, Pooling } from '../../model/config.ts';
import type { TokenBatch } from '../../model/token-batch.ts';
import { QUERIES_PER_BLOCK } from './kernels/attention/forms.ts';
import { NO_POSITION } from './kernels/embedding/embedding.ts';

/** Token ids that are not genes. */
export interface SpecialIds {
  /** One for each annotation, in the order of the configuration. */
  readonly annotations: readonly number[];
  /** `<pad>`; needed for all_positions only. */
  readonly pad: number | null;
}

/** Some cells of a batch as rows of the encoder: plain data, the same for every variant of a kernel. */
export interface SliceLayout {
  readonly cells: number;
  /** Rows of the encoder: annotation tokens, genes and, for all_positions, padding, cell after cell. */
  readonly rows: number;
  /** [rows, 4]: token id, position, bits of the float32 value, 1 where there is a value. */
  readonly input: Uint32Array<ArrayBuffer>;
  /** [blocks, 4]: first query row, queries, first key row, keys. */
  readonly blocks: Uint32Array<ArrayBuffer>;
  /** [blocks] query–key pairs: what attention costs. */
  readonly blockPairs: readonly number[];
  /** [cells + cells · annotations, 2]: first row, rows: pooled genes of each cell, then its annotation tokens. */
  readonly ranges: Uint32Array<ArrayBuffer>;
  /** [cells] row of the first gene. */
  readonly firstGeneRow: readonly number[];
}

/** Rows a cell of `genes` tokens takes. */
export function rowsOfCell(
  genes: number,
  annotations: number,
  pooling: Pooling,
  config: ModelConfig,
): number {
  return annotations + (pooling === 'all_positions' && genes > 0 ? config.maxPositionEmbeddings : genes);
}

/**
 * Lays out some cells of a batch, in the order given. The keys of a cell are its annotation tokens and genes; its
 * queries are those and, for all_positions, `<pad>` tokens up to the model's positions.
 */
export function layoutSlice(
  batch: Pick<TokenBatch, 'cuSeqlens' | 'geneIds' | 'values'>,
  taken: readonly number[],
  config: ModelConfig,
  special: SpecialIds,
  pooling: Pooling,
): SliceLayout {
  const annotations = special.annotations.length;
  const cells = taken.length;
  const genesOf = (cell: number) => batch.cuSeqlens[cell + 1] - batch.cuSeqlens[cell];
  let rows = 0;
  for (const cell of taken) rows += rowsOfCell(genesOf(cell), annotations, pooling, config);

  const input = new Uint32Array(rows * 4);
  const valueBits = new Uint32Array(
    batch.values?.buffer ?? new ArrayBuffer(0),
    batch.values?.byteOffset ?? 0,
  );
  const blocks: number[] = [];
  const blockPairs: number[] = [];
  const ranges = new Uint32Array(2 * cells * (1 + annotations));
  const firstGeneRow: number[] = [];
  let row = 0;
  for (const [index, cell] of taken.entries()) {
    const genes = genesOf(cell);
    const start = batch.cuSeqlens[cell];
    const first = row;
    for (const [k, id] of special.annotations.entries()) {
      ranges.set([row, 1], 2 * (cells + index * annotations + k));
      input.set([id, NO_POSITION, 0, 0], 4 * row++);
    }
    firstGeneRow.push(row);
    const hasValue = Number(config.valueInput !== 'none');
    for (let i = 0; i < genes; i++)
      input.set([batch.geneIds[start + i], i, hasValue ? valueBits[start + i] : 0, hasValue], 4 * row++);
    const keys = row - first;
    const end = first + rowsOfCell(genes, annotations, pooling, config);
    while (row < end) input.set([padOf(special), row - first - annotations, 0, hasValue], 4 * row++);
    const pooled = pooling === 'first_gene' ? Math.min(1, genes) : end - first - annotations;
    ranges.set([first + annotations, pooled], 2 * index);
    for (let query = first; query < end; query += QUERIES_PER_BLOCK) {
      const queries = Math.min(QUERIES_PER_BLOCK, end - query);
      blocks.push(query, queries, first, keys);
      blockPairs.push(queries * keys);
    }
  }
  return { cells, rows, input, blocks: Uint32Array.from(blocks), blockPairs, ranges, firstGeneRow };
}

function padOf(special: SpecialIds): number {
  if (special.pad === null) throw new RangeError('all_positions needs the <pad> token');
  return special.pad;
}
