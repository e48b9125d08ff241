import { describe, expect, it } from 'vitest';
import { Random } from '../../src/analysis/random.ts';
import { evaluate } from '../../src/probe/evaluate.ts';
import type { Evaluation, MethodResult } from '../../src/probe/results.ts';
import type { ProbeData, ProbeSettings } from '../../src/probe/types.ts';
import { donorsOf, grouping, madeData, madeSettings } from '../support/probe-data.ts';

const run = (data: ProbeData, changes: Partial<ProbeSettings> = {}): Promise<Evaluation> =>
  evaluate(data, madeSettings(changes), {});

const method = (evaluation: Evaluation, id: MethodResult['id']): MethodResult => {
  const found = evaluation.methods.find((row) => row.id === id);
  if (found === undefined) throw new Error(`no row ${id}`);
  return found;
};

describe('a planted signal', () => {
  it('is found with donors held out, above its null, with an interval by donor', async () => {
    const data = madeData(donorsOf(14, 20), { signal: 2, donorEffect: 0.2 });
    const evaluation = await run(data, { c: 'chosen', permutations: 19, resamples: 200 });
    const probe = evaluation.methods[0];
    expect(probe.id).toBe('probe');
    expect(probe.metrics.auroc).toBeGreaterThan(0.9);
    expect(probe.permutation).toMatchObject({ permutations: 19, unit: 'donors', exhaustive: false });
    expect(probe.permutation?.p).toBe(0.05);
    expect(probe.permutation?.smallestP).toBe(0.05);
    expect(probe.permutation!.mean).toBeLessThan(0.7);
    expect(probe.uncertainty.kind).toBe('bootstrap');
    if (probe.uncertainty.kind !== 'bootstrap') return;
    const [low, high] = probe.uncertainty.intervals.auroc;
    expect(low).toBeLessThanOrEqual(probe.metrics.auroc);
    expect(high).toBeGreaterThanOrEqual(probe.metrics.auroc);
    expect(high - low).toBeGreaterThan(0);
    expect(probe.uncertainty.donorsRight).toMatchObject({ right: 14, n: 14 });
    expect(evaluation).toMatchObject({ labelled: 280, tested: 280, groups: 14, testedGroups: 14 });
    expect(probe.threshold).not.toBeNull();
    // A commonest class of training donors is the rarer one among tested donors.
    expect(method(evaluation, 'commonest-class').metrics.accuracy).toBe(0);
    expect(method(evaluation, 'commonest-class').metrics.auroc).toBeNaN();
  });

  it('is compared with every relabelling where they are few', async () => {
    const labels = [0, 1, 1, 0, 1, 1];
    const data = madeData(
      labels.map((label, i) => ({ name: `d${i}`, label, cells: 15 })),
      { signal: 3 },
    );
    const { methods } = await run(data, { permutations: 100 });
    expect(methods[0].permutation).toMatchObject({ permutations: 15, exhaustive: true });
    expect(methods[0].permutation?.p).toBeCloseTo(1 / 15, 12);
    expect(methods[0].permutation?.smallestP).toBeCloseTo(1 / 15, 12);
  });

  it('within donors is permuted within donors', async () => {
    const donors = Array.from({ length: 6 }, (_, i) => ({ name: `d${i}`, label: null, cells: 24 }));
    const { methods } = await run(madeData(donors, { signal: 2 }), { permutations: 19, resamples: 100 });
    expect(methods[0].permutation).toMatchObject({ unit: 'cells-within-donors', p: 0.05 });
    expect(methods[0].uncertainty).toMatchObject({ kind: 'bootstrap', donorsRight: null });
    expect(methods[0].byGroup.map((group) => group.recorded)).toEqual([-1, -1, -1, -1, -1, -1]);
  });
});

describe('labels that say nothing', () => {
  it('reach a small p as seldom as they should', async () => {
    let small = 0;
    const runs = 24;
    for (let seed = 0; seed < runs; seed++) {
      const data = madeData(donorsOf(8, 6), { seed, donorEffect: 1, dimension: 4 });
      const { methods } = await run(data, { c: 0.1, permutations: 19, seed });
      const { permutation } = methods[0];
      expect(permutation!.p).toBeGreaterThanOrEqual(0.05);
      if (permutation!.p <= 0.25) small++;
    }
    // 6 expected; more than 13 has probability 4e-4 by the binomial law.
    expect(small).toBeLessThanOrEqual(13);
  });
});

