import { beforeAll, expect, it } from 'vitest';
import {
  embeddedModelFolder,
  nodeComputeEnvironment,
  nodeDatasetEnvironment,
} from '../../src/cli/node-environment.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { openDataset } from '../../src/data/open.ts';
import { LocalComputeService } from '../../src/run/compute-service.ts';
import { LocalDatasetService } from '../../src/run/dataset-service.ts';
import { runEmbedding } from '../../src/run/embedding-run.ts';
import type { CellResults } from '../../src/run/results.ts';
import type { ModelLocation } from '../../src/run/services.ts';
import { describeShared, sharedPath } from '../support/shared.ts';
import { maxRelativeError } from '../support/tolerance.ts';

const model: ModelLocation = { kind: 'directory', path: embeddedModelFolder() };

async function open(...path: string[]): Promise<LocalDatasetService> {
  const dataset = new LocalDatasetService(nodeDatasetEnvironment());
  const summary = await dataset.open(sharedPath('data', ...path), {});
  await dataset.preflight(model, summary.counts ?? '', {});
  return dataset;
}

describeShared('the services on real files', () => {
  const compute = new LocalComputeService(nodeComputeEnvironment());
  let combat: LocalDatasetService;

  beforeAll(async () => {
    combat = await open('disease', 'combat_covid_6donors_raw.h5ad');
    await compute.load(model, { engine: 'wasm' });
  });

  async function embed(dataset: LocalDatasetService, rows: Uint32Array<ArrayBuffer>): Promise<CellResults> {
    const { results, complete } = await runEmbedding({
      dataset,
      compute,
      rows,
      pooling: 'gene_mean',
      tokensPerSecond: null,
    });
    expect(complete).toBe(true);
    return results;
  }

  function withheldShare({ withheld }: CellResults): number {
    return withheld.filter((reason) => reason !== 0).length / withheld.length;
  }

  it('refuses fractions wherever they lie: the choice of the matrix sees samples only', async () => {
    const dataset = new LocalDatasetService(nodeDatasetEnvironment());
    await dataset.open(sharedPath('data', 'demo', '10x_pbmc68k_reduced_new.h5ad'), {});
    await expect(dataset.preflight(model, 'raw/X', {})).rejects.toMatchObject({ code: 'invalid-count' });
    await dataset.close();
  });

  it('describes COMBAT: counts in X, the donor column, QC without failures', async () => {
    const summary = await combat.open(sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad'), {});
    expect(summary).toMatchObject({ nObs: 4591, nVars: 25454, counts: 'X', donorColumn: 'donor_id' });
    const stages = new Set<string>();
    const { genes, quality, meanTokens } = await combat.preflight(model, 'X', {
      onProgress: ({ stage }) => stages.add(stage),
    });
    expect(genes).toMatchObject({ columns: 25454, organism: 'human', panelNote: null });
    expect(genes.inVocabulary).toBeGreaterThan(15_000);
    expect(genes.countShare).toBeGreaterThan(0.8);
    expect(quality.genes.length).toBe(4591);
    expect(quality.genes.every((n) => n >= 225)).toBe(true);
    expect(meanTokens).toBeGreaterThan(200);
    expect(meanTokens).toBeLessThanOrEqual(256);
    expect(stages).toContain('quality');
  });

  it('tokenizes for a model that reads more genes: the same ranks, and those after them', async () => {
    const kang = await open('disease', 'kang_harmony_2000_raw.h5ad');
    const rows = await kang.select({ kind: 'first', count: 20 });
    const own = await kang.tokenize(rows, {});
    const more = await kang.tokenize(rows, { maxPositionEmbeddings: 512 });
    let longer = 0;
    rows.forEach((_, cell) => {
      const cut = ({ geneIds, cuSeqlens }: typeof own) => geneIds.slice(cuSeqlens[cell], cuSeqlens[cell + 1]);
      expect(cut(more).subarray(0, 256)).toEqual(cut(own));
      expect(cut(more).length).toBeLessThanOrEqual(512);
      if (cut(more).length > 256) longer++;
    });
    expect(longer).toBeGreaterThan(15);
  });

  it('gives the same cells the same answer alone, among others and in any batch', async () => {
    const rows = Uint32Array.of(3, 700, 701, 1500, 4590);
    const together = await embed(combat, rows);
    expect([...together.rows]).toEqual([...rows]);
    const alone = await embed(combat, Uint32Array.of(1500));
    const d = together.dimension;
    expect(maxRelativeError(alone.embedding, together.embedding.subarray(3 * d, 4 * d))).toBeLessThan(1e-5);
  });

  it('shows at least 95 % of held-out donors’ cells', async () => {
    const donors = ['H00053', 'S00006', 'S00043'];
    const all = await combat.select({ kind: 'values', column: 'donor_id', values: donors });
    const some = all.filter((_, i) => i % 19 === 0);
    expect(withheldShare(await embed(combat, some))).toBeLessThanOrEqual(0.05);
  });

  it('withholds at least 95 % of healthy heart, kidney and cultured cells', async () => {
    const other = await open('formats', 'cellxgene_schema', 'example_with_labels.h5ad');
    const rows = await other.select({ kind: 'all' });
    expect(
      withheldShare(
        await embed(
          other,
          rows.filter((_, i) => i % 4 === 0),
        ),
      ),
    ).toBeGreaterThanOrEqual(0.95);
  });

  it('withholds at least 95 % of COMBAT with its gene names shuffled', async () => {
    const environment = nodeDatasetEnvironment();
    const path = sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');
    const shuffled = new LocalDatasetService(environment, async () =>
      withShuffledGenes(await openDataset(path, environment.runtime)),
    );
    const summary = await shuffled.open(path, {});
    await shuffled.preflight(model, summary.counts ?? '', {});
    const rows = await shuffled.select({ kind: 'random', count: 60, seed: 3, balanceBy: 'donor_id' });
    expect(withheldShare(await embed(shuffled, rows))).toBeGreaterThanOrEqual(0.95);
  });

  it('gives the annotation tokens’ states by name, in any pooling', async () => {
    const rows = Uint32Array.of(3, 700, 4590);
    const embedding = { dataset: combat, compute, rows, tokensPerSecond: null, annotationStates: true };
    const { results } = await runEmbedding({ ...embedding, pooling: 'gene_mean' });
    const other = await runEmbedding({ ...embedding, pooling: 'first_gene' });
    expect(Object.keys(results.annotationStates ?? {})).toEqual(['disease', 'tissue', 'cell_type', 'sex']);
    const d = results.dimension;
    for (const [name, states] of Object.entries(results.annotationStates ?? {})) {
      expect(states.length).toBe(3 * d);
      expect(states.every(Number.isFinite)).toBe(true);
      const again = other.results.annotationStates?.[name] ?? [];
      expect(maxRelativeError(again, states), name).toBeLessThanOrEqual(1e-5);
    }
    expect(results.annotationStates?.disease).not.toEqual(results.annotationStates?.sex);
    expect((await embed(combat, rows)).annotationStates).toBeUndefined();
  });

  it('normalises by the whole library of a cell: each cell sums to 10,000', async () => {
    const rows = Uint32Array.of(0, 1, 700, 4590);
    const { columns, indptr, indices, values } = await combat.logCounts(rows, {});
    expect(columns).toBe(25454);
    for (let cell = 0; cell < rows.length; cell++) {
      const own = values.subarray(indptr[cell], indptr[cell + 1]);
      expect(own.reduce((sum, value) => sum + Math.expm1(value), 0)).toBeCloseTo(10_000, 0);
      const order = indices.subarray(indptr[cell], indptr[cell + 1]);
      expect(order.every((column, i) => i === 0 || column > order[i - 1])).toBe(true);
    }
    expect(indptr[4]).toBe(values.length);
    const cancelled = AbortSignal.abort(new DOMException('no', 'AbortError'));
    await expect(combat.logCounts(rows, { signal: cancelled })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('stops at a cancel and keeps what is done', async () => {
    const controller = new AbortController();
    const { results, complete } = await runEmbedding({
      dataset: combat,
      compute,
      rows: await combat.select({ kind: 'first', count: 600 }),
      pooling: 'gene_mean',
      tokensPerSecond: null,
      signal: controller.signal,
      onBatch: () => controller.abort(),
    });
    expect(complete).toBe(false);
    expect(results.rows.length).toBeGreaterThan(0);
    expect(results.rows.length).toBeLessThan(600);
    expect(results.embedding.length).toBe(results.rows.length * results.dimension);
  });

  it('names the top genes of a cell and the expression of one', async () => {
    const [first, second] = await combat.topGenes(1500, 2);
    expect(first).toMatchObject({ rank: 1 });
    expect(first.ensemblId).toMatch(/^ENSG/);
    expect(second.count).toBeGreaterThan(0);
    const value = await combat.geneExpression(first.symbol, Uint32Array.of(1500));
    expect(value[0]).toBeGreaterThan(0);
    await expect(combat.geneExpression('no such gene', Uint32Array.of(1))).rejects.toMatchObject({
      code: 'unknown-gene',
    });
  });
});

/** The same counts under other genes' names: a fixed permutation of every var table. */
function withShuffledGenes(dataset: Dataset): Dataset {
  const permuted = <T>(values: readonly T[]): T[] =>
    values.map((_, i) => values[(i * 7919 + 12) % values.length]);
  return {
    ...dataset,
    varNames: async (matrix) => permuted(await dataset.varNames(matrix)),
    varColumns: async () => [],
  };
}
