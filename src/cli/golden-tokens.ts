import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseCounts } from '../data/choose-counts.ts';
import { openDataset } from '../data/open.ts';
import type { Engine } from '../engine/engine.ts';
import { argmaxRows } from '../engine/predictions.ts';
import type { ModelPackage } from '../model/package.ts';
import { mapColumns } from '../run/gene-columns.ts';
import { continuousRanks, quantileBins } from '../tokenize/binned.ts';
import { GeneTable } from '../tokenize/gene-table.ts';
import { medianFactors, RankValueEncoder } from '../tokenize/rank-value.ts';
import { vocabularyColumns } from '../tokenize/vocabulary-columns.ts';
import {
  type Comparison,
  type GoldenCase,
  type GoldenTensors,
  openFolderPackage,
  packTokens,
  readGoldenTensors,
} from './golden-cases.ts';
import { nodeRuntime } from './h5-runtime-node.ts';

/** `DIR/tokens/*` with `DIR/bootstrap`: real cells from the file to the bootstrap model's answers. */
export function tokenCases(root: string): GoldenCase[] {
  const folder = join(root, 'tokens');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.safetensors'))
    .sort()
    .map((name) => ({
      name: `tokens/${basename(name, '.safetensors')}`,
      tolerance: 2e-3,
      referenceTolerance: 2e-3,
      openPackage: () => openFolderPackage(join(root, 'bootstrap')),
      compare: async (engine, pkg) => {
        const golden = readGoldenTensors(join(folder, name));
        return [...(await compareTokens(root, golden, pkg)), ...(await compareAnswers(engine, golden))];
      },
    }));
}

/** Ids, values, bins and ranks made from the dataset itself: equal to the golden ones bit for bit. */
async function compareTokens(root: string, golden: GoldenTensors, pkg: ModelPackage): Promise<Comparison[]> {
  const path = datasetPath(root, golden.metadata.dataset);
  const dataset = await openDataset(path, nodeRuntime());
  try {
    const { counts: matrix } = await chooseCounts(dataset);
    if (matrix === null) throw new Error(`${path} holds no raw counts`);
    const mapping = await mapColumns(dataset, matrix, await readGeneTable());
    const columnIds = vocabularyColumns(mapping.ensembl, pkg.vocabulary);
    const factors = medianFactors(pkg.vocabulary.tokens(), pkg.medians);
    const encoder = new RankValueEncoder(columnIds, factors);
    const made = {
      gene_ids: [] as number[],
      values: [] as number[],
      bins51: [] as number[],
      ranks: [] as number[],
    };
    const lengths: number[] = [];
    for (const row of golden.get('rows')) {
      const cell = encoder.encode(await dataset.rows(matrix, row, row + 1), 0);
      const n = cell.geneIds.length;
      lengths.push(n);
      made.gene_ids.push(...cell.geneIds);
      made.values.push(...Float32Array.from(cell.values));
      const column = new Float32Array(n);
      quantileBins(cell.values, 51, column);
      made.bins51.push(...column);
      continuousRanks(n, column);
      made.ranks.push(...column);
    }
    return Object.entries({ lengths, ...made }).map(([tensor, actual]) => ({
      tensor,
      actual,
      golden: golden.get(tensor),
      exact: true,
    }));
  } finally {
    dataset.close();
  }
}

/** Embeddings and logits of the bootstrap model for the golden ids, cut to its positions. */
async function compareAnswers(engine: Engine, golden: GoldenTensors): Promise<Comparison[]> {
  const positions = engine.config.maxPositionEmbeddings;
  const lengths = golden.get('lengths');
  const ids = golden.get('gene_ids');
  const kept: number[] = [];
  let start = 0;
  for (const length of lengths) {
    kept.push(...ids.subarray(start, start + Math.min(length, positions)));
    start += length;
  }
  const batch = packTokens(
    kept,
    lengths.map((length) => Math.min(length, positions)),
  );
  const mean = await engine.encode(batch, { pooling: 'gene_mean' });
  const first = await engine.encode(batch, { pooling: 'first_gene' });
  const comparisons: Comparison[] = [
    { tensor: 'pool.gene_mean', actual: mean.embedding, golden: golden.get('pool.gene_mean') },
    { tensor: 'pool.first_gene', actual: first.embedding, golden: golden.get('pool.first_gene') },
  ];
  for (const [name, classes] of Object.entries(engine.config.annotations)) {
    const tensor = `logits.${name}`;
    const expected = golden.get(tensor);
    comparisons.push(
      { tensor, actual: mean.logits[name], golden: expected },
      {
        tensor: `argmax of ${tensor}`,
        actual: argmaxRows(mean.logits[name], classes.length),
        golden: argmaxRows(expected, classes.length),
        exact: true,
      },
    );
  }
  return comparisons;
}

/** The file of a token case: beside the fixtures, else in the shared folder. */
function datasetPath(root: string, dataset: string): string {
  const shared = process.env.TEDDY_SHARED ?? join(process.cwd(), '..', 'shared');
  const places = [join(root, '..', 'data', dataset), join(shared, 'data', dataset)];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`the dataset ${dataset} is not there`);
  return found;
}

/** The gene table that ships with the page, from the package this command line belongs to. */
async function readGeneTable(): Promise<GeneTable> {
  let folder = dirname(fileURLToPath(import.meta.url));
  let path = join(folder, 'public', 'genes', 'human.tsv.gz');
  while (!existsSync(path) && dirname(folder) !== folder) {
    folder = dirname(folder);
    path = join(folder, 'public', 'genes', 'human.tsv.gz');
  }
  return GeneTable.read(new Uint8Array(readFileSync(path)));
}
