import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    [['embed', 'a']],
    [['embed', 'a', '--out', 'b.zip']],
    [['embed', 'a', '--out', 'b.csv', '--cells', '0']],
    [['embed', 'a', '--out', 'b.csv', '--cells', '5', '--first', '5']],
    [['embed', 'a', '--out', 'b.csv', '--engine', 'cuda']],
    [['embed', 'a', '--out', 'b.csv', '--seed', 'x']],
  ])('refuses %j with its usage', (args) => {
    const { status, stdout, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('teddy-web inspect FILE');
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

  it('warns when the first cells are one donor’s', () => {
    const out = join(folder, 'first.csv');
    const { status, stderr } = run('embed', combat(), '--engine', 'reference', '--first', '2', '--out', out);
    expect(status).toBe(0);
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
