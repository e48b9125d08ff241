import { Random } from '../../analysis/random.ts';
import { ascending, dealByStratum } from '../deal.ts';
import type { ProbeData } from '../types.ts';
import { groupsOf } from '../usable.ts';

export interface InnerFold {
  readonly train: Uint32Array<ArrayBuffer>;
  readonly validation: Uint32Array<ArrayBuffer>;
}

/** Why nothing can be chosen on training cells. */
export type NoInnerFolds = 'too-few-groups' | 'class-in-one-group';

/** Five suffice to rank the strengths of a penalty that are tenfold apart. */
export const MOST_INNER_FOLDS = 5;

/**
 * Splits the training cells of a fold by group into train and validation, each group validated once; groups
 * that the encoder has seen take part. Groups are dealt by commonest class.
 * @returns why not, where there are fewer than two groups or where a training part lacks a class that the
 * cells have: then validation would ask for classes never taught.
 */
export function innerFolds(
  data: ProbeData,
  train: Uint32Array,
  seed: number,
): readonly InnerFold[] | NoInnerFolds {
  const groups = groupsOf(data, train);
  if (groups.length < 2) return 'too-few-groups';
  const byCode = new Map(groups.map((group) => [group.code, group]));
  const hands = dealByStratum(
    [...byCode.keys()],
    (code) => byCode.get(code)?.majority ?? -1,
    Math.min(MOST_INNER_FOLDS, groups.length),
    new Random(seed),
  );
  const cellsOf = (codes: readonly number[]) =>
    ascending(codes.flatMap((code) => byCode.get(code)?.cells ?? []));
  const folds = hands.map((hand, i) => ({
    train: cellsOf(hands.filter((_, other) => other !== i).flat()),
    validation: cellsOf(hand),
  }));
  const classesOf = (cells: Uint32Array) => new Set(Array.from(cells, (cell) => data.labels[cell])).size;
  const all = classesOf(train);
  return folds.some((fold) => classesOf(fold.train) < all) ? 'class-in-one-group' : folds;
}
