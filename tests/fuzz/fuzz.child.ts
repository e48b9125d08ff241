import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCorpus, type Seed, writeCorpus } from './corpus.ts';
import { type FuzzInput, fuzzInput, soundInput } from './fuzz-input.ts';
import { type Reading, readWhole } from './read-whole.ts';

/**
 * Run by scripts/lib/fuzz-run.mjs. `write FOLDER` makes the seeds; `read FOLDER SCRATCH SEED FROM TO [FAMILY]`
 * opens inputs FROM … TO − 1 and prints a line before and after each, so that whoever watches knows at which
 * one the process hung or died, and ends by itself once the HDF5 library has broken down. `keep FOLDER OUT SEED
 * INDEX INDEX [FAMILY]` writes one input's files.
 */
const say = (line: unknown) =>
  new Promise((resolve) => process.stdout.write(`${JSON.stringify(line)}\n`, resolve));

/** Whether the counts are those of the sound seed; null where nothing was opened. */
async function compared(
  input: FuzzInput,
  { outcome, digest }: Reading,
  scratch: string,
): Promise<boolean | null> {
  return outcome === 'opened' ? digest === (await soundDigest(input.seed, scratch)) : null;
}

const digests = new Map<Seed, string>();
async function soundDigest(seed: Seed, scratch: string): Promise<string> {
  const known = digests.get(seed);
  if (known !== undefined) return known;
  const { outcome, detail, digest } = await readWhole(
    soundInput(seed),
    join(scratch, seed.family, seed.name),
  );
  if (outcome !== 'opened') throw new Error(`the seed ${seed.family}/${seed.name} is not sound: ${detail}`);
  digests.set(seed, digest);
  return digest;
}

async function readAll(
  folder: string,
  scratch: string,
  seed: number,
  from: number,
  to: number,
  family?: string,
) {
  const corpus = readCorpus(folder);
  for (const sound of corpus) {
    if (family === undefined || sound.family === family) await soundDigest(sound, scratch);
  }
  for (let index = from; index < to; index++) {
    const input = fuzzInput(corpus, seed, index, family);
    await say({ index, seed: `${input.seed.family}/${input.seed.name}`, checksummed: input.checksummed });
    // HDF5 knows a file by its inode, and keeps one open that it could not close: each input is a new file.
    const reading = await readWhole(input, join(scratch, String(index)));
    const { outcome, detail } = reading;
    await say({ index, outcome, detail, same: await compared(input, reading, scratch) });
    if (detail === 'crashed') return;
  }
}

function keep(folder: string, out: string, seed: number, index: number, family?: string): void {
  mkdirSync(out, { recursive: true });
  for (const [path, bytes] of fuzzInput(readCorpus(folder), seed, index, family).files) {
    writeFileSync(join(out, `${index}-${path}`), bytes);
  }
}

const [command, folder, other, seed, from, to, family] = process.argv.slice(2);
if (command === 'write') await writeCorpus(folder);
else if (command === 'keep') keep(folder, other, Number(seed), Number(from), family);
else await readAll(folder, other, Number(seed), Number(from), Number(to), family);
process.exit(0);
