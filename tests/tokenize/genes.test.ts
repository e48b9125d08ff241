import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { mapGenes } from '../../src/tokenize/gene-mapping.ts';
import { ensemblId, GeneTable } from '../../src/tokenize/gene-table.ts';
import { modelOrganisms, organismName, organismOfGenes } from '../../src/tokenize/organism.ts';
import { panelNote, vocabularyColumns } from '../../src/tokenize/vocabulary-columns.ts';

const id = (n: number): string => `ENSG${String(n).padStart(11, '0')}`;
const TABLE = [
  'ensembl\tsymbol\tprevious\talias\tentrez',
  `${id(1)}\tSEPTIN2\tSEPT2|DIFF6\tNEDD5\t4735`,
  `${id(2)}\tTAP2\tABCB3\tRING11\t6891`,
  `${id(3)}\tTWIN\t\t\t77`,
  `${id(4)}\tTWIN\t\t\t77`,
  `${id(5)}\tNEDD5B\tOLD|RETIRED\tSHARED|TAP2\t`,
  `${id(6)}\tNEWER\tOLD\tSHARED|DIFF6\t`,
  `${id(7)}\t\t\tONLYALIAS\t`,
  `${id(8)}\tCD3E\tSEPTIN2\t\t916`,
].join('\n');
const table = GeneTable.parse(TABLE);
const column = (name: string, ...values: (string | null)[]) => ({ name, values });

describe('the table of genes', () => {
  it('knows symbols, and names only where they stand for one gene', () => {
    expect(table.size).toBe(7);
    expect(table.symbolOf(id(1))).toBe('SEPTIN2');
    expect(table.symbolOf(id(7))).toBeUndefined();
    expect(table.current('SEPTIN2')).toBe(id(1));
    expect(table.current('TWIN')).toBe('ambiguous');
    expect(table.previous('SEPT2')).toBe(id(1));
    expect(table.previous('OLD')).toBe('ambiguous');
    expect(table.previous('SEPTIN2'), 'a current symbol of another').toBeUndefined();
    expect(table.alias('TAP2'), 'a current symbol of another').toBeUndefined();
    expect(table.alias('SHARED')).toBe('ambiguous');
    expect(table.alias('toString')).toBeUndefined();
  });

  it('reads gzip and plain bytes, and refuses anything else', async () => {
    const plain = new TextEncoder().encode(TABLE);
    expect((await GeneTable.read(plain)).size).toBe(7);
    const packed = new Uint8Array(gzipSync(plain));
    expect((await GeneTable.read(packed)).current('CD3E')).toBe(id(8));
    await expect(GeneTable.read(packed.slice(0, 40))).rejects.toMatchObject({ code: 'gene-table-invalid' });
    await expect(GeneTable.read(new TextEncoder().encode('<!doctype html>'))).rejects.toThrow('header');
    expect(() => GeneTable.parse(`${TABLE}\nENSG1\tX`)).toThrow('line 10');
    expect(() => GeneTable.parse(`${TABLE}\nX\tX\t\t\t`)).toThrow('line 10');
  });

  it('strips versions from Ensembl ids and takes nothing else for one', () => {
    expect(ensemblId(`${id(1)}.12`)).toBe(id(1));
    expect(ensemblId(`${id(1)}.4_PAR_Y`)).toBe(id(1));
    expect(ensemblId('ENSMUSG00000000001')).toBe('ENSMUSG00000000001');
    for (const name of ['ENSG0000', 'ENST00000000001', 'TAP2.1', '', 'ENSG000000000012']) {
      expect(ensemblId(name)).toBeUndefined();
    }
  });
});

