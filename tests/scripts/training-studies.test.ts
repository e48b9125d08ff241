import { describe, expect, it } from 'vitest';
import { type StudyModel, studiesPage } from '../../scripts/lib/training-studies-page.mjs';

/** A model whose figures are all `score`, its loss `2 − score`. */
function model(score: number, changes: Partial<StudyModel>): StudyModel {
  const probe = { balancedAccuracy: score, cells: 1186, donors: 6, classes: 3 };
  return {
    kind: 'trained',
    lambda: 1,
    share: 1,
    seed: 1,
    cells: 8000,
    steps: 100,
    seconds: 60,
    hidden: { loss: 2 - score, frequencies: 1.5, tokens: 39_073 },
    probes: { types: probe, answers: { ...probe, donors: 3, classes: 2 } },
    ...changes,
  };
}

const group = (scores: readonly number[], changes: Partial<StudyModel>) =>
  scores.map((score, i) => model(score, { ...changes, seed: i + 1 }));

const facts = {
  date: '2026-01-02',
  command: 'npm run studies',
  version: '1.2.3',
  shape: 'TEDDY-X, 2 layers',
  cellsPerStep: 32,
  device: 'a device',
  trial: false,
  questions: [
    { id: 'types', title: 'Cell type', labels: 'derived', derived: true },
    { id: 'answers', title: 'Stimulation', labels: 'the experiment', derived: false },
  ],
};

describe('the page of the training studies', () => {
  const page = studiesPage(
    [
      ...group([0.5, 0.6, 0.7], { lambda: 0 }),
      ...group([0.55, 0.65, 0.75], { share: 0.25, cells: 2000 }),
      ...group([0.8, 0.85, 0.9], {}),
      ...group([0.35, 0.4, 0.45], { kind: 'untrained', steps: 1 }),
    ],
    facts,
  );
  const rows = page.split('\n').filter((line) => line.startsWith('| '));

  it('has means and deviations over seeds, with the control beside them', () => {
    expect(rows).toContain('| λ = 0 | 3 | 8,000 | 1.400 ± 0.100 | 1.500 | 0.600 ± 0.100 | 0.600 ± 0.100 |');
    expect(rows).toContain('| λ = 1 | 3 | 8,000 | 1.150 ± 0.050 | 1.500 | 0.850 ± 0.050 | 0.850 ± 0.050 |');
    expect(rows).toContain('| untrained | 3 | – | 1.600 ± 0.050 | 1.500 | 0.400 ± 0.050 | 0.400 ± 0.050 |');
    expect(rows).toContain('| 25 % | 3 | 2,000 | 1.350 ± 0.100 | 1.500 | 0.650 ± 0.100 | 0.650 ± 0.100 |');
    expect(rows).toContain('| 1 | 25 % | 2 | 2,000 | 100 | 60 | 1.500 | 1.350 | 0.650 | 0.650 |');
    expect(page).toContain('1,186 cells of 6 donors, 3 classes (chance 0.333); derived.');
    expect(page).toContain('9 trainings of 60 to 60 s (a device), 9 minutes together');
  });

  it('says of two groups only what their seeds allow', () => {
    expect(page).toContain(
      '- Cell type: 0.600 of λ = 0, 0.850 of λ = 1: every seed of λ = 1 is better than every seed of λ = 0.',
    );
    expect(page).toContain(
      'Loss of hidden tokens: 1.400 of λ = 0, 1.150 of λ = 1: every seed of λ = 1 is better',
    );
    expect(page).toContain(
      'Hidden tokens of λ = 0, beside guessing by the frequencies of the study: 1.400 against 1.500, better in 2 of 3 seeds.',
    );
    const near = studiesPage(
      [
        ...group([0.5, 0.9], { lambda: 0 }),
        ...group([0.8, 0.95], {}),
        ...group([0.96, 0.97], { kind: 'untrained' }),
      ],
      { ...facts, trial: true },
    );
    expect(near).toContain(
      '0.700 of λ = 0, 0.875 of λ = 1: the seeds overlap, so the two are not told apart.',
    );
    expect(near).toContain('every seed of λ = 1 is worse than every seed of untrained.');
    expect(near).toContain('a trial with few steps or cells: it says nothing');
    expect(page).not.toContain('a trial');
  });

  it('says what three seeds, few donors and few passes cannot show', () => {
    expect(page).toContain(
      'Of 3 seeds against 3 the smallest p of a two-sided permutation test is 0.100: even seeds that are wholly apart',
    );
    expect(page).toContain('6 (Cell type), 3 (Stimulation) tell how these people’s cells are answered');
    expect(page).toContain(
      'Passes over the training cells: 1.600 at 25 %, 0.400 at 100 %. Where it is below 1',
    );
    expect(page).toContain('The labels of Cell type are derived, not recorded: the figure is agreement');
    expect(page).not.toContain('The labels of Stimulation are derived');
  });
});
