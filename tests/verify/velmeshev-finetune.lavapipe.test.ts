import { expect, it } from 'vitest';
import { defaultStudy, finetuneDefaults } from '../../src/run/train-defaults.ts';
import { describeShared, sharedPath } from '../support/shared.ts';
import { finetuned } from './support/finetune.ts';

/** Without TEDDY_VERIFY=1: a few cells a donor and the head alone, once. */
const FORM =
  process.env.TEDDY_VERIFY === '1'
    ? ({ count: 690, trainable: { kind: 'last-layers', layers: 1 }, epochs: 2 } as const)
    : ({ count: 46, trainable: { kind: 'heads' }, epochs: 1 } as const);
const AUTISM = 'autism spectrum disorder';

/**
 * Autism or control on the six donors that the embedded model never saw, which no method tells apart in these cell
 * types; some minutes on two processor cores. The other seventeen donors are marked as seen: they train or decide.
 */
describeShared('fine-tuning on Velmeshev', () => {
  it('ends inside the null of permuted donors, and says what that means', async () => {
    const study = {
      ...defaultStudy('velmeshev', [sharedPath('data', 'disease', 'velmeshev_asd_pfc_23donors_raw.h5ad')]),
      donorColumn: 'donor_id',
      cellTypeColumn: 'cell_type',
      labels: { disease: { column: 'disease', table: { normal: 'normal', [AUTISM]: AUTISM } } },
      cells: { kind: 'random', count: FORM.count, seed: 1, balanceBy: 'donor_id' },
    } as const;
    const config = {
      ...finetuneDefaults({ name: 'teddy-g-bootstrap', sha256: '' }, 'disease', [study]),
      split: {
        kind: 'donors',
        validation: { velmeshev: ['5408', '5531', '5577', '5841'] },
        test: { velmeshev: ['5144', '5278', '5565', '5864', '5893', '5958'] },
        leftOut: {},
      },
      trainable: FORM.trainable,
      epochs: FORM.epochs,
      batches: { cells: 16, tokens: 4096 },
    } as const;
    const { methods, card } = await finetuned(config, 'disease');
    const [own] = methods;
    const found = own.permutation_null;
    console.log(found);
    expect(own).toMatchObject({ id: 'fine-tuned', donors: 6 });
    expect(found?.p).toBeGreaterThan(0.05);
    const [low, high] = found?.interval_95 ?? [];
    expect(found?.reached).toBeGreaterThanOrEqual(low ?? Number.NaN);
    expect(found?.reached).toBeLessThanOrEqual(high ?? Number.NaN);
    // Two controls among six donors can be dealt in fifteen ways: not even the best answer would be a finding.
    expect(found?.smallest_p).toBeCloseTo(1 / 15, 12);
    expect(card).toContain(
      'These donors cannot show a difference from chance, whatever the figure of the trained model: AUROC',
    );
    expect(card).toContain('These figures describe the tested cells; they are no finding about new donors.');
  }, 3_600_000);
});
