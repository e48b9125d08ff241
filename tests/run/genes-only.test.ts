import { expect, it } from 'vitest';
import { sparseFromDense } from '../../src/data/sparse-rows.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { genesOnly } from '../../src/run/genes-only.ts';
import { geneTsv, modelGenes } from '../../src/run/model-genes.ts';
import { mapGenes } from '../../src/tokenize/gene-mapping.ts';
import { GeneTable } from '../../src/tokenize/gene-table.ts';

const CD4 = 'ENSG00000010610';
const CD3E = 'ENSG00000198851';
const MOUSE_CD4 = 'ENSMUSG00000023274';
const table = GeneTable.parse(
  ['ensembl\tsymbol\tprevious\talias\tentrez', `${CD4}\tCD4\t\t\t920`, `${CD3E}\tCD3E\t\t\t916`].join('\n'),
);
const named = (...values: string[]) => [{ name: 'index', values }];

it('antibodies count neither to the total nor to the genes', async () => {
  const dense = Float64Array.of(5, 7, 0, 1, 0, 9, 2, 0, 0, 4, 0, 0);
  const rows = { rows: async () => sparseFromDense(dense, 3, 4) };
  const mapping = mapGenes(named('CD4', 'CD4-antibody', 'CD3E', 'tag'), table, [true, false, true, false]);
  const read = await genesOnly(rows, mapping).rows('X', 0, 3);
  expect(read).toEqual(sparseFromDense(Float64Array.of(5, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0), 3, 4));
  const allGenes = mapGenes(named('CD4', 'CD3E'), table);
  expect(genesOnly(rows, allGenes)).toBe(rows);
});

it('the report has a line for every column, and none that its text could break', async () => {
  const names = ['CD3E', MOUSE_CD4, 'ENSMUSG00000000003', 'odd\tname\n', 'CD4', CD4];
  const mapping = mapGenes(named(...names), table, [true, true, true, true, false, true]);
  const vocabulary = Vocabulary.parse(CD4, {});
  const genes = await modelGenes(mapping, { vocabulary }, async () => new Map([[MOUSE_CD4, CD4]]));
  expect(genes.byOrtholog).toBe(1);
  expect([...genes.columnIds]).toEqual([-1, 0, -1, -1, -1, 0]);
  const lines = geneTsv(mapping, genes).split('\n');
  expect(lines).toEqual([
    'column\tname\tensembl_id\tsymbol\tmethod\tortholog\tin_vocabulary',
    `0\tCD3E\t${CD3E}\tCD3E\tsymbol\t\tno`,
    `1\t${MOUSE_CD4}\t${MOUSE_CD4}\t${MOUSE_CD4}\tensembl\t${CD4}\tyes`,
    '2\tENSMUSG00000000003\tENSMUSG00000000003\tENSMUSG00000000003\tensembl\tnone one-to-one\tno',
    '3\todd name \t\t\tnot found\t\tno',
    '4\tCD4\t\t\tnot a gene\t\tno',
    `5\t${CD4}\t${CD4}\tCD4\tensembl\t\tyes`,
    '',
  ]);
});
