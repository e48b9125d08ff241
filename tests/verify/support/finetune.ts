import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { embeddedModelFolder } from '../../../src/cli/node-environment.ts';
import { train } from '../../../src/cli/train.ts';
import type { TrainConfig } from '../../../src/train/config.ts';
import { gpuOn } from '../../engine/webgpu/support/adapter.ts';
import { ownCache } from '../../support/own-cache.ts';
import { sharedPath } from '../../support/shared.ts';

/** A row of `held_out_methods`. */
interface Compared {
  readonly id: string;
  readonly name: string;
  readonly n: number;
  readonly donors: number;
  readonly accuracy: number;
  readonly balanced_accuracy: number;
  readonly permutation_null?: {
    readonly reached: number;
    readonly mean: number;
    readonly interval_95: readonly [number, number];
    readonly p: number;
    readonly smallest_p: number;
  };
}

export interface Finetuned {
  /** The trained model first, on the test donors. */
  readonly methods: readonly Compared[];
  /** README.md of the package. */
  readonly card: string;
}

/** teddy-g-bootstrap fine-tuned on lavapipe as `finetune --config` does it, with nothing kept afterwards. */
export async function finetuned(config: TrainConfig, annotation: string): Promise<Finetuned> {
  await gpuOn('lavapipe');
  const folder = mkdtempSync(join(tmpdir(), 'teddy-finetune-'));
  try {
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    const request = {
      command: 'finetune',
      source: { kind: 'config', path: join(folder, 'config.json') },
      data: sharedPath('data'),
      model: join(dirname(embeddedModelFolder()), 'teddy-g-bootstrap'),
      out: join(folder, 'model'),
      engine: 'webgpu',
      sweep: { lambdas: [], shares: [], seeds: [] },
      resume: false,
      json: false,
      checkpoints: join(folder, 'checkpoints'),
      writeConfig: null,
      typed: 'npx teddy-web finetune --config config.json',
    } as const;
    // What is remembered of opened tests is the user's own.
    Object.assign(process.env, ownCache(folder));
    await train(request, new AbortController().signal);
    const read = (file: string) => readFileSync(join(folder, 'model', file), 'utf8');
    const methods: readonly Compared[] = JSON.parse(read('training.json')).held_out_methods[annotation];
    console.log(
      methods
        .map(({ name, accuracy, n, donors }) => `${name}: ${accuracy} (n = ${n}, ${donors} donors)`)
        .join('\n'),
    );
    return { methods, card: read('README.md') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
