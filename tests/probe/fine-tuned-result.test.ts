import { describe, expect, it } from 'vitest';
import { fineTunedResult } from '../../src/probe/fine-tuned-result.ts';
import { planFolds } from '../../src/probe/splits.ts';
import { donorsOf, madeData, madeSettings } from '../support/probe-data.ts';

/** Two donors that the encoder knows, and six to be tested one at a time. */
const DATA = madeData(donorsOf(8, 4).map((donor, i) => ({ ...donor, seen: i < 2 })));
const SETTINGS = madeSettings({ split: { kind: 'leave-one-group-out' }, permutations: 100 });

/** [n, 2] answers that are right, but for the cells without one. */
function answers(without: readonly number[]): Float32Array {
  const given = new Float32Array(2 * DATA.labels.length);
  DATA.labels.forEach((label, cell) => {
    const none = without.includes(cell);
    given[2 * cell + label] = none ? Number.NaN : 0.9;
    given[2 * cell + 1 - label] = none ? Number.NaN : 0.1;
  });
  return given;
}

const resultOf = (given: Float32Array) =>
  fineTunedResult('mine', given, planFolds(DATA, SETTINGS), DATA, SETTINGS, undefined);

describe('the row of a fine-tuned model', () => {
  it('is of the tested cells of all folds, and has its own null', async () => {
    const row = await resultOf(answers([]));
    expect(row).toMatchObject({ id: 'fine-tuned', name: 'mine', withheld: 0 });
    expect(Array.from(row.cells)).toEqual(Array.from({ length: 24 }, (_, i) => 8 + i));
    expect(row.metrics).toMatchObject({ accuracy: 1, auroc: 1 });
    // Three of six tested donors have either class: twenty ways, one of them this.
    expect(row.permutation).toMatchObject({ exhaustive: true, permutations: 20 });
    expect(row.permutation?.p).toBeCloseTo(1 / 20, 12);
  });

  it('leaves out the cells it has no answer for, and says how many', async () => {
    const row = await resultOf(answers([0, 9, 31]));
    expect(row.withheld).toBe(2);
    expect(row.cells).toHaveLength(22);
    expect(Array.from(row.cells)).not.toContain(9);
    expect(row.metrics.accuracy).toBe(1);
    expect(row.permutation?.p).toBeCloseTo(1 / 20, 12);
  });
});
