import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeShared, sharedPath } from '../support/shared.ts';

const bin = new URL('../../bin/teddy-web.mjs', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'teddy-probe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** Values of a CSV's column; fields with commas in quotes. */
function columnOf(csv: string, name: string): string[] {
  const rows = csv.trimEnd().split('\r\n');
  const fields = (row: string) =>
    row.match(/("([^"]|"")*"|[^,]*)(,|$)/g)?.map((field) => field.replace(/,$/, '')) ?? [];
  const at = fields(rows[0]).indexOf(name);
  return rows.slice(1).map((row) => fields(row)[at]);
}

describeShared('a probe on the command line', () => {
  const combat = () => sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');
  const first = join(folder, 'first');
  const engine = ['--engine', 'wasm'];

  it('writes report and probe, prints the table, and tests no donor the model has seen', () => {
    const { status, stdout, stderr } = run(
      ...[
        'probe',
        combat(),
        '--label',
        'disease',
        '--cells',
        '90',
        '--permutations',
        '10',
        '--resamples',
        '50',
      ],
      ...['--out', first, '--cache', join(folder, 'cache'), ...engine],
    );
    expect(stderr).toContain('90 of 4591 cells');
    expect(status).toBe(0);
    expect(stdout).toMatch(/45 of 90 labelled cells tested of 3 of 6 donors; 3 donors seen in training/);
    expect(stdout).toContain('commonest class');
    const report = JSON.parse(readFileSync(join(first, 'report.json'), 'utf8'));
    expect(report.evaluation.seenGroups.toSorted()).toEqual(['H00049', 'S00016', 'S00040']);
    expect(report.evaluation.classes).toEqual(['normal', 'COVID-19']);
    expect(report.evaluation.methods.map(({ id }: { id: string }) => id)).toEqual([
      'probe',
      'expression',
      'commonest-class',
      'commonest-of-study',
      'head',
    ]);
    expect(readFileSync(join(first, 'report.html'), 'utf8')).toContain('<svg');
  });

  it('gives the same figures again from the configuration in its report', () => {
    const second = join(folder, 'second');
    const { status, stderr } = run(
      ...['probe', '--config', join(first, 'report.json'), combat(), '--out', second],
      ...['--cache', join(folder, 'cache')],
    );
    expect(stderr).not.toMatch(/differ/);
    expect(status).toBe(0);
    const [one, two] = [first, second].map((place) =>
      JSON.parse(readFileSync(join(place, 'report.json'), 'utf8')),
    );
    expect({ ...two, date: '' }).toEqual({ ...one, date: '' });
    const config = join(folder, 'misspelt.json');
    writeFileSync(config, JSON.stringify({ ...one.config, lable: {} }));
    expect(run('probe', '--config', config, combat())).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('lable'),
    });
  });

  it('applies the saved probe to another file: answers where it has them, reasons elsewhere', () => {
    const out = join(folder, 'applied.csv');
    const probe = join(first, 'disease.probe.safetensors');
    const pbmc3k = sharedPath('data', 'demo', 'pbmc3k_2638x13714_raw_counts_recovered.h5ad');
    const { status, stderr } = run(
      'probe',
      '--apply',
      probe,
      pbmc3k,
      '--cells',
      '20',
      '--out',
      out,
      ...engine,
    );
    expect(status, stderr).toBe(0);
    const csv = readFileSync(out, 'utf8');
    const answers = columnOf(csv, 'teddy_probe_disease');
    const reasons = columnOf(csv, 'teddy_probe_disease_withheld');
    expect(answers).toHaveLength(20);
    answers.forEach((answer, i) => {
      expect(['', 'normal', 'COVID-19']).toContain(answer);
      expect(answer === '').toBe(reasons[i] !== '');
    });
  });

  it('refuses what is no probe, and a label that is no column', () => {
    const out = join(folder, 'never.csv');
    expect(run('probe', '--apply', join(first, 'report.json'), combat(), '--out', out)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('not a probe'),
    });
    expect(existsSync(out)).toBe(false);
    expect(run('probe', combat(), '--label', 'nothing', ...engine)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no obs column nothing'),
    });
  });
});
