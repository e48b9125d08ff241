import { describe, expect, it } from 'vitest';
import { donorStandings } from '../../src/analysis/donors.ts';
import { binomialInterval } from '../../src/analysis/intervals.ts';
import { recordedLabels } from '../../src/analysis/labels.ts';
import { type ScoreInput, score } from '../../src/analysis/scores.ts';

const LISTS = {
  trainingDonors: { blood: ['H1', 'S2', 'S3'], brain: ['4341', '5294'] },
  heldOutDonors: { blood: ['H7', 'S8'], brain: ['5144'] },
};

describe('donors of the training data', () => {
  const statuses = (...donors: string[]) =>
    Object.fromEntries([...donorStandings(donors, LISTS)].map(([d, s]) => [d, `${s.status} ${s.study}`]));

  it('are seen, held out or new', () => {
    expect(statuses('H1', 'H7', 's8', 'X9')).toEqual({
      H1: 'seen blood',
      H7: 'held out blood',
      s8: 'held out blood',
      X9: 'new blood',
    });
  });

  it('of another study that numbers alike are not taken for the study, yet left out in doubt', () => {
    expect(statuses('4341', 'a', 'b', 'c')).toEqual({
      4341: 'seen brain',
      a: 'new null',
      b: 'new null',
      c: 'new null',
    });
    expect(statuses('5144', 'a', 'b', 'c')['5144']).toBe('new null');
    expect(statuses('5144')).toEqual({ 5144: 'held out brain' });
  });

  it('that a model was chosen by are no test of it', () => {
    const lists = { ...LISTS, validationDonors: { blood: ['V1', 'H7'], liver: ['L5'] } };
    const standings = donorStandings(['V1', 'H7', 'S8', 'L5'], lists);
    expect([...standings.values()].map(({ status }) => status)).toEqual(['seen', 'seen', 'held out', 'seen']);
  });

  it('are recognised inside longer sample names', () => {
    expect(
      donorStandings(['S00006-Ja005E', 'H00053_x'], {
        trainingDonors: { c: ['S00006'] },
        heldOutDonors: { c: ['H00053'] },
      }),
    ).toEqual(
      new Map([
        ['S00006-Ja005E', { status: 'seen', study: 'c' }],
        ['H00053_x', { status: 'held out', study: 'c' }],
      ]),
    );
  });
});

describe('Clopper–Pearson interval', () => {
  // As R's binom.test(x, n)$conf.int; 0 and all right are 1 − (α/2)^(1/n) in closed form.
  it.each([
    [2, 3, 0.0942993, 0.9915962],
    [7, 10, 0.3475471, 0.9332605],
    [50, 100, 0.3983211, 0.6016789],
    [0, 5, 0, 1 - 0.025 ** (1 / 5)],
    [5, 5, 0.025 ** (1 / 5), 1],
  ])('of %i of %i', (right, n, low, high) => {
    const interval = binomialInterval(right, n);
    expect(interval[0]).toBeCloseTo(low, 6);
    expect(interval[1]).toBeCloseTo(high, 6);
  });

  it('of nothing is everything', () => {
    expect(binomialInterval(0, 0)).toEqual([0, 1]);
  });
});

const CLASSES = ['ill', 'normal', 'odd'];

/** Cells as `donor label predicted-probabilities [withheld]`. */
function input(
  cells: readonly (readonly [string | null, number, readonly number[], number?])[],
  training: ScoreInput['training'] = { ...LISTS, trainingClassCounts: null },
): ScoreInput {
  return {
    annotation: 'disease',
    classes: CLASSES,
    probabilities: Float32Array.from(cells.flatMap((c) => c[2])),
    withheld: Uint8Array.from(cells, (c) => c[3] ?? 0),
    recorded: Int32Array.from(cells, (c) => c[1]),
    donors: recordedLabels({ kind: 'string', values: cells.map((c) => c[0]) }),
    training,
  };
}

const ILL = [0.7, 0.2, 0.1];
const NORMAL = [0.125, 0.75, 0.125];

