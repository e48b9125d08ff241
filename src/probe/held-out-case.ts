import { Random } from '../analysis/random.ts';
import { shuffle } from './deal.ts';
import { ProbeError } from './errors.ts';
import type { Fold, ProbeSettings, SplitPlan } from './types.ts';
import type { GroupOfCells } from './usable.ts';

type CasePlan = Extract<SplitPlan, { kind: 'held-out-case' }>;

/**
 * Learn `trainCases` against `control`, be tested on `testCase` against `control`: the paper's second
 * task (an unseen disease). A group is on one side: with any cell of the test case it is tested, and its
 * other cells but controls are left out; groups of controls alone (or with training cases) are split,
 * half of the unseen ones to the test. Seen groups only train, and never with the test case.
 * @param groups of the usable cells
 */
export function heldOutCase(groups: readonly GroupOfCells[], plan: CasePlan, settings: ProbeSettings): Fold {
  const cases = settings.cases;
  if (cases === null) throw new ProbeError('no-cases', 'a split by case needs the case of each cell');
  if (plan.testCase === plan.control || plan.trainCases.includes(plan.testCase)) {
    throw new ProbeError('bad-setting', `${plan.testCase} cannot train and be tested`, plan.testCase);
  }
  if (plan.trainCases.includes(plan.control) || plan.trainCases.length === 0) {
    throw new ProbeError(
      'bad-setting',
      'a split by case needs cases to learn beside the control',
      'trainCases',
    );
  }
  const codeOf = (name: string): number => {
    const code = cases.names.indexOf(name);
    if (code < 0) throw new ProbeError('unknown-case', `no cell is of the case ${name}`, name);
    return code;
  };
  const test = codeOf(plan.testCase);
  const control = codeOf(plan.control);
  const train = plan.trainCases.map(codeOf);
  const has = (group: GroupOfCells, code: number) => group.cells.some((cell) => cases.codes[cell] === code);

  const tested = new Set(groups.filter((group) => !group.seen && has(group, test)).map(({ code }) => code));
  if (tested.size === 0) {
    throw new ProbeError('nothing-to-test', `no unseen group is of the case ${plan.testCase}`, plan.testCase);
  }
  const controls = groups.filter((group) => has(group, control) && !tested.has(group.code));
  for (const code of testedControls(controls, plan, settings.seed)) tested.add(code);
  const cellsOf = (side: boolean, wanted: readonly number[]) =>
    Uint32Array.from(
      groups
        .filter((group) => tested.has(group.code) === side)
        .flatMap((group) => group.cells.filter((cell) => wanted.includes(cases.codes[cell]))),
    ).sort();
  const fold = {
    name: plan.testCase,
    train: cellsOf(false, [...train, control]),
    test: cellsOf(true, [test, control]),
  };
  if (!fold.train.some((cell) => cases.codes[cell] !== control)) {
    throw new ProbeError('nothing-to-train', 'no group is left to learn the training cases from');
  }
  return fold;
}

/** Half of the unseen control groups, one at least; one control group has to stay for training. */
function testedControls(controls: readonly GroupOfCells[], plan: CasePlan, seed: number): readonly number[] {
  const unseen = controls.filter((group) => !group.seen).map((group) => group.code);
  if (unseen.length === 0 || controls.length < 2) {
    throw new ProbeError(
      'too-few-groups',
      `${plan.control} needs two groups, one of them unseen: one to learn from, one to be tested on`,
      plan.control,
    );
  }
  shuffle(unseen, new Random(seed));
  return unseen.slice(0, Math.max(1, Math.floor(unseen.length / 2)));
}
