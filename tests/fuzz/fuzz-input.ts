import { gzipSync, zipSync } from 'fflate';
import { Random } from '../../src/analysis/random.ts';
import { FAMILIES, type Seed } from './corpus.ts';
import { mutated } from './mutate.ts';

export interface FuzzInput {
  readonly seed: Seed;
  /** Files by path, as they are opened. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/**
 * Input number `index` of a run: families take turns, everything else is drawn from the run's seed and the
 * number alone, so that any input is made again without those before it.
 * @param family only of it, or all
 */
export function fuzzInput(
  corpus: readonly Seed[],
  runSeed: number,
  index: number,
  family?: string,
): FuzzInput {
  const random = new Random(runSeed ^ Math.imul(index + 1, 0x9e3779b9));
  const turn = family ?? FAMILIES[index % FAMILIES.length];
  const seeds = corpus.filter((seed) => seed.family === turn);
  const seed = seeds[random.below(seeds.length)];
  return { seed, files: mutatedFiles(seed, random) };
}

/** The seed itself, as it is opened. */
export function soundInput(seed: Seed): FuzzInput {
  return { seed, files: packed(seed.family, seed.files) };
}

function mutatedFiles(seed: Seed, random: Random): FuzzInput['files'] {
  // Packed files are changed within, else checksums would keep the mutation from everything behind them.
  const within = random.below(2) === 0;
  const first = within ? changedOne(seed.files, random) : seed.files;
  const files = packed(seed.family, first);
  return within ? files : changedOne(files, random);
}

function changedOne(files: FuzzInput['files'], random: Random): FuzzInput['files'] {
  const paths = [...files.keys()];
  const path = paths[random.below(paths.length)];
  return new Map([...files].map(([own, bytes]) => [own, own === path ? mutated(bytes, random) : bytes]));
}

function packed(family: Seed['family'], files: FuzzInput['files']): FuzzInput['files'] {
  if (family === 'zarr-zip') {
    return new Map([['store.zarr.zip', new Uint8Array(zipSync(Object.fromEntries(files), { level: 0 }))]]);
  }
  return new Map(
    [...files].map(([path, bytes]) => [
      path,
      path.endsWith('.gz') ? new Uint8Array(gzipSync(bytes, { mtime: 0 })) : bytes,
    ]),
  );
}
