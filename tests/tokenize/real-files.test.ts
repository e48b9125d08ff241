import { expect, it } from 'vitest';
import { openTokenizerPackage } from '../../src/model/package.ts';
import { type GeneMapping, mapGenes } from '../../src/tokenize/gene-mapping.ts';
import { organismOfGenes } from '../../src/tokenize/organism.ts';
import { QualityScan, qcPass } from '../../src/tokenize/quality.ts';
import { packTokens } from '../../src/tokenize/token-batch.ts';
import { Tokenizer } from '../../src/tokenize/tokenizer.ts';
import { vocabularyColumns } from '../../src/tokenize/vocabulary-columns.ts';
import { LEAST_TOKENS } from '../../src/tokenize/withhold.ts';
import { directorySource } from '../support/files.ts';
import { sharedGeneTable } from '../support/gene-table.ts';
import { type RealCounts, realCounts } from '../support/real-counts.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

interface Expected {
  readonly path: readonly [string, string];
  /** var: index first. */
  readonly names: readonly string[];
  readonly source: string;
  readonly mapped: number;
  /** Cells under 225 genes, as the data's manifest says. */
  readonly failing: number;
  readonly hasMitochondria: boolean;
  readonly heldOut: readonly string[] | null;
  /** Cells of held-out donors (all where there is none) with too few tokens. */
  readonly tooFew: number;
}

const KANG_HELD_OUT = ['101', '107', '1039'];
const FILES: Expected[] = [
  {
    path: ['disease', 'combat_covid_6donors_raw.h5ad'],
    names: ['feature_id', 'feature_name'],
    source: 'index',
    mapped: 25_427,
    failing: 0,
    hasMitochondria: true,
    heldOut: ['H00053', 'S00006', 'S00043'],
    tooFew: 0,
  },
  {
    path: ['disease', 'velmeshev_asd_pfc_23donors_raw.h5ad'],
    names: ['gene_symbol', 'ensembl_id'],
    source: 'ensembl_id',
    mapped: 18_041,
    failing: 0,
    hasMitochondria: true,
    heldOut: ['5144', '5278', '5565', '5864', '5893', '5958'],
    tooFew: 0,
  },
  {
    path: ['disease', 'kang_harmony_2000_raw.h5ad'],
    names: ['gene_symbol', 'ensembl_id'],
    source: 'ensembl_id',
    mapped: 9_005,
    failing: 12,
    hasMitochondria: false,
    heldOut: KANG_HELD_OUT,
    tooFew: 5,
  },
  {
    path: ['disease', 'kang_ctrl_12261x1287_ensembl_raw.h5ad'],
    names: ['feature_id', 'feature_name'],
    source: 'index',
    mapped: 1_287,
    failing: 594,
    hasMitochondria: false,
    heldOut: KANG_HELD_OUT,
    tooFew: 0,
  },
  {
    path: ['demo', 'pbmc3k_2638x13714_raw_counts_recovered.h5ad'],
    names: ['_index', 'ensembl_id'],
    source: 'ensembl_id',
    mapped: 13_686,
    failing: 1,
    hasMitochondria: true,
    heldOut: null,
    tooFew: 0,
  },
];

const candidates = (counts: RealCounts, names: readonly string[]) =>
  names.map((name, i) => ({ name: i === 0 ? 'index' : name, values: counts.varColumn(name) }));

describeShared('genes and quality of real files', () => {
  const table = sharedGeneTable();

  it.each(FILES)('$path', async (expected) => {
    const counts = await realCounts(...expected.path);
    const model = await openTokenizerPackage(directorySource(sharedPath('fixtures', 'bootstrap')));
    const mapping = mapGenes(candidates(counts, expected.names), table);
    expect(mapping.source).toBe(expected.source);
    expect(mapping.ensembl.filter((id) => id !== null).length).toBe(expected.mapped);
    expect(organismOfGenes(mapping.ensembl, mapping.symbols, table)).toBe('human');

    const columnIds = vocabularyColumns(mapping.ensembl, model.vocabulary);
    const scan = new QualityScan(
      counts.rowCount,
      mapping.ensembl,
      columnIds,
      model.config.maxPositionEmbeddings,
    );
    scan.add(counts, 0);
    expect(qcPass(scan.quality).filter((pass) => pass === 0).length).toBe(expected.failing);
    expect(scan.quality.mitochondrial !== null).toBe(expected.hasMitochondria);

    const batch = packTokens(
      new Tokenizer(model, columnIds),
      counts,
      Uint32Array.from({ length: counts.rowCount }, (_, row) => row),
    );
    const donors = expected.heldOut ? counts.obsColumn('donor_id') : null;
    let tooFew = 0;
    for (let c = 0; c < counts.rowCount; c++) {
      if (donors && !expected.heldOut?.includes(donors[c] ?? '')) continue;
      if (batch.cuSeqlens[c + 1] - batch.cuSeqlens[c] < LEAST_TOKENS) tooFew++;
    }
    expect(tooFew).toBe(expected.tooFew);
  });

  it('names alone find nearly the ids the authors give', async () => {
    const agreement = async (
      path: readonly [string, string],
      names: string,
      ids: string,
    ): Promise<[GeneMapping, number]> => {
      const counts = await realCounts(...path);
      const truth = counts.varColumn(ids);
      const mapping = mapGenes([{ name: 'index', values: counts.varColumn(names) }], table);
      const found = mapping.ensembl.flatMap((id, c) => (id !== null && truth[c] ? [id === truth[c]] : []));
      return [mapping, found.filter(Boolean).length / found.length];
    };
    const [velmeshev, right] = await agreement(FILES[1].path, 'gene_symbol', 'ensembl_id');
    expect(velmeshev.byMethod.suffix).toBe(2_830);
    expect(right).toBeGreaterThan(0.998);
    const [kang, rightInKang] = await agreement(FILES[2].path, 'gene_symbol', 'ensembl_id');
    expect(kang.byMethod.previous).toBeGreaterThan(400);
    expect(rightInKang).toBeGreaterThan(0.998);
  });

  it('Kang: four ids are named by two columns, which are summed; ten columns have none', async () => {
    const counts = await realCounts(...FILES[2].path);
    const mapping = mapGenes(candidates(counts, FILES[2].names), table);
    const named = new Map<string, number>();
    for (const id of mapping.ensembl) if (id !== null) named.set(id, (named.get(id) ?? 0) + 1);
    expect([...named].filter(([, n]) => n > 1).map(([id]) => id)).toEqual([
      'ENSG00000153187',
      'ENSG00000183011',
      'ENSG00000123908',
      'ENSG00000182774',
    ]);
    expect(mapping.ensembl.filter((id) => id === null).length).toBe(10);
    expect(mapping.unmappedExamples).toContain('TAP2.1');
  });
});
