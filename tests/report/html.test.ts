import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { reportHtml } from '../../src/report/html.ts';
import { fakeEvaluation, HOSTILE } from '../support/evaluations.ts';
import { fakeReport } from '../support/reports.ts';

const { document } = parseHTML('<!doctype html><html><body></body></html>');

function read(html: string): Document {
  return parseHTML(html).document as unknown as Document;
}

describe('the HTML report', () => {
  it('says the whole of it: table, uncertainty, null, splits, audit, model, configuration', () => {
    const report = fakeReport();
    const page = read(reportHtml(report, document));
    const text = page.body.textContent ?? '';
    expect(page.querySelector('h1')?.textContent).toBe('Probe of Status in combat.h5ad');
    expect(text).toContain('Research demonstration, not for diagnosis.');
    for (const { name } of report.evaluation.methods) expect(text).toContain(name);
    expect(text).toContain('no claim can be made: too few tested donors of a class');
    expect(text).toContain('AUROC 0.74 against 0.44 (95 % 0.21 to 0.71)');
    expect(text).toContain('the smallest these donors can give is 0.0099');
    expect(text).toContain('H00049, S00016, S00040');
    expect(text).toContain('12 cells twice');
    expect(text).toContain('disease: COVID-19');
    expect(JSON.parse(page.querySelector('pre code')?.textContent ?? '')).toEqual(report.config);
  });

  it('gives a donor seen in training no figure', () => {
    const page = read(reportHtml(fakeReport(), document));
    const rows = [...page.querySelectorAll('tr.seen')];
    expect(new Set(rows.map((row) => row.querySelector('th')?.textContent?.trim()))).toEqual(
      new Set(['H00049 seen in training', 'S00016 seen in training', 'S00040 seen in training']),
    );
    for (const row of rows) {
      expect([...row.querySelectorAll('td')].map((cell) => cell.textContent)).toEqual(Array(5).fill('–'));
    }
  });

  it('is one file: no script, no address but that of the SVG namespace, its own policy', () => {
    const html = reportHtml(fakeReport(), document);
    const page = read(html);
    expect(page.querySelector('script, link, img, iframe, object')).toBeNull();
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(/);
    const policy = page.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content');
    expect(policy).toMatch(/^default-src 'none'/);
    expect(page.querySelectorAll('figure').length).toBe(page.querySelectorAll('.on-dark > svg').length);
    expect(page.querySelectorAll('svg').length).toBeGreaterThan(10);
  });

  it('takes text of files for data everywhere', () => {
    const evaluation = fakeEvaluation({
      classes: [HOSTILE, 'b', 'c'],
      donors: [HOSTILE, 'd2', 'd3'],
      seen: [`${HOSTILE}2`],
      cellTypes: [HOSTILE],
      notices: [HOSTILE],
    });
    const html = reportHtml(fakeReport({ evaluation, text: HOSTILE }), document);
    expect(html).not.toContain('<img');
    expect(html).not.toContain('</script');
    const page = read(html);
    expect(page.querySelector('img, script')).toBeNull();
    expect(page.title).toContain('<img src=x');
  });

  it('has both numbers side by side where cells leak', () => {
    const evaluation = fakeEvaluation({ byGroupInstead: true });
    const report = fakeReport({ evaluation, split: { kind: 'random-cells', folds: 5 } });
    expect(read(reportHtml(report, document)).body.textContent).toContain(
      'AUROC 0.74 this way, 0.53 with donors held out',
    );
  });

  it('stands without donors, cell types or audit', () => {
    const evaluation = fakeEvaluation({ seen: [], cellTypes: [], uncertainty: { kind: 'no-groups' } });
    const bare = { ...evaluation, methods: evaluation.methods.map((m) => ({ ...m, byGroup: [] })) };
    const text = read(reportHtml({ ...fakeReport({ evaluation: bare }), audit: [] }, document)).body
      .textContent;
    expect(text).toContain('no claim can be made: nothing says which cells come from the same donor');
    expect(text).toContain('None was made');
  });
});
