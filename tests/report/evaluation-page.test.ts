import { describe, expect, it } from 'vitest';
import type { Evaluation, MethodResult } from '../../src/probe/results.ts';
import { evaluationPage, verdict } from '../../src/report/evaluation-page.ts';
import type { AnsweredQuestion } from '../../src/report/evaluation-summary.ts';
import { fineTunedName, fineTunedNote, fineTunedRefusal } from '../../src/report/fine-tuned-words.ts';
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

const FACTS = {
  version: '0.1.0',
  date: new Date('2026-11-25T10:00:00Z'),
  command: 'npm run evaluate',
  model: { name: 'teddy', sha256: 'ab'.repeat(32), what: 'a small model' },
  others: [],
  engine: 'wasm, 2 threads',
  pooling: 'gene_mean',
  cells: null,
  seed: 0,
};

function answered(title: string, evaluation: Evaluation, notes: readonly string[] = []): AnsweredQuestion {
  return { title, about: ['About it.'], split: { kind: 'leave-one-group-out' }, evaluation, notes };
}

/** The same with a row of a fine-tuned model. */
function withFineTuned(
  evaluation: Evaluation,
  name: string,
  balancedAccuracy: number,
  auroc = 0.9,
): Evaluation {
  const [probe] = evaluation.methods;
  const metrics = { ...probe.metrics, balancedAccuracy, auroc };
  const row: MethodResult = { ...probe, id: 'fine-tuned', name: fineTunedName(name), metrics, withheld: 2 };
  return { ...evaluation, methods: [...evaluation.methods, row] };
}

it('the page has a row for each question, its date, its versions and how to make it again', () => {
  const answers = ['One | two', 'Three'].map((title) => answered(title, fakeEvaluation()));
  const page = evaluationPage(answers, FACTS);
  expect(page).toContain(
    'on 2026-11-25 with teddy-web 0.1.0 (wasm, 2 threads, gene_mean embeddings, seed 0)',
  );
  expect(page).toContain('`npm run evaluate`');
  expect(page.match(/^## /gm)).toHaveLength(2);
  expect(page).toContain('| One \\| two | 30 | 3 | 0.68 |');
  expect(page).not.toContain('a trial');
  expect(page).not.toContain('fine-tuned');
  expect(page).not.toMatch(/NaN|undefined|null,/);
  expect(evaluationPage(answers, { ...FACTS, cells: 100 })).toContain('at most 100 cells a study: a trial');
});

describe('fine-tuned models on the page', () => {
  const note = fineTunedNote({ name: 'mine', base: 'teddy', genesPerCell: null, donors: 4, cells: 1370 });
  const answers = [
    answered('One', withFineTuned(fakeEvaluation(), 'mine', 0.93), [note]),
    answered('Two', fakeEvaluation(), [
      fineTunedRefusal({ kind: 'trained-on', name: 'mine', donors: ['D1', 'D2'] }),
    ]),
  ];
  const page = evaluationPage(answers, FACTS);

  it('have a column at the top and a row on the questions they answer alone', () => {
    expect(page).toContain('| model’s head | fine-tuned | p of the probe (smallest possible) |');
    expect(page).toMatch(/^\| One \| 30 \| 3 \| 0\.68 \|.*\| 0\.93 \| 0\.02 \(0\.0099\) \|$/m);
    expect(page).toMatch(/^\| Two \|.*\| – \| 0\.02 \(0\.0099\) \|$/m);
    expect(page.match(/^\| fine-tuned model \(mine\) \| 30 \(2 without an answer\) \|/gm)).toHaveLength(1);
  });

  it('are said to have learnt otherwise than the probe, or why they are not there', () => {
    expect(page).toContain(
      '- The fine-tuned model (mine) goes on from teddy. It learnt once, from 1,370 cells of 4 training donors alone;',
    );
    expect(page).toContain(
      'The fine-tuned model (mine) is not in the table: it was trained on the tested donors D1, D2.',
    );
  });

  it('are said to read more genes than the probe’s model where they do', () => {
    const said = fineTunedNote({ name: 'mine', base: 'teddy', genesPerCell: 512, donors: 4, cells: 1370 });
    expect(said).toContain('goes on from teddy, and reads 512 genes of a cell, more than the probe’s model.');
  });

  it('are compared with chance and with the probe', () => {
    expect(page).toContain(
      'The fine-tuned model (mine) tells the classes apart better than chance: AUROC 0.90',
    );
    expect(page).toContain(
      'The fine-tuned model (mine) does better than the probe (which leaves 2 cells without an answer): AUROC 0.74 of the probe, 0.90 of the other.',
    );
  });

  it('are compared with the linear baseline on expression by what they answer', () => {
    const said = (balancedAccuracy: number, expression: number) =>
      verdict(
        withFineTuned(
          withFigures({ expression: { balancedAccuracy: expression } }),
          'mine',
          balancedAccuracy,
          0.99,
        ),
      ).join(' ');
    expect(said(0.9, 0.97)).toContain(
      'The linear baseline on expression does better than the fine-tuned model (mine): balanced accuracy 0.90 of the model (2 cells without an answer), 0.97 of the baseline.',
    );
    expect(said(0.99, 0.97)).toContain(
      'The fine-tuned model (mine) does better than the linear baseline on expression',
    );
    expect(said(0.9, 0.97)).toMatch(/of the baseline\. That describes these cells; it is no finding/);
    expect(said(0.975, 0.97)).toContain('does as well as the linear baseline on expression');
    expect(said(0.9, Number.NaN)).not.toContain('of the baseline');
  });

  it('of one question stand beside each other in the column', () => {
    const two = withFineTuned(withFineTuned(fakeEvaluation(), 'a', 0.93), 'b', 0.61);
    expect(evaluationPage([answered('One', two)], FACTS)).toMatch(/^\| One \|.*\| 0\.93, 0\.61 \|/m);
  });
});

it('other models stand in one table, with their cells where those are not the same', () => {
  // As many cells, and not the same.
  const others = { probe: (cell: number) => cell + 1, head: (cell: number) => cell };
  const fake = withFigures({ probe: { balancedAccuracy: 0.8 } });
  const other = {
    ...fake,
    methods: fake.methods.map((method) =>
      method.id === 'probe' || method.id === 'head'
        ? { ...method, cells: method.cells.map(others[method.id]) }
        : method,
    ),
  };
  const page = evaluationPage([answered('One', fakeEvaluation()), answered('Two', fakeEvaluation())], {
    ...FACTS,
    others: [
      { name: 'teddy-x', sha256: 'cd'.repeat(32), what: null, answers: [answered('One', other)] },
      {
        name: 'teddy-y',
        sha256: 'ef'.repeat(32),
        what: 'large',
        answers: [answered('Two', fakeEvaluation())],
      },
    ],
  });
  expect(page).toContain('teddy-x (model.safetensors cdcdcdcdcdcdcdcd) is a model without a card.');
  expect(page).toContain(
    '| balanced accuracy | teddy: probe | head | teddy-x: probe | head | teddy-y: probe | head |',
  );
  expect(page).toContain('| One | 0.68 | 0.50 | 0.80 (30 cells) | 0.50 | – | – |');
  expect(page).toContain('| Two | 0.68 | 0.50 | – | – | 0.68 | 0.50 |');
  expect(page).toContain('on the cells of the probe of teddy unless a number of other cells is said:');
  expect(page).toContain('A null was made for teddy alone, and no uncertainty is shown of the other models');
  expect(page.match(/^## /gm)).toHaveLength(2);
});
