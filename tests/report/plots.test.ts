import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { CoveragePoint, Evaluation, MethodResult } from '../../src/probe/results.ts';
import { coverageAt } from '../../src/report/plots/coverage.ts';
import { comparingPlots, methodPlots } from '../../src/report/plots/list.ts';
import { fakeEvaluation, HOSTILE } from '../support/evaluations.ts';

const { document } = parseHTML('<!doctype html><html><body></body></html>');

function drawn(evaluation: Evaluation, dark = false, width = 480): readonly string[] {
  const plots = [
    ...comparingPlots(evaluation),
    ...evaluation.methods.flatMap((method) => methodPlots(evaluation.classes, method, 0.7)),
  ];
  return plots.map((plot) => plot.draw({ document, dark, width }).outerHTML);
}

/** The same with every figure of its methods undefined. */
function undefinedFigures(evaluation: Evaluation): Evaluation {
  const nothing = <T extends object>(figures: T): T =>
    Object.fromEntries(Object.keys(figures).map((name) => [name, Number.NaN])) as T;
  const methods = evaluation.methods.map(
    (method): MethodResult => ({
      ...method,
      metrics: nothing(method.metrics),
      byClass: method.byClass.map(({ name, n, ...figures }) => ({ name, n, ...nothing(figures) })),
      byGroup: method.byGroup.map((donor) => ({
        ...donor,
        accuracy: Number.NaN,
        meanProbability: donor.meanProbability.map(() => Number.NaN),
      })),
      byCellType: method.byCellType.map((type) => ({ ...type, metrics: nothing(type.metrics) })),
      coverage: method.coverage.map((point) => ({ ...point, accuracy: Number.NaN })),
    }),
  );
  return { ...evaluation, methods };
}

const names = fc.uniqueArray(
  fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), fc.constantFrom(HOSTILE, ' ', 'a"b')),
  { minLength: 2, maxLength: 14 },
);

describe('plots', () => {
  it('draw any names as text and no place that is not a number', () => {
    fc.assert(
      fc.property(
        names,
        names,
        names,
        fc.boolean(),
        fc.constantFrom(280, 480, 640),
        (classes, donors, types, dark, width) => {
          const evaluation = fakeEvaluation({ classes, donors, seen: [], cellTypes: types });
          for (const svg of drawn(evaluation, dark, width)) {
            expect(svg).toMatch(/^<svg /);
            const marks = svg.replace(/<(text|title|style)[^>]*>[^<]*/g, '');
            expect(marks).not.toMatch(/NaN|undefined|Infinity/);
            expect(svg).not.toContain('<img');
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('draw what has no figures at all', () => {
    for (const svg of drawn(undefinedFigures(fakeEvaluation()))) {
      expect(svg.replace(/<(text|title)[^>]*>[^<]*/g, '')).not.toMatch(/NaN|undefined/);
    }
  });

  it('have one name each and none inside', () => {
    for (const svg of drawn(fakeEvaluation())) {
      expect(svg.match(/aria-label=/g)).toHaveLength(1);
      expect(svg).toContain('role="img"');
    }
  });

  it('are only those a method has the numbers for', () => {
    const evaluation = fakeEvaluation();
    const ids = (method: MethodResult) => methodPlots(evaluation.classes, method, null).map(({ id }) => id);
    expect(ids(evaluation.methods[0])).toEqual(['confusion', 'donors', 'roc', 'reliability', 'coverage']);
    expect(ids(evaluation.methods[2])).toEqual(['confusion', 'donors']);
    expect(ids({ ...evaluation.methods[2], byGroup: [] })).toEqual(['confusion']);
  });

  it('fill a donor’s dot only where it is right', () => {
    const evaluation = fakeEvaluation();
    const donors = methodPlots(evaluation.classes, evaluation.methods[0], null).find(
      ({ id }) => id === 'donors',
    );
    const circles = [
      ...(donors?.draw({ document, dark: false, width: 480 }).querySelectorAll('circle') ?? []),
    ];
    const hollow = circles.filter((circle) => circle.getAttribute('fill') === '#ffffff');
    expect(circles).toHaveLength(3);
    expect(hollow.map((circle) => circle.textContent?.split(':')[0])).toEqual(['S00043']);
  });
});

describe('coverage at a threshold', () => {
  const points: readonly CoveragePoint[] = [0.5, 0.7, 0.9].map((threshold, i) => ({
    threshold,
    coverage: 1 - 0.3 * i,
    accuracy: 0.6 + 0.1 * i,
  }));

  it('is that of the last point not above it, the first below all of them', () => {
    expect(coverageAt(points, 0.5)?.coverage).toBe(1);
    expect(coverageAt(points, 0.69)?.coverage).toBe(1);
    expect(coverageAt(points, 0.7)?.coverage).toBe(0.7);
    expect(coverageAt(points, 1)?.coverage).toBe(0.4);
    expect(coverageAt(points, 0.1)?.coverage).toBe(1);
    expect(coverageAt([], 0.5)).toBeNull();
  });
});