describe('scores', () => {
  const cells = [
    ['H1', 1, ILL],
    ['S2', 0, ILL],
    ['S3', 0, NORMAL],
    ['H7', 1, NORMAL],
    ['H7', 1, NORMAL],
    ['H7', 1, ILL],
    ['H7', -1, ILL],
    ['S8', 0, NORMAL],
    ['S8', 0, ILL, 2],
    ['S8', 0, ILL],
    ['S8', 0, [Number.NaN, 0.2, 0.8]],
    ['S8', 0, NORMAL],
  ] as const;

  it('count only labelled, shown cells of donors not seen in training', () => {
    const s = score(input(cells));
    expect(s.cells).toEqual({ right: 3, n: 6, accuracy: 0.5 });
    expect(s.cellsBeforeWithholding).toEqual({ right: 4, n: 8, accuracy: 0.5 });
    expect(s.leftOut).toEqual({ seen: 3, noDonor: 0, unlabelled: 1, withheld: 2 });
    expect([...s.confusion]).toEqual([1, 2, 0, 1, 2, 0, 0, 0, 0]);
    expect(s.donors).toMatchObject({ right: 1, n: 2 });
    expect(s.donors?.interval[0]).toBeCloseTo(0.01257912, 6);
  });

  it('leave out cells without a donor where training saw others of the file, which may be theirs', () => {
    const among = score(
      input([
        ['H1', 1, NORMAL],
        [null, 1, NORMAL],
        ['unknown', 0, ILL],
        ['H7', 1, ILL],
      ]),
    );
    expect(among.leftOut).toEqual({ seen: 1, noDonor: 2, unlabelled: 0, withheld: 0 });
    expect(among.cells).toMatchObject({ right: 0, n: 1 });
    const elsewhere = score(
      input([
        ['Z1', 1, ILL],
        [null, 1, NORMAL],
      ]),
    );
    expect(elsewhere.leftOut.noDonor).toBe(0);
    expect(elsewhere.cells).toMatchObject({ right: 1, n: 2 });
  });

  it('summarise each donor over its shown cells', () => {
    const rows = score(input(cells)).rows;
    expect(rows.map((r) => r.donor)).toEqual(['H1', 'H7', 'S2', 'S3', 'S8']);
    const h7 = rows[1];
    expect(h7).toMatchObject({ cells: 4, shown: 4, recorded: 1, mixed: false, predicted: 1, counted: true });
    expect(h7?.mean[1]).toBeCloseTo((0.75 + 0.75 + 0.2 + 0.2) / 4, 6);
    expect(h7?.sd[1]).toBeCloseTo(0.55 / Math.sqrt(3), 6);
    expect(h7?.low[1]).toBeCloseTo(0.2, 6);
    expect(h7?.high[1]).toBeCloseTo(0.75, 6);
    expect(rows[0]).toMatchObject({ standing: { status: 'seen' }, counted: false });
    expect(rows[4]).toMatchObject({ cells: 5, shown: 3, predicted: 1 });
  });

  it('take the baselines from the training counts, by study where it is known', () => {
    const trainingClassCounts = {
      disease: { blood: { ill: 900, normal: 100 }, brain: { normal: 2000, odd: 1 } },
    };
    const s = score(input(cells, { ...LISTS, trainingClassCounts }));
    expect(s.commonestClass).toEqual({
      guesses: [{ study: 'blood', class: 'normal' }],
      from: 'training',
      cells: { right: 3, n: 6, accuracy: 0.5 },
      donors: { right: 1, n: 2, accuracy: 0.5 },
    });
    expect(s.commonestClassOfItsStudy?.guesses).toEqual([{ study: 'blood', class: 'ill' }]);
    expect(s.commonestClassOfItsStudy?.cells.right).toBe(3);
    const elsewhere = score(
      input(
        [
          ['Z1', 0, ILL],
          ['Z2', 1, ILL],
          ['Z3', 1, ILL],
        ],
        { ...LISTS, trainingClassCounts },
      ),
    );
    expect(elsewhere.commonestClassOfItsStudy?.guesses).toEqual([{ study: null, class: 'normal' }]);
    expect(elsewhere.commonestClassOfItsStudy?.cells.right).toBe(2);
  });

  it('take the baselines from the file where the package has no counts', () => {
    const s = score(input(cells));
    expect(s.commonestClass).toMatchObject({ from: 'the tested cells', cells: { right: 3, n: 6 } });
    expect(s.commonestClassOfItsStudy).toMatchObject({
      from: 'seen donors of this file',
      guesses: [{ study: 'blood', class: 'ill' }],
    });
    expect(score(input([['Z1', 0, ILL]])).commonestClassOfItsStudy).toBeNull();
  });

  it('have no donor to be right about when its cells differ', () => {
    const s = score(
      input([
        ['Z1', 0, ILL],
        ['Z1', 1, NORMAL],
      ]),
    );
    expect(s.rows[0]).toMatchObject({ mixed: true, counted: false });
    expect(s.donors).toBeNull();
    expect(s.cells).toMatchObject({ right: 2, n: 2 });
  });

  it('stand without labels, donors or a training record', () => {
    const bare = { ...input([[null, -1, ILL]]), recorded: null, donors: null, training: null };
    const s = score(bare);
    expect(s).toMatchObject({ rows: [], donors: null, commonestClass: null, donorsKnown: false });
    expect(s.cells).toEqual({ right: 0, n: 0, accuracy: Number.NaN });
    expect(score(input([])).rows).toEqual([]);
  });
});
