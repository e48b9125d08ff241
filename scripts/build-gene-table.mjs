import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { projectRoot } from './lib/project.mjs';

/**
 * Makes public/genes/human.tsv.gz, the table by which gene names become Ensembl ids, from the shared
 * GENCODE v48 + HGNC map. Usage: build-gene-table.mjs [human_gene_map.tsv.gz]
 */
const shared = process.env.TEDDY_SHARED ?? join(projectRoot, '..', 'shared');
const source = resolve(process.argv[2] ?? join(shared, 'data', 'genes', 'human_gene_map.tsv.gz'));
const target = join(projectRoot, 'public', 'genes', 'human.tsv.gz');

const [header, ...lines] = gunzipSync(readFileSync(source)).toString('utf8').trimEnd().split('\n');
const names = header.split('\t');
const [id, symbol, previous, alias] = ['ensembl_id', 'symbol', 'prev_symbol', 'alias_symbol'].map((name) => {
  const column = names.indexOf(name);
  if (column < 0) throw new Error(`${source} has no column ${name}`);
  return column;
});

const rows = lines
  .map((line) => line.split('\t'))
  .map((cells) => {
    // GENCODE repeats the id where a gene has no symbol: that is no name of its own.
    const current = cells[symbol] === cells[id] ? '' : cells[symbol];
    return [cells[id], current, cells[previous] ?? '', cells[alias] ?? ''].join('\t');
  })
  .sort();
const text = `ensembl\tsymbol\tprevious\talias\n${rows.join('\n')}\n`;
mkdirSync(join(projectRoot, 'public', 'genes'), { recursive: true });
const packed = gzipSync(text, { level: 9 });
writeFileSync(target, packed);
console.log(`${rows.length} genes, ${packed.length} bytes: public/genes/human.tsv.gz`);