describe('a planted leak', () => {
  it('shows as a random split far above the one by donor beside it', async () => {
    const data = madeData(donorsOf(10, 30), { donorEffect: 3, dimension: 12, seed: 3 });
    const evaluation = await run(data, { split: { kind: 'random-cells', folds: 5 }, permutations: 9 });
    const [random] = evaluation.methods;
    const honest = evaluation.byGroupInstead;
    expect(random.metrics.auroc).toBeGreaterThan(0.97);
    expect(honest!.metrics.auroc).toBeLessThan(0.85);
    expect(random.permutation).toBeNull();
    expect(honest!.permutation).not.toBeNull();
    expect(evaluation.notices.join()).toContain('leak');
  });

  it('cannot be shown without donors, which is said', async () => {
    const data = { ...madeData(donorsOf(4, 20)), groups: null };
    const evaluation = await run(data, { split: { kind: 'random-cells', folds: 4 }, c: 'chosen' });
    expect(evaluation.byGroupInstead).toBeNull();
    expect(evaluation.methods[0].uncertainty).toEqual({ kind: 'no-groups' });
    expect(evaluation.notices.join()).toContain('no donors');
    expect(evaluation.folds.map((fold) => fold.c)).toEqual([1, 1, 1, 1]);
  });
});

describe('donors the encoder has seen', () => {
  it('train and are in no figure', async () => {
    const known = { name: 'known', label: 1, cells: 9, seen: true };
    const data = madeData([...donorsOf(6, 10), known], { signal: 2 });
    const evaluation = await run(data, { permutations: 200 });
    expect(evaluation.seenGroups).toEqual(['known']);
    expect(evaluation.methods[0].byGroup.map((group) => group.name)).not.toContain('known');
    expect(evaluation.folds.every((fold) => fold.trainGroups.includes('known'))).toBe(true);
    // Three of six donors: the seventh keeps its label.
    expect(evaluation.methods[0].permutation?.permutations).toBe(20);
    expect(evaluation.notices.join()).toContain('known');
  });
});

describe('uncertainty', () => {
  it.each([
    [12, 'bootstrap'],
    [11, 'donors-right'],
    [6, 'donors-right'],
    [5, 'no-claim'],
  ] as const)('of %i donors of two classes is %s', async (donors, kind) => {
    const { methods, notices } = await run(madeData(donorsOf(donors, 6), { signal: 2 }), { resamples: 50 });
    expect(methods[0].uncertainty.kind).toBe(kind);
    expect(notices.some((notice) => notice.includes('no claim'))).toBe(kind === 'no-claim');
  });
});

describe('rows of the table', () => {
  it('withhold what a head does not answer, and guess by study', async () => {
    const base = madeData(donorsOf(6, 10), { signal: 2 });
    const n = base.labels.length;
    const head = Float32Array.from({ length: 2 * n }, (_, p) => (p % 2 === 0 ? 0.3 : 0.7));
    head.fill(Number.NaN, 0, 8);
    const studies = grouping(Array.from(base.labels, (label) => (label === 0 ? 'north' : 'south')));
    const cellTypes = grouping(Array.from(base.labels, (_, i) => (i % 3 === 0 ? 'B cell' : 'T cell')));
    const evaluation = await run({ ...base, head, studies, cellTypes });
    expect(method(evaluation, 'head').withheld).toBe(4);
    expect(method(evaluation, 'head').cells.length).toBe(n - 4);
    expect(method(evaluation, 'commonest-of-study').metrics.accuracy).toBe(1);
    const types = evaluation.methods[0].byCellType;
    expect(types.map(({ name, n: cells }) => [name, cells])).toEqual([
      ['B cell', 20],
      ['T cell', 40],
    ]);
    const { confusion } = evaluation.methods[0];
    expect(confusion.reduce((sum, cells) => sum + cells, 0)).toBe(n);
  });

  it('give a class that a fold never trained probability 0, and say so', async () => {
    const labels = [0, 1, 0, 1, 2];
    const data = madeData(
      labels.map((label, i) => ({ name: `d${i}`, label, cells: 8 })),
      { classes: ['a', 'b', 'c'], signal: 3 },
    );
    const evaluation = await run(data, { c: 'chosen' });
    const probe = evaluation.methods[0];
    const of = Array.from(probe.cells).filter((cell) => data.labels[cell] === 2);
    for (const cell of of) expect(probe.probabilities[cell * 3 + 2]).toBe(0);
    expect(evaluation.folds.map((fold) => fold.c).slice(0, 4)).toEqual([1, 1, 1, 1]);
    const said = evaluation.notices.join(' ');
    expect(said).toContain('No training cell of c in d4');
    expect(said).toContain('Only d4 has cells of c');
    expect(said).toContain('C = 1 in d0, d1, d2, d3');
  });
});

