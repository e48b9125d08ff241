import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeHostileFiles } from '../support/hostile-files.ts';
import { buildChild, type FileOutcome, openInChild } from '../support/open-in-child.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const LIMIT_MS = 20_000;
const bin = new URL('../../bin/teddy-web.mjs', import.meta.url).pathname;

describeShared('every file of formats and demo', () => {
  it('ends as the table says within its time; none hangs, none breaks the process', async () => {
    const paths = ['formats', 'demo'].flatMap((folder) =>
      readdirSync(sharedPath('data', folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    );
    const outcomes = await openInChild(await buildChild(), paths, LIMIT_MS);
    expect(outcomes.filter(({ message }) => message.trim() === '')).toEqual([]);
    const lines = outcomes.map(({ path, outcome }) => `${relative(sharedPath('data'), path)}\t${outcome}\n`);
    await expect(lines.sort().join('')).toMatchFileSnapshot('./file-outcomes.tsv');
  }, 400_000);
});

/** What files made to do harm end in: an error of this code, or opened with this reason. */
const HOSTILE: readonly (readonly [file: string, outcome: string | RegExp, sentence: RegExp])[] = [
  ['sound.h5ad', 'opened', /whole numbers/],
  ['soft_link_loop.h5ad', 'corrupt', /^X cannot be read: too many links/],
  ['soft_link_to_itself.h5ad', 'corrupt', /^X cannot be read: too many links/],
  ['hard_link_loop.h5ad', 'opened', /whole numbers, library sizes 3–9/],
  ['external_link.h5ad', 'unsupported-format', /^X lies in another file \(.*secret\.bin\.h5\)/],
  ['external_link_absolute.h5ad', 'unsupported-format', /^X lies in another file \(\/etc\/passwd\)/],
  ['external_storage.h5ad', 'unsupported-format', /^X lies in another file \(.*secret\.bin\)/],
  ['virtual.h5ad', 'unsupported-format', /^X lies in another file \(.*secret\.bin\.h5\)/],
  ['secret.bin', 'not-a-dataset', /no file we know/],
  ['secret.bin.h5', 'not-anndata', /no obs and var/],
  ['dense_wider_than_var.h5ad', 'bad-shape', /X has the shape 3 × 1000000000/],
  ['unwritten_dense_1e10.h5ad', 'opened', /No matrix holds raw counts \(X: only zeros\)/],
  ['unwritten_sparse_3e11.h5ad', 'too-large', /X\/indices holds 300000000000 values/],
  ['unwritten_names_1e10.h5ad', 'too-large', /obs claims 10000000000 rows/],
  ['indptr_descends.h5ad', 'bad-index', /X\/indptr descends at 2/],
  ['indptr_beyond.h5ad', 'bad-shape', /X\/indptr ends at 50/],
  ['indptr_negative.h5ad', 'bad-index', /X\/indptr descends at 1/],
  ['indptr_starts_late.h5ad', 'bad-index', /X\/indptr starts at 2/],
  ['indptr_short.h5ad', 'bad-shape', /X\/indptr has 3 entries for 3 rows/],
  ['index_beyond.h5ad', 'bad-index', /X names column 4 of 4/],
  ['index_negative.h5ad', 'bad-index', /X names column -1 of 4/],
  ['indices_unsorted_twice.h5ad', 'opened', /library sizes 3–9/],
  ['data_short.h5ad', 'bad-shape', /X has 3 values but 5 indices/],
  ['shape_lies.h5ad', 'bad-shape', /X\/indptr has 4 entries for 30 rows/],
  ['shape_negative.h5ad', 'bad-shape', /no usable shape \(-3 × 4\)/],
  ['nan.h5ad', 'opened', /No matrix holds raw counts .*NaN/],
  ['infinite.h5ad', 'opened', /No matrix holds raw counts .*infinite/],
  ['negative.h5ad', 'opened', /No matrix holds raw counts .*negative/],
  ['names_twice.h5ad', 'opened', /whole numbers/],
  ['no_cells.h5ad', 'opened', /no cells/],
  ['no_genes.h5ad', 'opened', /only zeros/],
  ['neither.h5ad', 'opened', /no cells/],
  ['bomb_of_zeros.h5ad.gz', 'unsupported-format', /gzip file with something we do not know/],
  // On a busy machine the time is up before the limit of bytes is met.
  ['bomb_of_hdf5.h5ad.gz', /^(too-large|timeout)$/, /^(the gzip file holds more than 2,048 MiB.*)?$/],
  ['matrix.mtx.gz', 'missing-parts', /without the list of barcodes/],
  ['bomb_of_metadata.zarr.zip', 'too-large', /obs\/\.zgroup is too large for metadata/],
];

describe('files made to do harm', () => {
  const folder = mkdtempSync(join(tmpdir(), 'teddy-hostile-'));
  let outcomes: ReadonlyMap<string, FileOutcome>;
  beforeAll(async () => {
    await writeHostileFiles(folder);
    const paths = HOSTILE.map(([file]) => join(folder, file));
    const found = await openInChild(await buildChild(), paths, LIMIT_MS);
    outcomes = new Map(found.map((outcome) => [relative(folder, outcome.path), outcome]));
  }, 400_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('have each a line in the table', () => {
    expect(readdirSync(folder).sort()).toEqual(HOSTILE.map(([file]) => file).sort());
  });

  it.each(HOSTILE)('%s: %s', (file, outcome, sentence) => {
    expect(outcomes.get(file)).toMatchObject({
      outcome: typeof outcome === 'string' ? outcome : expect.stringMatching(outcome),
      message: expect.stringMatching(sentence),
    });
  });

  it.each([
    'external_storage.h5ad',
    'soft_link_loop.h5ad',
    'unwritten_sparse_3e11.h5ad',
    'bomb_of_hdf5.h5ad.gz',
    'bomb_of_metadata.zarr.zip',
    'indptr_descends.h5ad',
  ])('inspect --json answers %s with one error', (file) => {
    const began = performance.now();
    const { status, stdout } = spawnSync(process.execPath, [bin, 'inspect', join(folder, file), '--json'], {
      encoding: 'utf8',
    });
    console.log(`inspect ${file}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ error: expect.stringMatching(/^[A-Z].*\.$/) });
  });
});
