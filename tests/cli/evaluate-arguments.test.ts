import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/arguments.ts';
import { evaluateRequest } from '../../src/cli/evaluate-arguments.ts';
import { openFineTuned } from '../../src/cli/evaluate-fine-tuned.ts';
import { embeddedModelFolder } from '../../src/cli/node-environment.ts';

describe('the arguments of evaluate', () => {
  it('are none for the embedded model on every question', () => {
    const request = evaluateRequest([]);
    expect(request).toMatchObject({ models: [embeddedModelFolder()], fineTuned: [], cells: null });
    expect(request.only).toContain('kang-pbmc3k');
    expect(request.typed).toBe('npm run evaluate');
  });

  it('name models and fine-tuned ones, and the page repeats them without the folders of a machine', () => {
    const request = evaluateRequest([
      '--models',
      'models/a,/home/me/b,~/x/e',
      '--finetuned',
      '/home/me/c,out/d',
      '--cells',
      '200',
      '--data',
      '/x',
    ]);
    expect(request.models).toEqual(['models/a', '/home/me/b', '~/x/e']);
    expect(request.fineTuned).toEqual(['/home/me/c', 'out/d']);
    expect(request.typed).toBe('npm run evaluate -- --models models/a,b,e --finetuned c,out/d --cells 200');
    expect(evaluateRequest(['--model', 'm']).models).toEqual(['m']);
  });

  it.each([
    [['--model', 'a', '--models', 'b,c']],
    [['--models', 'a,']],
    [['--finetuned', '']],
    [['--only', 'kang-stimulation,nothing']],
  ])('%j are refused', (args) => {
    expect(() => evaluateRequest(args)).toThrow(UsageError);
  });

  it('take no model that a fine-tuning did not make', () => {
    expect(() => openFineTuned(embeddedModelFolder())).toThrow(UsageError);
    const folder = mkdtempSync(join(tmpdir(), 'teddy-evaluate-'));
    try {
      writeFileSync(join(folder, 'training.json'), '{');
      expect(() => openFineTuned(folder)).toThrow('is not JSON');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
