import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { buildChild, openInChild } from '../support/open-in-child.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

/** Outcomes the CVE files may have: an error in words. None hangs or breaks the process (HDF5 2.0.0). */
const IN_WORDS = ['not-anndata', 'corrupt', 'truncated', 'not-a-dataset'];

describeShared('the CVE files of HDF5', () => {
  it('each ends in one DataError, none hangs', async () => {
    const folder = sharedPath('data', 'formats', 'hdf5_hostile');
    const paths = readdirSync(folder).map((name) => sharedPath('data', 'formats', 'hdf5_hostile', name));
    const outcomes = await openInChild(await buildChild(), paths, 20_000);
    expect(outcomes).toHaveLength(paths.length);
    expect(outcomes.length).toBeGreaterThan(60);
    expect(outcomes.filter(({ outcome, message }) => !IN_WORDS.includes(outcome) || message === '')).toEqual(
      [],
    );
  }, 180_000);
});