describe('mapping genes', () => {
  it('an Ensembl column beats symbols, whatever it is called', () => {
    const mapping = mapGenes(
      [column('index', 'TAP2', 'CD3E', 'SEPTIN2'), column('my_ids', `${id(1)}.3`, id(2), id(6))],
      table,
    );
    expect(mapping.ensembl).toEqual([id(1), id(2), id(6)]);
    expect(mapping.source).toBe('my_ids');
    expect(mapping.byMethod).toEqual({ ensembl: 3, suffix: 0, symbol: 0, previous: 0, alias: 0, entrez: 0 });
    expect(mapping.symbols, 'current symbols of the ids').toEqual(['SEPTIN2', 'TAP2', 'NEWER']);
  });

  it('a column without an id is mapped by its name only onto an id nobody has', () => {
    const mapping = mapGenes(
      [
        column('index', 'TAP2', 'SEPT2', 'CD3E', 'TAP2.1', 'x'),
        column('ensembl_id', id(2), '', '', null, id(8)),
      ],
      table,
    );
    expect(mapping.ensembl).toEqual([id(2), id(1), null, null, id(8)]);
    expect(mapping.methods).toEqual(['ensembl', 'previous', 'ambiguous', null, 'ensembl']);
    expect(mapping.ambiguous).toBe(1);
    expect(mapping.unmappedExamples).toEqual(['CD3E', 'TAP2.1']);
  });

  it('names: id, suffix, symbol, previous symbol, alias, in this order', () => {
    const names = [
      `${id(9)}.2`,
      `TAP2_${id(3)}`,
      'CD3E',
      'DIFF6',
      'NEDD5',
      'TWIN',
      'OLD',
      'SHARED',
      'nobody',
      null,
    ];
    const mapping = mapGenes([column('index', ...names)], table);
    expect(mapping.ensembl).toEqual([id(9), id(3), id(8), id(1), id(1), null, null, null, null, null]);
    expect(mapping.methods.slice(0, 5)).toEqual(['ensembl', 'suffix', 'symbol', 'previous', 'alias']);
    expect(mapping.ambiguous).toBe(3);
    expect(mapping.source).toBe('index');
    expect(mapping.unmappedExamples).toEqual(['TWIN', 'OLD', 'SHARED', 'nobody', '']);
  });

  it('Entrez ids, where a column holds them and not a mere count', () => {
    const entrez = mapGenes([column('index', '916', '6891', '77', '999999')], table);
    expect(entrez.ensembl).toEqual([id(8), id(2), null, null]);
    expect(entrez.methods).toEqual(['entrez', 'entrez', 'ambiguous', null]);
    expect([entrez.source, entrez.byMethod.entrez]).toEqual(['index', 2]);
    expect(entrez.symbols.slice(0, 2)).toEqual(['CD3E', 'TAP2']);
    const beside = mapGenes(
      [column('index', 'TWIN', 'TAP2', 'x'), column('entrez_id', '916', '4735', '6891')],
      table,
    );
    expect(beside.methods, 'names first; a number decides what a name leaves open').toEqual([
      'entrez',
      'symbol',
      'entrez',
    ]);
    const counted = Array.from({ length: 8 }, (_, i) => String(i + 4730));
    expect(mapGenes([column('index', ...counted)], table).byMethod.entrez).toBe(0);
    expect(mapGenes([column('index', '916', 'TAP2', '77')], table).byMethod.entrez).toBe(0);
  });

  it('names with a genome before them', () => {
    const mapping = mapGenes([column('index', 'GRCh38_CD3E', 'hg19_TAP2', `mm10___${id(6)}.2`)], table);
    expect(mapping.ensembl).toEqual([id(8), id(2), id(6)]);
  });

  it('takes names from the column that has them', () => {
    const mapping = mapGenes(
      [column('index', '0', '1', '2'), column('feature_name', 'CD3E', 'TAP2', 'z')],
      table,
    );
    expect(mapping.source).toBe('feature_name');
    expect(mapping.ensembl).toEqual([id(8), id(2), null]);
  });

  it('between equal columns prefers the better-known name', () => {
    const mapping = mapGenes([column('zz', id(1)), column('ensembl_id', id(2))], table);
    expect(mapping.source).toBe('ensembl_id');
  });

  it('keeps to a better-known column that is nearly as full', () => {
    const ids = Array.from({ length: 40 }, (_, i) => id(i + 1));
    const index = ids.with(7, 'symbol');
    expect(mapGenes([column('gene_ids-other', ...ids), column('index', ...index)], table).source).toBe(
      'index',
    );
    expect(mapGenes([column('other', ...ids), column('index', ...index.fill('x', 9))], table).source).toBe(
      'other',
    );
  });

  it('takes no names from a column that repeats itself', () => {
    const mapping = mapGenes(
      [column('index', 'u', 'v', 'w', 'x'), column('chromosome', 'TAP2', 'TAP2', 'TAP2', 'CD3E')],
      table,
    );
    expect(mapping.ensembl).toEqual([null, null, null, null]);
    expect(mapping.unmappedExamples).toEqual(['u', 'v', 'w', 'x']);
  });

  it('of nothing is nothing', () => {
    expect(mapGenes([], table).ensembl).toEqual([]);
    expect(mapGenes([column('index')], table).ensembl).toEqual([]);
    expect(mapGenes([column('index', 'a', 'b')], table)).toMatchObject({
      ensembl: [null, null],
      ambiguous: 0,
    });
  });

  it('never gives an id to a name the table lacks, and counts every column once', () => {
    const known = ['CD3E', 'TAP2', 'SEPT2', 'OLD', `${id(2)}.1`, `Q_${id(2)}`];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...known), fc.string(), fc.constant(null))), (names) => {
        const mapping = mapGenes([column('index', ...names)], table);
        const mapped = mapping.ensembl.filter((e) => e !== null).length;
        expect(Object.values(mapping.byMethod).reduce((a, b) => a + b, 0)).toBe(mapped);
        for (const [c, name] of names.entries()) {
          if (name !== null && !known.includes(name.trim()) && !/ENSG/.test(name))
            expect(mapping.ensembl[c]).toBeNull();
        }
      }),
    );
  });

  it('gives vocabulary ids, and says when the genes are a selection', () => {
    const vocabulary = Vocabulary.parse([id(8), id(2)].join('\n'), {});
    expect([...vocabularyColumns([id(2), null, id(5), id(8), id(2)], vocabulary)]).toEqual([1, -1, -1, 0, 1]);
    expect(panelNote(765)).toContain('765 genes');
    expect(panelNote(13_714)).toBeNull();
  });
});

describe('the organism', () => {
  it.each([
    ['Homo sapiens', 'human'],
    ['homo_sapiens', 'human'],
    ['NCBITaxon:9606', 'human'],
    [' Mus musculus ', 'mouse'],
    ['Danio rerio', 'danio rerio'],
    ['unknown', null],
    ['', null],
    [null, null],
  ])('recorded as %j is %j', (recorded, name) => {
    expect(organismName(recorded)).toBe(name);
  });

  it('is told by ids, else by spelling', () => {
    expect(organismOfGenes([id(1), 'ENSMUSG00000000001', id(2)], ['a', 'b', 'c'], table)).toBe('human');
    expect(organismOfGenes(['ENSMUSG00000000001', null], ['a', 'b'], table)).toBe('mouse');
    expect(organismOfGenes([null, null, null], ['Cd3e', 'Tap2', 'x'], table)).toBe('mouse');
    expect(organismOfGenes([null, null], ['x', 'y'], table)).toBeNull();
    expect(modelOrganisms(Vocabulary.parse(`${id(1)}\nENSMUSG00000000001\nlabel`, {}))).toEqual(
      new Set(['human', 'mouse']),
    );
  });
});
