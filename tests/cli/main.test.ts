import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeShared, sharedPath } from '../support/shared.ts';

const bin = new URL('../../bin/teddy-web.mjs', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'teddy-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const combat = () => sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');

/** Rows of a CSV without quoted fields in the columns looked at. */
function columnOf(csv: string, name: string): string[] {
  const [header, ...lines] = csv.trimEnd().split('\r\n');
  const at = header.split(',').indexOf(name);
  return lines.map((line) => line.split(',')[at]);
}

describe('the command line', () => {
  it('says how it is used, and its version', () => {
    expect(run('help')).toMatchObject({ status: 0, stdout: expect.stringContaining('teddy-web embed FILE') });
    expect(run('--version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    [[]],
    [['nope']],
    [['inspect']],
    [['inspect', 'a', '--bogus']],
    [['inspect', 'a', '--model', 'b']],
    [['embed', 'a']],
    [['embed', 'a', '--out', 'b.zip']],
    [['embed', 'a', '--out', 'b.csv', '--whole']],
    [['embed', 'a', '--out', 'b.csv', '--cells', '0']],
    [['embed', 'a', '--out', 'b.csv', '--cells', '5', '--first', '5']],
    [['embed', 'a', '--out', 'b.csv', '--engine', 'cuda']],
    [['embed', 'a', '--out', 'b.csv', '--seed', 'x']],
    [['embed', 'a', '--out', 'b.csv', '--precision', 'int4']],
    [['probe', 'a']],
    [['probe', 'a', '--label', 'b', '--split', 'halves']],
    [['probe', '--apply', 'p.safetensors', 'a']],
    [['pretrain']],
    [['pretrain', 'a']],
    [['finetune', 'a', '--label', 'b', '--data', 'c']],
    [['finetune', 'a']],
    [['finetune', 'a', '--label', 'b', '--train', 'last']],
    [['finetune', 'a', '--label', 'b', '--learning-rate', '-1']],
    [['finetune', '--config', 'a', '--epochs', '2']],
    [['tokenize', 'a', '--out', 'b.csv']],
    [['evaluate', '--only', 'nothing']],
    [['evaluate', '--model', 'a', '--models', 'b,c']],
    [['evaluate', '--finetuned', '']],
    [['audit']],
    [['audit', 'a', '--sketch', 'b']],
    [['sketch', '--out', 'b.safetensors']],
    [['sketch', 's=a']],
    [['sketch', 's=a', '--out', 'b.h5ad']],
  ])('refuses %j with its usage', (args) => {
    const { status, stdout, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('teddy-web inspect FILE');
  });

  it.each([
    [['inspect', '--json']],
    [['inspect', 'a', '--json', '--bogus']],
    [['inspect', '--json', 'a', '--model', 'b']],
    [['inspect', '--json', 'a', '--genes', '/nowhere/genes.tsv']],
    [['audit', '--json']],
    [['audit', 'missing.h5ad', '--json']],
  ])('answers %j with one error as JSON', (args) => {
    const { status, stdout } = run(...args);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ error: expect.stringMatching(/^(?!.*Infinity).{10,}/) });
  });

  it('answers files it cannot read with one error and nothing else on stdout', () => {
    const odd = join(folder, 'odd.h5ad');
    writeFileSync(
      odd,
      Uint8Array.from({ length: 5000 }, (_, i) => (i * 71) % 256),
    );
    const empty = mkdtempSync(join(folder, 'empty-'));
    for (const files of [
      [odd],
      [join(folder, 'missing.h5ad')],
      [empty],
      [odd, join(folder, 'missing.h5ad')],
    ]) {
      const { status, stdout } = run('inspect', ...files, '--json');
      expect(status).toBe(1);
      expect(Object.keys(JSON.parse(stdout))).toEqual(['error']);
    }
    const out = join(folder, 'never.h5ad');
    expect(run('embed', odd, '--out', out).status).toBe(1);
    expect(existsSync(out)).toBe(false);
  });

  it('never writes over the file it reads, and says at once that a folder is missing', () => {
    const read = join(folder, 'read.h5ad');
    writeFileSync(read, 'cells');
    const linked = join(folder, 'linked.h5ad');
    symlinkSync(read, linked);
    expect(run('embed', read, '--out', linked)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is the file that is read'),
    });
    expect(readFileSync(read, 'utf8')).toBe('cells');
    expect(run('embed', read, '--out', join(folder, 'nowhere', 'x.csv'))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/nowhere does not exist/),
    });
  });
});

