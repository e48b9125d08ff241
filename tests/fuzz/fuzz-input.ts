import { gzipSync, zipSync } from 'fflate';
import { Random } from '../../src/analysis/random.ts';
import { FAMILIES, type Seed } from './corpus.ts';
import { mutated } from './mutate.ts';

export interface FuzzInput {
  readonly seed: Seed;
  /** Files by path, as they are opened. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** True where checksums made before the change lie over the counts. */
  readonly checksummed: boolean;
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
  // Packed files are changed within, else checksums would keep the change from everything behind them.
  const within = random.below(2) === 0;
  const first = within ? changedOne(seed.files, random) : seed.files;
  const files = packed(turn, first);
  return {
    seed,
    files: within ? files : changedOne(files, random),
    // Those of gzip are made after a change within; those of HDF5 and zarr's crc32c are not.
    checksummed: seed.checksummed && !(within && turn === 'mtx'),
  };
}

/** The seed itself, as it is opened. */
export function soundInput(seed: Seed): FuzzInput {
  return { seed, files: packed(seed.family, seed.files), checksummed: seed.checksummed };
}

function changedOne(files: FuzzInput['files'], random: Random): FuzzInput['files'] {
  const paths = [...files.keys()];
  const path = paths[random.below(paths.length)];
  return new Map([...files].map(([own, bytes]) => [own, own === path ? mutated(bytes, random) : bytes]));
}

function packed(family: string, files: FuzzInput['files']): FuzzInput['files'] {
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
