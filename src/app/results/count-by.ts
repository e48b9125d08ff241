/** How often each value occurs among some cells, commonest first. */
export function countBy(
  cells: Iterable<number>,
  labelOf: (cell: number) => string,
): readonly { readonly value: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const cell of cells) {
    const value = labelOf(cell);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
}