/** Counts of 30 genes, one of which tells the class. */
function withExpression(data: ProbeData, change: (cell: number) => number = () => 0): ProbeData {
  const random = new Random(5);
  const genes = 30;
  const n = data.labels.length;
  const values = Float32Array.from({ length: n * genes }, (_, p) => {
    const cell = Math.floor(p / genes);
    return random.uniform() + (p % genes === 3 ? 2 * data.labels[cell] : 0) + change(cell);
  });
  const expression = {
    columns: genes,
    indptr: Uint32Array.from({ length: n + 1 }, (_, i) => i * genes),
    indices: Uint32Array.from({ length: n * genes }, (_, p) => p % genes),
    values,
  };
  return { ...data, expression };
}

describe('the expression baseline', () => {
  it('finds the gene that tells', async () => {
    const evaluation = await run(withExpression(madeData(donorsOf(6, 12))), { c: 'chosen' });
    expect(method(evaluation, 'expression').metrics.auroc).toBeGreaterThan(0.95);
    expect(evaluation.methods[0].metrics.auroc).toBeLessThan(0.8);
  });

  it('learns no step from tested cells, and nor does the probe', async () => {
    const split = { kind: 'held-out-groups', groups: ['d0', 'd1'] } as const;
    const made = () => madeData(donorsOf(6, 12), { signal: 1 });
    const plain = await run(withExpression(made()), { split, c: 'chosen' });
    const other = made();
    other.features.fill(40, 0, 12 * other.dimension);
    const moved = await run(
      withExpression(other, (cell) => (cell < 12 ? 7 : 0)),
      { split, c: 'chosen' },
    );
    for (const id of ['probe', 'expression'] as const) {
      // Donor d1 is cells 12 … 23; only the cells of d0 were moved.
      const answers = (evaluation: Evaluation) => method(evaluation, id).probabilities.slice(24);
      expect(answers(moved)).toEqual(answers(plain));
      expect(method(moved, id).probabilities).not.toEqual(method(plain, id).probabilities);
    }
  });
});

describe('a run', () => {
  const data = withExpression(madeData(donorsOf(6, 10), { signal: 1 }));
  const changes = { c: 'chosen', permutations: 5, resamples: 20 } as const;

  it('repeats itself', async () => {
    expect(await run(data, changes)).toEqual(await run(data, changes));
  });

  it('tells how far it is, up to the end', async () => {
    const told: { done: number; total?: number }[] = [];
    await evaluate(data, madeSettings(changes), { onProgress: (progress) => told.push(progress) });
    const done = told.map((progress) => progress.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(told.at(-1)?.done).toBe(told.at(-1)?.total);
    expect(done.length).toBeGreaterThan(50);
  });

  it('stops when told, between and within fits', async () => {
    for (const after of [0, 3, 40]) {
      const controller = new AbortController();
      let told = 0;
      const onProgress = () => {
        if (told++ === after) controller.abort(new Error('enough'));
      };
      const options = { signal: controller.signal, onProgress };
      await expect(evaluate(data, madeSettings(changes), options)).rejects.toThrow('enough');
      expect(told).toBeLessThanOrEqual(after + 2);
    }
  });

  it('refuses settings that make no sense', async () => {
    await expect(run(data, { c: 0 })).rejects.toMatchObject({ code: 'bad-setting', subject: 'c' });
    await expect(run(data, { permutations: 1.5 })).rejects.toMatchObject({ subject: 'permutations' });
  });
});
