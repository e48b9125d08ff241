import { expect, it } from 'vitest';
import { nodeRuntime } from '../../src/cli/h5-runtime-node.ts';
import { openH5ad } from '../../src/data/h5ad/open-h5ad.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const runtime = nodeRuntime();

describeShared('the COMBAT file', () => {
  it('opens lazily: cells, genes, obs, var and rows', async () => {
    const dataset = await openH5ad(sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad'), runtime);
    expect([dataset.nObs, dataset.nVars, dataset.fileName]).toEqual([
      4591,
      25454,
      'combat_covid_6donors_raw.h5ad',
    ]);
    const rows = await dataset.rows('X', 0, 256);
    expect(rows.values.subarray(0, rows.indptr[1]).reduce((a, b) => a + b)).toBe(3836);
    expect(dataset.obsColumns).toContain('donor_id');
    const donors = await dataset.obs('donor_id');
    expect(donors.kind === 'categorical' && donors.categories).toHaveLength(6);
    expect((await dataset.varNames('X'))[0]).toMatch(/^ENSG/);
    dataset.close();
  });
});
