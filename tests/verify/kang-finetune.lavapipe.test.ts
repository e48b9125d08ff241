import { expect, it } from 'vitest';
import { readTrainConfig } from '../../src/cli/train-config.ts';
import { describeShared } from '../support/shared.ts';
import { finetuned } from './support/finetune.ts';

const whole = process.env.TEDDY_VERIFY === '1';

/** What `npm run evaluate` gets its fine-tuned model from, with the same settings. */
const CONFIG = new URL('../../models/training/finetune-kang-stimulation.json', import.meta.url).pathname;

/** Without TEDDY_VERIFY=1: few cells and the head alone, for the line from file to test. */
const SHORT = { trainable: { kind: 'heads' }, epochs: 1 } as const;
const CELLS = { kind: 'random', count: 64, seed: 1, balanceBy: 'donor_id' } as const;

/** Stimulated by interferon beta or not, on three donors nobody learned from; three quarters of an hour on two processor cores. */
describeShared('fine-tuning on Kang', () => {
  it('tells stimulated cells of new donors, as well as a regression on expression', async () => {
    const config = readTrainConfig(CONFIG);
    const short = { ...config, ...SHORT, data: config.data.map((study) => ({ ...study, cells: CELLS })) };
    const { methods } = await finetuned(whole ? config : short, 'stimulation');
    const of = (id: string) => methods.find((method) => method.id === id)?.accuracy ?? Number.NaN;
    expect(methods[0].donors).toBe(3);
    for (const id of ['fine-tuned', 'probe', 'expression']) expect(of(id)).toBeLessThanOrEqual(1);
    if (!whole) return;
    expect(of('fine-tuned')).toBeGreaterThanOrEqual(0.93);
    expect(of('fine-tuned')).toBeGreaterThanOrEqual(of('probe') - 0.02);
    expect(of('fine-tuned')).toBeGreaterThanOrEqual(of('expression') - 0.02);
  }, 14_400_000);
});
