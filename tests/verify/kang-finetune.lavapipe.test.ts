import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { embeddedModelFolder } from '../../src/cli/node-environment.ts';
import { train } from '../../src/cli/train.ts';
import { defaultStudy, finetuneDefaults } from '../../src/run/train-defaults.ts';
import { gpuOn } from '../engine/webgpu/support/adapter.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const whole = process.env.TEDDY_VERIFY === '1';

interface Compared {
  readonly id: string;
  readonly name: string;
  readonly n: number;
  readonly donors: number;
  readonly accuracy: number;
}

/** Without TEDDY_VERIFY=1: few cells and the head alone, for the line from file to test. */
const SHORT = {
  cells: { kind: 'random', count: 64, seed: 1, balanceBy: 'donor_id' },
  trainable: { kind: 'heads' },
} as const;

/** Stimulated by interferon beta or not, on three donors nobody learned from; half an hour on two processor cores. */
describeShared('fine-tuning on Kang', () => {
  it('tells stimulated cells of new donors, as well as a regression on expression', async () => {
    await gpuOn('lavapipe');
    const folder = mkdtempSync(join(tmpdir(), 'teddy-kang-'));
    try {
      const study = {
        ...defaultStudy('kang', [sharedPath('data', 'disease', 'kang_harmony_2000_raw.h5ad')]),
        donorColumn: 'donor_id',
        cellTypeColumn: 'cell_type',
        labels: { stimulation: { column: 'condition', table: { ctrl: 'ctrl', stim: 'stim' } } },
        ...(whole ? {} : { cells: SHORT.cells }),
      };
      const defaults = finetuneDefaults({ name: 'teddy-g-bootstrap', sha256: '' }, 'stimulation', [study]);
      const config = {
        ...defaults,
        split: {
          kind: 'donors',
          validation: { kang: ['1256'] },
          test: { kang: ['101', '107', '1039'] },
          leftOut: {},
        },
        epochs: whole ? 4 : 1,
        ...(whole ? {} : { trainable: SHORT.trainable }),
        batches: { cells: 16, tokens: 4096 },
        expressionBaseline: true,
      };
      writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
      const request = {
        command: 'finetune',
        source: { kind: 'config', path: join(folder, 'config.json') },
        data: null,
        model: embeddedModelFolder(),
        out: join(folder, 'model'),
        engine: 'webgpu',
        sweep: { lambdas: [], shares: [], seeds: [] },
        resume: false,
        json: false,
        checkpoints: join(folder, 'checkpoints'),
        writeConfig: null,
        typed: 'npx teddy-web finetune --config config.json',
      } as const;
      await train(request, new AbortController().signal);
      const record = JSON.parse(readFileSync(join(folder, 'model', 'training.json'), 'utf8'));
      const methods = record.held_out_methods.stimulation as Compared[];
      console.log(
        methods
          .map(({ name, accuracy, n, donors }) => `${name}: ${accuracy} (n = ${n}, ${donors} donors)`)
          .join('\n'),
      );
      const of = (id: string) => methods.find((method) => method.id === id)?.accuracy ?? Number.NaN;
      expect(methods[0].donors).toBe(3);
      for (const id of ['fine-tuned', 'probe', 'expression']) expect(of(id)).toBeLessThanOrEqual(1);
      if (!whole) return;
      expect(of('fine-tuned')).toBeGreaterThanOrEqual(0.93);
      expect(of('fine-tuned')).toBeGreaterThanOrEqual(of('probe') - 0.02);
      expect(of('fine-tuned')).toBeGreaterThanOrEqual(of('expression') - 0.02);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 14_400_000);
});
