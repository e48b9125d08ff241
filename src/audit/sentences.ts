import type {
  AuditFindings,
  Duplicates,
  OtherOverlap,
  Overlap,
  SharedCells,
  TrainingOverlap,
} from './findings.ts';

/** Pairs of groups that a sentence names. */
const MOST_NAMED = 8;

/** What an audit found, for people and reports: one finding a sentence or two, figures beside each. */
export function auditSentences(findings: AuditFindings): readonly string[] {
  const { cells, within, training, modelWithoutSketch, other } = findings;
  return [
    withinSentence(within, cells, findings.groupColumn),
    ...(training ? [trainingSentence(training, cells, findings.trainingRows.length)] : []),
    ...(modelWithoutSketch === null
      ? []
      : [
          `The model ${modelWithoutSketch} comes without a sketch of its training cells: whether cells of this file are among them cannot be told.`,
        ]),
    ...(other ? otherSentences(other, cells) : []),
  ];
}

function withinSentence(within: Duplicates, cells: number, groupColumn: string | null): string {
  const { genes, incomparable, rows, rowsAcross, pairs } = within;
  const compared = `compared on ${count(genes)} genes that one column each names${leftOut(incomparable)}`;
  if (genes === 0) return 'No gene of this file is known by an Ensembl id: its cells cannot be compared.';
  if (rows.length === 0) return `No cell occurs twice in this file (${compared}).`;
  const twice = `${share(rows.length, cells)} cells of this file occur more than once (${compared})`;
  if (groupColumn === null) return `${twice}; the file names no donors to say between whom.`;
  if (rowsAcross.length === 0) return `${twice}, always within one value of ${groupColumn}.`;
  // Each pair is there both ways round.
  const named = pairs.filter(({ group, other }) => (group ?? '') < (other ?? ''));
  return `${twice}, ${count(rowsAcross.length)} of them under several values of ${groupColumn} (${list(named, (a, b) => `${a} and ${b}`)}): a split by ${groupColumn} does not keep these apart.`;
}

function trainingSentence({ model, sources, groups }: TrainingOverlap, cells: number, found: number): string {
  const held = sources.reduce((sum, source) => sum + source.cells, 0);
  const trained = `the ${count(held)} cells ${model} was trained on`;
  const compared = sources.map((source) => `${source.name}: ${comparison(source)}`).join('; ');
  if (found === 0) return `No cell of this file is among ${trained} (${compared}).`;
  const concerned = groups
    .slice(0, MOST_NAMED)
    .map((group) => `${group.name}: ${count(group.found)} of ${count(group.cells)}`);
  if (groups.length > MOST_NAMED) concerned.push(`${groups.length - MOST_NAMED} more`);
  const by = concerned.length > 0 ? ` By donor: ${concerned.join(', ')}.` : '';
  return `${share(found, cells)} cells of this file are among ${trained}: no figure of this model on them is a test (${compared}).${by}`;
}

function otherSentences({ name, overlaps }: OtherOverlap, cells: number): readonly string[] {
  return overlaps.map((overlap) => {
    const there = overlap.name === name ? name : `${name} (${overlap.name})`;
    if (overlap.genes === 0) return `This file and ${there} share no gene that one column each names.`;
    const compared = comparison(overlap);
    if (overlap.rows.length === 0) return `No cell of this file is in ${there} (${compared}).`;
    const known = overlap.pairs.filter(({ group, other }) => group !== null || other !== null);
    const by = known.length > 0 ? ` By donor: ${list(known, (a, b) => `${a} here, ${b} there`)}.` : '';
    return `${share(overlap.rows.length, cells)} cells of this file are in ${there} too, as ${count(overlap.found)} of its ${count(overlap.cells)} cells (${compared}).${by}`;
  });
}

/** On what, and what could not be compared. */
function comparison({ genes, cells, comparable, incomparable }: Overlap): string {
  const there = comparable < cells ? `, ${some(cells - comparable)} there with too few of them` : '';
  return `${count(genes)} genes in common${leftOut(incomparable)}${there}`;
}

function leftOut(incomparable: number): string {
  return incomparable === 0 ? '' : `, ${some(incomparable)} here with too few of them`;
}

function list(pairs: readonly SharedCells[], both: (group: string, other: string) => string): string {
  const named = pairs.slice(0, MOST_NAMED).map(({ group, other, cells }) => {
    const names = group === other ? group : both(group ?? 'none', other ?? 'none');
    return `${names}: ${count(cells)}`;
  });
  if (pairs.length > MOST_NAMED) named.push(`${pairs.length - MOST_NAMED} more`);
  return named.join(', ');
}

/** 1 → "1 cell". */
function some(cells: number): string {
  return cells === 1 ? '1 cell' : `${count(cells)} cells`;
}

function share(some: number, all: number): string {
  return `${count(some)} of ${count(all)}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
