import { describe, expect, it } from 'vitest';
import type { Evaluation, MethodResult } from '../../src/probe/results.ts';
import { evaluationPage, verdict } from '../../src/report/evaluation-page.ts';
import { fakeEvaluation } from '../support/evaluations.ts';

/** The fake evaluation with figures of some methods changed. */
function withFigures(
  changes: Partial<Record<MethodResult['id'], Partial<MethodResult['metrics']>>>,
  permutation: Partial<NonNullable<MethodResult['permutation']>> = {},
): Evaluation {
  const evaluation = fakeEvaluation();
  return {
    ...evaluation,
    methods: evaluation.methods.map((method) => ({
      ...method,
      metrics: { ...method.metrics, ...changes[method.id] },
      permutation: method.permutation && { ...method.permutation, ...permutation },
    })),
  };
}

describe('what the page says of figures', () => {
  it('says when the linear baseline wins, when it loses and when they are equal', () => {
    const said = (auroc: number) => verdict(withFigures({ expression: { auroc } })).join(' ');
    expect(said(0.9)).toContain('The linear baseline on expression wins: AUROC 0.74 of the probe, 0.90');
    expect(said(0.5)).toContain('The probe does better than the linear baseline on expression');
    expect(said(0.745)).toContain('does as well');
    expect(said(Number.NaN)).not.toContain('linear baseline');
  });

  it('calls nothing better than chance that its null does not show', () => {
    const said = (change: Partial<NonNullable<MethodResult['permutation']>>) =>
      verdict(withFigures({}, change))[0];
    expect(said({ p: 0.02 })).toContain('better than chance');
    expect(said({ p: 0.3 })).toContain('not distinguishable');
    expect(said({ p: 0.33, smallestP: 0.33 })).toContain('cannot show a difference');
    expect(said({ p: 0.2, smallestP: 0.1667 })).toContain('the smallest these donors can give is 0.167');
    expect(said({ p: Number.NaN })).toContain('not defined');
  });

  it('calls a difference no finding where the probe itself is none', () => {
    const few = 'it is no finding about new donors';
    expect(verdict(withFigures({ expression: { auroc: 0.9 } })).join(' ')).toContain(few);
    const uncertainty = {
      kind: 'donors-right',
      donorsRight: { right: 6, n: 6, interval: [0.5, 1] },
    } as const;
    const sure = fakeEvaluation({ uncertainty });
    expect(verdict(sure).join(' ')).not.toContain(few);
    const [probe, ...others] = sure.methods;
    const unlike = { ...probe, permutation: probe.permutation && { ...probe.permutation, p: 0.4 } };
    expect(verdict({ ...sure, methods: [unlike, ...others] }).join(' ')).toContain(few);
  });

  it('names the best guess without any gene, and the head with the cells it leaves out', () => {
    const worse = verdict(withFigures({ 'commonest-of-study': { accuracy: 0.9 } })).join(' ');
    expect(worse).toContain('no more often than a guess without any gene: accuracy 0.71, against 0.90');
    expect(
      verdict(
        withFigures({ 'commonest-class': { accuracy: 0.5 }, 'commonest-of-study': { accuracy: 0.4 } }),
      ).join(' '),
    ).toContain('more often than the best guess');
    const bothWrong = { 'commonest-class': { accuracy: 0 }, 'commonest-of-study': { accuracy: 0 } };
    expect(verdict(withFigures({ ...bothWrong, probe: { accuracy: 0.01 } })).join(' ')).toContain(
      'of one class for every tested cell',
    );
    const head = verdict(withFigures({ head: { auroc: 0.8 } })).join(' ');
    expect(head).toContain('own head does better than the probe (which leaves 4 cells without an answer)');
  });
});

it('the page has a row for each question, its date, its versions and how to make it again', () => {
  const evaluation = fakeEvaluation();
  const split = { kind: 'leave-one-group-out' } as const;
  const answers = ['One | two', 'Three'].map((title) => ({ title, about: ['About it.'], split, evaluation }));
  const facts = {
    version: '0.1.0',
    date: new Date('2026-11-25T10:00:00Z'),
    command: 'npm run evaluate',
    model: { name: 'teddy', sha256: 'ab'.repeat(32), what: 'a small model' },
    engine: 'wasm, 2 threads',
    pooling: 'gene_mean',
    cells: null,
    seed: 0,
  };
  const page = evaluationPage(answers, facts);
  expect(page).toContain(
    'on 2026-11-25 with teddy-web 0.1.0 (wasm, 2 threads, gene_mean embeddings, seed 0)',
  );
  expect(page).toContain('`npm run evaluate`');
  expect(page.match(/^## /gm)).toHaveLength(2);
  expect(page).toContain('| One \\| two | 30 | 3 | 0.68 |');
  expect(page).not.toContain('a trial');
  expect(page).not.toMatch(/NaN|undefined|null,/);
  expect(evaluationPage(answers, { ...facts, cells: 100 })).toContain('at most 100 cells a study: a trial');
});