describeShared('the command line on real files', () => {
  it.each([
    ['zarr', ['demo/10x_pbmc68k_reduced.zarr.zip'], { format: 'zarr', n_obs: 700, counts: 'layers/counts' }],
    [
      '10x',
      ['formats/tenx/generated_combat_H00049_10x_v3.h5'],
      { format: '10x-h5', n_obs: 800, first_cell_sum: 3836 },
    ],
    [
      'mtx',
      ['barcodes.tsv', 'genes.tsv', 'matrix.mtx'].map(
        (part) => `formats/tenx/10x_data__1.2.0__filtered_gene_bc_matrices__hg19_chr21__${part}`,
      ),
      { format: 'mtx', n_obs: 12, n_vars: 343, first_cell_sum: 1 },
    ],
    [
      'samples',
      ['disease/kang_harmony_2000_raw.h5ad', 'disease/velmeshev_asd_pfc_23donors_raw.h5ad'],
      { format: 'h5ad', n_obs: 8111, counts: 'X', first_cell_sum: 2762 },
    ],
  ])('inspects %s', (_name, files, found) => {
    const { status, stdout } = run('inspect', ...files.map((file) => sharedPath('data', file)), '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject(found);
  });

  it('inspects COMBAT', () => {
    const { status, stdout } = run('inspect', combat(), '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'h5ad',
      n_obs: 4591,
      n_vars: 25454,
      counts: 'X',
      first_cell_sum: 3836,
      obs: expect.arrayContaining(['donor_id', 'disease']),
    });
  });

  it('writes what became of every gene', () => {
    const out = join(folder, 'genes.tsv');
    const { status, stdout } = run('inspect', combat(), '--json', '--genes', out);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ genes_mapped: 25_427, offers: [], note: null });
    const [header, ...lines] = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(header.split('\t').slice(0, 3)).toEqual(['column', 'name', 'ensembl_id']);
    expect(lines).toHaveLength(25_454);
    expect(lines.filter((line) => line.endsWith('\tyes'))).toHaveLength(15_204);
    expect(lines.filter((line) => line.includes('\tnot found\t'))).toHaveLength(27);
  });

  it('reads counts recovered from logarithms only when asked to', () => {
    const logged = sharedPath('data', 'formats', 'generated', '10_lognorm_only.h5ad');
    const out = join(folder, 'recovered.csv');
    const { status, stderr } = run('embed', logged, '--first', '2', '--no-umap', '--out', out);
    expect(status).toBe(1);
    expect(stderr).toContain("--matrix 'X:expm1'");
    expect(existsSync(out)).toBe(false);
  });

  it('embeds the same cells, drawn equally from the donors, to the same numbers each time', () => {
    const [one, two] = [join(folder, 'one.csv'), join(folder, 'two.csv')];
    for (const out of [one, two]) {
      const { status, stderr } = run(
        ...['embed', combat(), '--engine', 'wasm', '--cells', '12', '--seed', '5', '--out', out],
      );
      expect(stderr).toContain('cells/s');
      expect(status).toBe(0);
    }
    const text = readFileSync(one, 'utf8');
    expect(readFileSync(two, 'utf8')).toBe(text);
    const rows = columnOf(text, 'teddy_row').map(Number);
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
    const perDonor = new Map<string, number>();
    for (const donor of columnOf(text, 'donor_id')) perDonor.set(donor, (perDonor.get(donor) ?? 0) + 1);
    expect([...perDonor.values()]).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it('adds the results to a copy of the whole file, and leaves nothing beside it', () => {
    const place = mkdtempSync(join(folder, 'whole-'));
    const out = join(place, 'whole.h5ad');
    const { status, stderr } = run('embed', combat(), '--first', '2', '--no-umap', '--out', out, '--whole');
    expect(status).toBe(0);
    expect(stderr).not.toContain('results alone');
    expect(readdirSync(place)).toEqual(['whole.h5ad']);
    const { stdout } = run('inspect', out, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      n_obs: 4591,
      first_cell_sum: 3836,
      obs: expect.arrayContaining(['donor_id', 'teddy_embedded', 'teddy_disease']),
    });
  });

  it('warns when the first cells are one donor’s, and of a precision the engine has not', () => {
    const out = join(folder, 'first.csv');
    const asked = ['--engine', 'reference', '--precision', 'int8', '--first', '2', '--out', out];
    const { status, stderr } = run('embed', combat(), ...asked);
    expect(status).toBe(0);
    expect(stderr).toContain('8-bit integers');
    expect(stderr).toContain('one donor');
    expect(columnOf(readFileSync(out, 'utf8'), 'teddy_row')).toEqual(['0', '1']);
  });

  it('says what is missing: counts, genes, models', () => {
    const out = join(folder, 'none.csv');
    const noCounts = sharedPath('data', 'demo', '10x_pbmc68k_reduced_new.h5ad');
    expect(run('embed', noCounts, '--out', out)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('No matrix holds raw counts'),
    });
    expect(run('embed', combat(), '--model', folder, '--out', out)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('config.json'),
    });
    expect(existsSync(out)).toBe(false);
  });

  it('audits a file against the model and another file, in words and as JSON', () => {
    const kang = sharedPath('data', 'disease', 'kang_harmony_2000_raw.h5ad');
    const control = sharedPath('data', 'disease', 'kang_ctrl_12261x1287_ensembl_raw.h5ad');
    const words = run('audit', kang, '--against', control);
    expect(words.status).toBe(0);
    expect(words.stdout).toContain('1,676 of 2,000 cells of this file are among the 8,792 cells');
    expect(words.stdout).toContain('954 of 2,000 cells of this file are in kang_ctrl');
    const { status, stdout } = run('audit', kang, '--json');
    expect(status).toBe(0);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({
      cells: 2000,
      groupColumn: 'donor_id',
      other: null,
      modelWithoutSketch: null,
    });
    expect(found.trainingRows.length).toBe(1676);
    expect(found.sentences.length).toBe(2);
  });

  it('makes the sketch of the embedded model again, byte for byte, and refuses what it cannot sketch', () => {
    const model = new URL('../../models/teddy-g-bootstrap', import.meta.url).pathname;
    const out = join(folder, 'training.safetensors');
    const studies = [
      `combat=${combat()}`,
      `velmeshev=${sharedPath('data', 'disease', 'velmeshev_asd_pfc_23donors_raw.h5ad')}`,
      `kang=${sharedPath('data', 'disease', 'kang_harmony_2000_raw.h5ad')}`,
    ];
    expect(run('sketch', ...studies, '--training', model, '--out', out).status).toBe(0);
    expect(readFileSync(out).equals(readFileSync(join(model, 'training_sketch.safetensors')))).toBe(true);

    const never = join(folder, 'never.safetensors');
    expect(run('sketch', `other=${combat()}`, '--training', model, '--out', never)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('was trained on combat, velmeshev, kang, not other'),
    });
    expect(run('sketch', `combat=${combat()}`, '--training', folder, '--out', never).status).toBe(1);
    expect(run('audit', combat(), '--groups', 'no such column')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('no obs column'),
    });
    expect(existsSync(never)).toBe(false);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const out = join(folder, 'interrupted.h5ad');
    const child = spawn(process.execPath, [bin, 'embed', combat(), '--engine', 'wasm', '--out', out], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let told = '';
    child.stderr.on('data', (part: Buffer) => {
      told += part.toString();
      if (told.includes('cells/s')) child.kill('SIGINT');
    });
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    expect(status).toBe(130);
    expect(told).toContain('nothing was written');
    expect(readdirSync(folder).filter((name) => name.includes('interrupted'))).toEqual([]);
  });
});
