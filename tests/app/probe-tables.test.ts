import { MantineProvider } from '@mantine/core';
import { parseHTML } from 'linkedom';
import { createElement, type ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { DonorsTable } from '../../src/app/probe/DonorsTable.tsx';
import { MethodsTable } from '../../src/app/probe/MethodsTable.tsx';
import { fakeEvaluation, HOSTILE } from '../support/evaluations.ts';

function rendered(node: ReactNode): Document {
  const html = renderToStaticMarkup(createElement(MantineProvider, null, node));
  return parseHTML(`<!doctype html><html><body>${html}</body></html>`).document as unknown as Document;
}

function rowsOf(page: Document): readonly (readonly string[])[] {
  return [...page.querySelectorAll('tbody tr')].map((row) =>
    [...row.querySelectorAll('th, td')].map((cell) => cell.textContent ?? ''),
  );
}

describe('the table of methods', () => {
  it('has the probe first, the words where nothing can be claimed, and donors right', () => {
    const evaluation = fakeEvaluation();
    const rows = rowsOf(rendered(createElement(MethodsTable, { evaluation })));
    expect(rows.map(([name]) => name)).toEqual(evaluation.methods.map(({ name }) => name));
    expect(rows[0][1]).toBe('0.71');
    expect(rows[0].at(-1)).toBe('no claim can be made: too few tested donors of a class');
    expect(rows[0].at(-2)).toMatch(/^32 right, 9.% to 99.%$/);
    expect(rows[2][5]).toBe('–');
    expect(rows[4].at(-3)).toContain('4 unanswered');
  });

  it('has the honest figure under the leaking one', () => {
    const evaluation = fakeEvaluation({ byGroupInstead: true });
    const rows = rowsOf(rendered(createElement(MethodsTable, { evaluation })));
    expect(rows.slice(0, 2).map(([name, , balanced]) => [name, balanced])).toEqual([
      ['probe on the embedding', '0.68'],
      ['probe on the embedding, donors held out', '0.51'],
    ]);
  });

  it('has intervals where donors allow them', () => {
    const interval = [0.612, 0.848] as const;
    const evaluation = fakeEvaluation({
      uncertainty: {
        kind: 'bootstrap',
        resamples: 2000,
        donorsRight: null,
        intervals: {
          accuracy: interval,
          balancedAccuracy: interval,
          f1Macro: interval,
          f1Weighted: interval,
          auroc: interval,
          averagePrecision: interval,
          mcc: interval,
          logLoss: interval,
          brier: interval,
        },
      },
    });
    const rows = rowsOf(rendered(createElement(MethodsTable, { evaluation })));
    expect(rows[0][1]).toBe('0.710.61 to 0.85');
    // What is not defined has no interval either.
    expect(rows[2][5]).toBe('–');
    expect(rows[0].at(-1)).toContain('2,000 resamples of donors');
  });
});

describe('the table of donors', () => {
  it('marks donors seen in training and gives them no figure; names are text', () => {
    const evaluation = fakeEvaluation({ donors: ['d1', HOSTILE, 'd3'], seen: ['d2'] });
    const [method] = evaluation.methods;
    const page = rendered(createElement(DonorsTable, { evaluation, method }));
    expect(page.querySelector('img')).toBeNull();
    const rows = rowsOf(page);
    expect(rows.find(([name]) => name.startsWith('d2'))).toEqual([
      'd2seen in training',
      ...Array(5).fill('–'),
    ]);
    expect(rows.filter((row) => row[3] !== '–')).toHaveLength(3);
  });
});
