import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { nodeDatasetEnvironment } from '../src/cli/node-environment.ts';
import { memorySource } from '../src/model/memory-source.ts';
import type { PackageSource } from '../src/model/package-source.ts';
import { SPECIAL_TOKENS } from '../src/model/synthetic.ts';
import { LocalDatasetService } from '../src/run/dataset-service.ts';
import { POSITIONS } from '../src/speed/model-shapes.ts';

/** Tokens of some cells of a dataset, in random order. */
export interface LengthMix {
  readonly name: string;
  readonly lengths: readonly number[];
}

/** Enough for every scale of the bench. */
const CELLS = 256;

const FILES = [
  { name: 'COMBAT', path: 'data/disease/combat_covid_6donors_raw.h5ad' },
  { name: 'Velmeshev', path: 'data/disease/velmeshev_asd_pfc_23donors_raw.h5ad' },
  { name: 'pbmc3k', path: 'data/demo/pbmc3k_2638x13714_raw_counts_recovered.h5ad' },
] as const;

/**
 * Lengths of random cells of real files, by our tokenizer, for a vocabulary of all human genes and 2,048
 * positions; where the files are not at hand, of the sample alone. Last the made-up deep mix.
 */
export async function realMixes(shared: string, sample: string): Promise<LengthMix[]> {
  const there = FILES.map(({ name, path }) => ({ name, path: join(shared, path) })).filter(({ path }) =>
    existsSync(path),
  );
  const mixes: LengthMix[] = [];
  for (const { name, path } of there.length > 0 ? there : [{ name: 'COMBAT sample', path: sample }])
    mixes.push({ name, lengths: await lengthsOf(path) });
  return [...mixes, { name: 'deep', lengths: deepMix(CELLS) }];
}

async function lengthsOf(path: string): Promise<number[]> {
  const environment = nodeDatasetEnvironment();
  const genes = await allGenes(environment.readAsset);
  const service = new LocalDatasetService({
    ...environment,
    openSource: async () => ({ source: genes, sha256: null }),
  });
  const { counts } = await service.open(path, {});
  if (counts === null) throw new Error(`${path} has no counts`);
  await service.preflight({ kind: 'directory', path: 'all genes' }, counts, {});
  const rows = await service.select({ kind: 'random', count: CELLS, seed: 5, balanceBy: null });
  const { cuSeqlens } = await service.tokenize(rows, {});
  await service.close();
  const lengths = Array.from(rows, (_, cell) => cuSeqlens[cell + 1] - cuSeqlens[cell]);
  return shuffled(lengths.filter((length) => length > 0));
}

/** A package without weights whose vocabulary has every human gene with an Ensembl id. */
async function allGenes(readAsset: (path: string) => Promise<Uint8Array>): Promise<PackageSource> {
  const table = gunzipSync(await readAsset('genes/human.tsv.gz')).toString('utf8');
  const ids = [...new Set(table.match(/ENSG\d{11}/g))];
  const config = {
    ...{ model_type: 'teddy_g', ntoken: ids.length + SPECIAL_TOKENS.length, d_model: 8, nheads: 1, d_hid: 8 },
    ...{ nlayers: 1, max_position_embeddings: POSITIONS },
  };
  const files: Readonly<Record<string, string>> = {
    'config.json': JSON.stringify(config),
    'vocab.txt': `${ids.join('\n')}\n`,
    'added_tokens.json': JSON.stringify(
      Object.fromEntries(SPECIAL_TOKENS.map((token, i) => [token, ids.length + i])),
    ),
    'gene_medians.json': JSON.stringify(Object.fromEntries(ids.map((id) => [id, 1]))),
  };
  return {
    name: 'all genes',
    list: async () => Object.keys(files),
    open: async (path) => memorySource(new TextEncoder().encode(files[path])),
  };
}

/**
 * Deep sequencing: 46 % of cells at the cap of 2,048, the others evenly spread from 1,685 to 2,047, so that
 * the mean is 1,950, as in the PBMC of Hao et al. 2021. There is little padding to save.
 */
export function deepMix(cells: number): number[] {
  const capped = Math.round(0.46 * cells);
  const rest = cells - capped;
  return shuffled(
    Array.from({ length: cells }, (_, i) =>
      i < capped ? POSITIONS : 1685 + Math.round((362 * (i - capped)) / Math.max(1, rest - 1)),
    ),
  );
}

/** The same order every time. */
function shuffled(values: readonly number[]): number[] {
  const out = [...values];
  let state = 5;
  for (let i = out.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}
