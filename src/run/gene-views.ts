import type { GeneMapping } from '../tokenize/gene-mapping.ts';
import { medianFactors, RankValueEncoder } from '../tokenize/rank-value.ts';
import { RunError } from './errors.ts';
import { COUNTS_PER_CELL } from './log-counts.ts';
import type { Prepared } from './preflight.ts';
import { onRow, readRows } from './row-reader.ts';
import type { CellGene, GeneName } from './services.ts';

/** The genes that columns name: symbol, else the id; each name once, with all its ids. */
export function mappedGenes({ ensembl, symbols }: GeneMapping): readonly GeneName[] {
  const idsOf = new Map<string, Set<string>>();
  for (const [column, id] of ensembl.entries()) {
    if (id === null) continue;
    const name = symbols[column] || id;
    idsOf.set(name, (idsOf.get(name) ?? new Set()).add(id));
  }
  return [...idsOf].map(([name, ids]) => ({ name, ensemblIds: [...ids] }));
}

/**
 * [rows] log1p of counts per 10,000 of one gene; columns of one name are summed.
 * @throws RunError 'unknown-gene'
 */
export async function geneExpression(
  { counts, mapping, preflight }: Prepared,
  name: string,
  rows: Uint32Array,
): Promise<Float32Array<ArrayBuffer>> {
  const columns = new Set<number>();
  for (const [column, id] of mapping.ensembl.entries()) {
    if (id !== null && (mapping.symbols[column] || id) === name) columns.add(column);
  }
  if (columns.size === 0) throw new RunError('unknown-gene', `the file has no gene ${name}`, name);
  const values = new Float32Array(rows.length);
  let at = 0;
  for await (const { block, start, wanted } of readRows(counts, preflight.matrix, rows, undefined)) {
    for (const row of wanted) {
      let count = 0;
      for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
        if (columns.has(block.indices[i])) count += block.values[i];
      }
      const total = preflight.quality.counts[start + row];
      values[at++] = total > 0 ? Math.log1p((count / total) * COUNTS_PER_CELL) : 0;
    }
  }
  return values;
}

/** The highest-ranked genes of a cell as the model reads them, rank 1 first. */
export async function topGenes(
  { counts, mapping, preflight, columnIds, model }: Prepared,
  row: number,
  count: number,
): Promise<readonly CellGene[]> {
  const block = await counts.rows(preflight.matrix, row, row + 1);
  const tokens = model.vocabulary.tokens();
  const encoder = new RankValueEncoder(columnIds, medianFactors(tokens, model.medians));
  const ids = [...onRow(row, () => encoder.encode(block, 0)).geneIds.subarray(0, count)];
  const found = new Map(ids.map((id) => [id, { count: 0, symbol: '' }]));
  for (let i = 0; i < block.indices.length; i++) {
    const column = block.indices[i];
    const gene = found.get(columnIds[column]);
    if (!gene) continue;
    gene.count += block.values[i];
    gene.symbol = mapping.symbols[column];
  }
  return ids.map((id, i) => ({
    rank: i + 1,
    ensemblId: tokens[id],
    symbol: found.get(id)?.symbol || tokens[id],
    count: found.get(id)?.count ?? 0,
  }));
}
