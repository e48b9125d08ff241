import { describe, expect, it } from 'vitest';
import { comparedColumns, geneOrder, uniqueGenes } from '../../src/audit/genes.ts';
import { countHash, geneHash } from '../../src/audit/hash.ts';
import { gene } from './support.ts';

describe('genes that are compared', () => {
  const ensembl = [gene(5), null, gene(7), gene(5), gene(9), gene(7), gene(7), gene(1)];

  it('are those that exactly one column names', () => {
    expect(uniqueGenes(ensembl)).toEqual(
      new Map([
        [gene(9), 4],
        [gene(1), 7],
      ]),
    );
    const { genes, used } = comparedColumns(ensembl, new Set([gene(1), gene(5)]));
    expect(genes).toBe(1);
    expect([...used]).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('come in the same order in every file', () => {
    const { hashes, places } = geneOrder(ensembl);
    expect([...hashes]).toEqual([geneHash(gene(9)), geneHash(gene(1))].sort((a, b) => a - b));
    expect(hashes[places[4]]).toBe(geneHash(gene(9)));
    expect(hashes[places[7]]).toBe(geneHash(gene(1)));
    expect([...places].filter((place) => place < 0).length).toBe(6);
    expect(geneOrder([]).hashes.length).toBe(0);
  });
});

describe('hashes', () => {
  it('never take one human gene for another', () => {
    const hashes = new Set<number>();
    for (let n = 0; n < 350_000; n++) hashes.add(geneHash(gene(n)));
    expect(hashes.size).toBe(350_000);
    expect(geneHash(gene(3))).not.toBe(geneHash('ENSMUSG00000000003'));
  });

  it('are those that stored sketches were made with', () => {
    expect([geneHash('ENSG00000141510'), countHash(1), countHash(2), countHash(0.5)]).toMatchInlineSnapshot(`
      [
        4027858850,
        1865188783,
        2998486148,
        3083955395,
      ]
    `);
  });
});
