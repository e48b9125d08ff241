import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { GeneTable } from '../../src/tokenize/gene-table.ts';
import { sharedPath } from './shared.ts';

/** The table of genes straight from the shared map, so that tokenize tests do not wait for the shipped one. */
export function sharedGeneTable(): GeneTable {
  const text = gunzipSync(readFileSync(sharedPath('data', 'genes', 'human_gene_map.tsv.gz'))).toString(
    'utf8',
  );
  const rows = text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  const lines = rows.map(([id, symbol, , , , , , , previous, alias, , entrez]) =>
    [id, symbol, previous, alias, entrez].join('\t'),
  );
  return GeneTable.parse(['ensembl\tsymbol\tprevious\talias\tentrez', ...lines].join('\n'));
}
