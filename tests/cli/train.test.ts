import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fileBytes } from '../../src/cli/node-environment.ts';
import { openSafetensors } from '../../src/model/safetensors.ts';
import { defaultStudy, pretrainDefaults } from '../../src/run/train-defaults.ts';
import { ownCache } from '../support/own-cache.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

const bin = new URL('../../bin/teddy-web.mjs', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'teddy-train-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    // What is remembered of opened tests is the user's own.
    env: { ...process.env, ...ownCache(join(folder, 'cache')) },
  });
  return { status, stdout, stderr };
}

describeShared('training on the command line', () => {
  const kang = () => sharedPath('data', 'disease', 'kang_harmony_2000_raw.h5ad');
  const checkpoints = join(folder, 'checkpoints');

  it('makes a model from nothing that embeds, and says what it was made of', () => {
    const labels = { stimulation: { column: 'condition', table: { ctrl: 'ctrl', stim: 'stim' } } };
    const study = {
      ...defaultStudy('kang', [kang()]),
      donorColumn: 'donor_id',
      labels,
      cells: { kind: 'random', count: 48, seed: 1, balanceBy: 'donor_id' },
    } as const;
    const shape = {
      modelType: 'teddy_g',
      dModel: 8,
      nHeads: 2,
      dHid: 16,
      nLayers: 1,
      maxPositionEmbeddings: 12,
      layerActivation: 'gelu',
      preNorm: false,
      bins: 0,
    } as const;
    const config = {
      ...pretrainDefaults(
        'tiny',
        { kind: 'new', vocabularyOf: 'teddy-g-bootstrap', shape, annotations: {} },
        [study],
      ),
      epochs: 2,
    };
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify(config));
    const out = join(folder, 'tiny');
    const args = [
      'pretrain',
      '--config',
      file,
      '--out',
      out,
      '--engine',
      'reference',
      '--checkpoints',
      checkpoints,
    ];
    const { status, stdout, stderr } = run(...args, '--json');
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/kang: 48 of 2000 cells/),
    });
    expect(status).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; losses?: { total: number } });
    const losses = events.filter(({ kind }) => kind === 'step').map((event) => event.losses?.total);
    expect(losses.length).toBeGreaterThan(1);
    expect(losses.every((loss) => loss !== undefined && loss > 0)).toBe(true);
    expect(readdirSync(out).sort()).toEqual([
      'README.md',
      'added_tokens.json',
      'config.json',
      'gene_medians.json',
      'model.safetensors',
      'training.json',
      'training_reference.safetensors',
      'vocab.txt',
    ]);
    const record = JSON.parse(readFileSync(join(out, 'training.json'), 'utf8'));
    expect(record.file_sha256.kang['kang_harmony_2000_raw.h5ad']).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(record)).not.toContain(folder);
    expect(record.config.data[0].files).toEqual(['kang_harmony_2000_raw.h5ad']);
    const openings = readdirSync(join(folder, 'cache', 'teddy-web', 'test-openings'));
    const hashes = openings.filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
    expect(hashes.length).toBeGreaterThan(0);
    expect(openings.filter((name) => !hashes.includes(name))).toEqual(['salt.json']);
    expect(existsSync(checkpoints) && readdirSync(checkpoints).length).toBe(0);
    const csv = join(folder, 'cells.csv');
    expect(run('embed', kang(), '--first', '5', '--model', out, '--no-umap', '--out', csv).status).toBe(0);
    expect(readFileSync(csv, 'utf8')).toMatch(/stimulation/);

    // The folder is full now: refused before anything is read.
    const again = run(...args);
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/tiny exists: name another folder/);
  });

  it('writes the configuration that options mean', () => {
    const file = join(folder, 'finetune.json');
    const options = ['--label', 'condition', '--train', 'last:2', '--epochs', '4', '--test', '101,107'];
    options.push('--genes', '512');
    const { status, stderr } = run('finetune', kang(), ...options, '--write-config', file);
    expect(stderr).toMatch(/train with --config/);
    expect(status).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      objective: { kind: 'finetune', annotation: 'condition', otherHeads: 'drop' },
      base: { name: 'teddy-g-bootstrap', maxPositionEmbeddings: 512 },
      split: { kind: 'donors', test: { kang_harmony_2000_raw: ['101', '107'] } },
      trainable: { kind: 'last-layers', layers: 2 },
      epochs: 4,
      data: [{ donorColumn: 'donor_id', cellTypeColumn: 'cell_type' }],
    });
  });

  it('refuses fewer genes than the base reads, and writes nothing', () => {
    const file = join(folder, 'fewer.json');
    const options = ['--label', 'condition', '--genes', '100', '--write-config', file];
    const { status, stderr } = run('finetune', kang(), ...options);
    expect(stderr).toMatch(/eddy-g-bootstrap reads 256 genes of a cell, and 100 are asked for/);
    expect([status, existsSync(file)]).toEqual([1, false]);
  });

  it('writes tokens', async () => {
    const out = join(folder, 'tokens.safetensors');
    expect(run('tokenize', kang(), '--first', '7', '--out', out).status).toBe(0);
    const file = await openSafetensors(await fileBytes(out));
    expect(file.entries.get('cu_seqlens')?.shape).toEqual([8]);
    const ends = await file.readNumbers('cu_seqlens');
    expect(file.entries.get('gene_ids')?.shape).toEqual([ends[7]]);
    expect(Array.from(await file.readNumbers('rows'))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});
