import { expect, it } from 'vitest';
import type { Evaluation } from '../../src/probe/results.ts';
import { reportJson } from '../../src/report/json.ts';
import { fakeEvaluation } from '../support/evaluations.ts';
import { fakeReport } from '../support/reports.ts';

it('holds every figure of the report and nothing of a single cell', () => {
  const report = fakeReport({ evaluation: fakeEvaluation({ byGroupInstead: true }) });
  const json = reportJson(report);
  const read = JSON.parse(json) as { schema: string; config: unknown; evaluation: Evaluation };
  expect(read.schema).toBe('teddy-web/probe-report/1');
  expect(read.config).toEqual(report.config);
  const [probe, , guess] = read.evaluation.methods;
  expect(probe.metrics).toEqual(report.evaluation.methods[0].metrics);
  expect(probe.confusion).toEqual(Array.from(report.evaluation.methods[0].confusion));
  expect(guess.metrics.auroc).toBeNull();
  expect(probe).toMatchObject({ answered: 30 });
  expect(read.evaluation.byGroupInstead?.metrics.auroc).toBe(0.53);
  for (const method of [...read.evaluation.methods, read.evaluation.byGroupInstead]) {
    expect(method).not.toHaveProperty('probabilities');
    expect(method).not.toHaveProperty('cells');
  }
  expect(json).not.toContain('NaN');
});
