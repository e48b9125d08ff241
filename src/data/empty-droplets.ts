/** A cell of a whole transcriptome has more counts than this; a droplet with ambient RNA alone has fewer. */
const FEW_COUNTS = 50;
/** Panels of fewer genes count little in whole cells too. */
const WHOLE_TRANSCRIPTOME = 5_000;
const FEWEST_ROWS = 200;

/**
 * A sentence where most rows are empty droplets, as in 10x Genomics' `raw_feature_bc_matrix`; null elsewhere.
 * @param totals counts of the cells looked at
 * @param genes columns of the matrix
 */
export function emptyDropletsNote(totals: ArrayLike<number>, genes: number): string | null {
  if (totals.length < FEWEST_ROWS || genes < WHOLE_TRANSCRIPTOME) return null;
  let few = 0;
  for (let i = 0; i < totals.length; i++) if (totals[i] < FEW_COUNTS) few++;
  const share = few / totals.length;
  if (share <= 0.5) return null;
  const percent = Math.min(99.9, Math.floor(1000 * share) / 10);
  return (
    `${percent} % of the rows have fewer than ${FEW_COUNTS} counts: this looks like an unfiltered matrix, most of ` +
    'whose rows are empty droplets and not cells. Open the filtered one (filtered_feature_bc_matrix), or leave ' +
    'out rows below the gene threshold.'
  );
}
