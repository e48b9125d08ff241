import { describe, expect, it } from 'vitest';
import type { Column, Dataset } from '../../src/data/dataset.ts';
import { mapColumns } from '../../src/run/gene-columns.ts';
import { GeneTable } from '../../src/tokenize/gene-table.ts';

const CD4 = 'ENSG00000010610';
const CD8A = 'ENSG00000153563';
const CD3E = 'ENSG00000198851';
const table = GeneTable.parse(
  [
    'ensembl\tsymbol\tprevious\talias\tentrez',
    `${CD4}\tCD4\t\t\t920`,
    `${CD8A}\tCD8A\t\t\t925`,
    `${CD3E}\tCD3E\t\t\t916`,
  ].join('\n'),
);

function file(columns: Readonly<Record<string, Column>>): Dataset {
  return {
    varNames: async () => ['CD4', 'CD8A', 'CD3E', 'Peak1'],
    varColumns: async () => Object.keys(columns),
    varColumn: async (_: string, name: string) => columns[name],
  } as unknown as Dataset;
}

describe('Ensembl ids of the columns of a file', () => {
  it('an antibody, a tag or a peak is no gene, whatever its name', async () => {
    const feature_types: Column = {
      kind: 'categorical',
      codes: Int32Array.of(1, 0, -1, 2),
      categories: ['Antibody Capture', 'Gene Expression', 'Peaks'],
      ordered: false,
    };
    const ids: Column = { kind: 'string', values: [CD4, CD8A, CD3E, 'ENSG00000000003'] };
    expect((await mapColumns(file({ feature_types }), 'X', table)).ensembl).toEqual([CD4, null, CD3E, null]);
    const { ensembl } = await mapColumns(file({ feature_types, gene_ids: ids }), 'X', table);
    expect(ensembl).toEqual([CD4, null, CD3E, null]);
  });

  it("Cell Ranger's column knows genes by one word", async () => {
    const feature_types: Column = {
      kind: 'string',
      values: ['Gene Expression', 'Deprecated Codeword', 'Gene Expression', 'Something New'],
    };
    const mapping = await mapColumns(file({ feature_types }), 'X', table);
    expect(mapping.ensembl).toEqual([CD4, null, CD3E, null]);
    expect(mapping.methods).toEqual(['symbol', 'not a gene', 'symbol', 'not a gene']);
    expect(mapping.otherFeatures).toBe(2);
    expect(mapping.unmappedExamples).toEqual([]);
  });

  it('Entrez ids may be numbers', async () => {
    const entrez_id: Column = {
      kind: 'numeric',
      values: Float64Array.of(916, Number.NaN, 920, 925),
      integer: false,
    };
    const { ensembl } = await mapColumns(file({ entrez_id }), 'X', table);
    expect(ensembl, 'the name of a column comes first').toEqual([CD4, CD8A, CD3E, CD8A]);
  });

  it('kinds of genes are genes', async () => {
    const feature_type: Column = {
      kind: 'string',
      values: ['protein_coding', 'lncRNA', 'Gene Expression', null],
    };
    const { ensembl } = await mapColumns(file({ feature_type }), 'X', table);
    expect(ensembl).toEqual([CD4, CD8A, CD3E, null]);
  });
});
