import { Random } from '../analysis/random.ts';
import { ascending, dealByStratum } from './deal.ts';
import { ProbeError } from './errors.ts';
import { heldOutCase } from './held-out-case.ts';
import type { Fold, ProbeData, ProbeSettings, SplitPlan } from './types.ts';
import { type GroupOfCells, groupsOf, isSeen, usableCells } from './usable.ts';

/**
 * The folds of a split, before anything is fitted. In every kind of it
 * - a cell without a label, with a feature that is not finite or, where the file names groups, without a
 *   group is on neither side;
 * - a group whose labels the encoder has seen trains in every fold and is never tested;
 * - no cell is tested twice, and, but for 'random-cells', no group is on both sides of a fold.
 * The same data, settings and seed give the same folds.
 * @throws ProbeError where the data cannot be split so
 */
export function planFolds(data: ProbeData, settings: ProbeSettings): Fold[] {
  const { cells } = usableCells(data);
  if (new Set(Array.from(cells, (cell) => data.labels[cell])).size < 2) {
    throw new ProbeError('one-class', 'fewer than two classes have labelled cells that can be used');
  }
  const folds = foldsOf(data, cells, settings);
  if (folds.length === 0) throw new ProbeError('nothing-to-test', 'no cell is left to be tested');
  if (folds.every((fold) => fold.train.length === 0)) {
    throw new ProbeError('nothing-to-train', 'no cell is left to learn from');
  }
  const learnable = folds.some(({ train }) =>
    train.some((cell) => data.labels[cell] !== data.labels[train[0]]),
  );
  if (!learnable) throw new ProbeError('one-class-in-training', 'no fold has two classes to learn from');
  return folds;
}

function foldsOf(data: ProbeData, cells: Uint32Array, settings: ProbeSettings): Fold[] {
  const plan = settings.split;
  if (plan.kind === 'random-cells') return randomCells(data, cells, plan.folds, settings.seed);
  if (data.groups === null) throw new ProbeError('no-groups', 'the cells have no groups to be split by');
  const { names } = data.groups;
  const groups = groupsOf(data, cells);
  switch (plan.kind) {
    case 'leave-one-group-out':
      return leaveOneOut(groups, names);
    case 'grouped-k-fold':
      return groupedFolds(groups, plan.folds, settings.seed);
    case 'held-out-groups':
      return heldOutGroups(groups, names, plan);
    case 'held-out-case':
      return [heldOutCase(groups, plan, settings)];
  }
}

function leaveOneOut(groups: readonly GroupOfCells[], names: readonly string[]): Fold[] {
  if (groups.length < 2) throw tooFew(groups.length, 2);
  return groups
    .filter((group) => !group.seen)
    .map((group) => foldOf(names[group.code], groups, [group.code]));
}

/** Groups are dealt by their commonest class, so that folds keep the classes as far as whole groups let them. */
function groupedFolds(groups: readonly GroupOfCells[], count: number, seed: number): Fold[] {
  checkFolds(count);
  const unseen = groups.filter((group) => !group.seen);
  if (unseen.length < count) throw tooFew(unseen.length, count);
  const majority = new Map(unseen.map((group) => [group.code, group.majority]));
  return dealByStratum([...majority.keys()], (code) => majority.get(code) ?? -1, count, new Random(seed)).map(
    (hand, i) => foldOf(`fold ${i + 1}`, groups, hand),
  );
}

function heldOutGroups(
  groups: readonly GroupOfCells[],
  names: readonly string[],
  plan: Extract<SplitPlan, { kind: 'held-out-groups' }>,
): Fold[] {
  if (plan.groups.length === 0) throw new ProbeError('nothing-to-test', 'no group is held out');
  const codes = plan.groups.map((name) => {
    const code = names.indexOf(name);
    if (code < 0) throw new ProbeError('unknown-group', `there is no group ${name}`, name);
    const group = groups.find((other) => other.code === code);
    if (group?.seen) throw new ProbeError('seen-group', `the encoder has seen the labels of ${name}`, name);
    return code;
  });
  return [foldOf('held out', groups, codes)].filter((fold) => fold.test.length > 0);
}

function randomCells(data: ProbeData, cells: Uint32Array, count: number, seed: number): Fold[] {
  checkFolds(count);
  const seen = cells.filter((cell) => isSeen(data, cell));
  const testable = cells.filter((cell) => !isSeen(data, cell));
  const hands = dealByStratum(testable, (cell) => data.labels[cell], count, new Random(seed));
  return hands.flatMap((hand, i) => {
    const train = [...seen, ...hands.filter((_, other) => other !== i).flat()];
    return hand.length === 0
      ? []
      : [{ name: `fold ${i + 1}`, train: ascending(train), test: ascending(hand) }];
  });
}

function foldOf(name: string, groups: readonly GroupOfCells[], tested: readonly number[]): Fold {
  const isTested = (group: GroupOfCells) => tested.includes(group.code);
  return {
    name,
    train: ascending(groups.filter((group) => !isTested(group)).flatMap((group) => group.cells)),
    test: ascending(groups.filter(isTested).flatMap((group) => group.cells)),
  };
}

function checkFolds(count: number): void {
  if (!Number.isInteger(count) || count < 2) {
    throw new ProbeError('bad-setting', `a split needs two folds or more, not ${count}`, 'folds');
  }
}

function tooFew(found: number, needed: number): ProbeError {
  return new ProbeError('too-few-groups', `${found} groups are fewer than the ${needed} this split needs`);
}
