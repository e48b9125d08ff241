import { Random } from '../analysis/random.ts';
import { ascending, shuffle } from '../probe/deal.ts';
import { DRAW, mixSeeds } from './seeds.ts';
import type { DonorCells, DonorSets } from './types.ts';

/** 0.07 → "7 %", 0.125 → "12.5 %": four significant digits, without those that binary fractions bring along. */
export function sharePercent(share: number): string {
  return `${Number((100 * share).toPrecision(4))} %`;
}

/**
 * The sets with a share of every training donor's cells (of a study without donors: of its cells), one cell at least,
 * so that fewer cells train and no fewer donors. Each donor's cells have one order of a seed, of which a share is the
 * beginning: 25 % of them are among the 50 %.
 * @param share above 0 to 1
 */
export function drawTrainingShare(
  { donors, studies }: Pick<DonorCells, 'donors' | 'studies'>,
  sets: DonorSets,
  share: number,
  seed: number,
): DonorSets {
  const groups = new Map<number, number[]>();
  for (const cell of sets.train) {
    // Cells of studies without donors come after the donors.
    const group = donors.codes[cell] >= 0 ? donors.codes[cell] : donors.names.length + studies[cell];
    const members = groups.get(group);
    if (members) members.push(cell);
    else groups.set(group, [cell]);
  }
  const train = [...groups].flatMap(([group, cells]) => {
    shuffle(cells, new Random(mixSeeds(seed, DRAW.share, group)));
    return cells.slice(0, Math.max(1, Math.round(share * cells.length)));
  });
  if (train.length === sets.train.length) return sets;
  const notice = `Of every training donor ${sharePercent(share)} of the cells train, drawn by the seed: ${train.length} of ${sets.train.length} in all.`;
  return { ...sets, train: ascending(train), notices: [...sets.notices, notice] };
}
