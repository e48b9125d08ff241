import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { projectRoot } from './lib/project.mjs';

/**
 * Makes public/genes/, the tables by which gene names become Ensembl ids: human.tsv.gz from the shared
 * GENCODE v48 + HGNC map, mouse.tsv.gz from CELLxGENE's GENCODE list (Entrez ids from HomoloGene), and
 * orthologs.tsv.gz, HomoloGene's one-to-one pairs. Usage: build-gene-table.mjs
 */
const shared = process.env.TEDDY_SHARED ?? join(projectRoot, '..', 'shared');
const folder = join(projectRoot, 'public', 'genes');
const NAMES_HEADER = 'ensembl\tsymbol\tprevious\talias\tentrez';

/** @param {string} name */
const linesOf = (name) =>
  gunzipSync(readFileSync(join(shared, 'data', 'genes', name)))
    .toString('utf8')
    .trimEnd()
    .split('\n');

/**
 * Rows of a table with a header, as the values of the named columns.
 * @param {string} name
 * @param {readonly string[]} columns
 */
function readTable(name, columns) {
  const [header, ...lines] = linesOf(name);
  const places = columns.map((column) => {
    const at = header.split('\t').indexOf(column);
    if (at < 0) throw new Error(`${name} has no column ${column}`);
    return at;
  });
  return lines.map((line) => {
    const cells = line.split('\t');
    return places.map((at) => cells[at] ?? '');
  });
}

/**
 * @param {string} name
 * @param {string} header
 * @param {readonly (readonly string[])[]} rows
 */
function write(name, header, rows) {
  const lines = rows.map((cells) => cells.join('\t')).sort();
  const packed = gzipSync(`${header}\n${lines.join('\n')}\n`, { level: 9 });
  writeFileSync(join(folder, name), packed);
  console.log(`${rows.length} rows, ${packed.length} bytes: public/genes/${name}`);
}

mkdirSync(folder, { recursive: true });

const human = readTable('human_gene_map.tsv.gz', [
  'ensembl_id',
  'symbol',
  'prev_symbol',
  'alias_symbol',
  'entrez_id',
]);
write(
  'human.tsv.gz',
  NAMES_HEADER,
  // GENCODE repeats the id where a gene has no symbol: that is no name of its own.
  human.map(([id, symbol, ...others]) => [id, symbol === id ? '' : symbol, ...others]),
);

const homologs = readTable('human_mouse_orthologs_homologene.tsv.gz', [
  'mouse_ensembl',
  'human_ensembl',
  'mouse_entrez',
  'one2one',
]);
const entrezOf = new Map(homologs.map(([mouse, , entrez]) => [mouse, entrez]));
write(
  'mouse.tsv.gz',
  NAMES_HEADER,
  linesOf('cellxgene_gencode_genes_mus_musculus.csv.gz')
    .map((line) => line.split(','))
    .map(([id, symbol]) => [id, symbol === id ? '' : symbol, '', '', entrezOf.get(id) ?? '']),
);

/** @type {Map<string, number>} */
const named = new Map();
const pairs = homologs.filter(([mouse, person, , one2one]) => one2one === 'True' && mouse && person);
for (const [mouse, person] of pairs) {
  for (const id of [mouse, person]) named.set(id, (named.get(id) ?? 0) + 1);
}
write(
  'orthologs.tsv.gz',
  'mouse\thuman',
  pairs
    .filter(([mouse, person]) => named.get(mouse) === 1 && named.get(person) === 1)
    .map((row) => row.slice(0, 2)),
);
