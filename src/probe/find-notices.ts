import type { FoldAnswer } from './methods/method.ts';
import type { Notice } from './notices.ts';
import type { MethodResult } from './results.ts';
import type { Fold, ProbeData, ProbeSettings } from './types.ts';
import { donorStrata } from './uncertainty/by-donor.ts';
import { classCounts, groupsOf, type UsableCells } from './usable.ts';

/** What the data and its folds say before anything is fitted. */
export function noticesOfData(
  data: ProbeData,
  settings: Pick<ProbeSettings, 'split'>,
  usable: UsableCells,
  folds: readonly Fold[],
): readonly Notice[] {
  const notices: Notice[] = [];
  const { withoutGroup, notFinite } = usable;
  if (withoutGroup > 0) notices.push({ kind: 'cells-left-out', reason: 'no-group', cells: withoutGroup });
  if (notFinite > 0) notices.push({ kind: 'cells-left-out', reason: 'not-finite', cells: notFinite });
  if (data.groups === null) notices.push({ kind: 'no-groups' });
  else {
    const names = data.groups.names;
    const groups = groupsOf(data, usable.cells);
    const seen = groups.filter((group) => group.seen).map((group) => names[group.code]);
    if (seen.length > 0) notices.push({ kind: 'seen-groups', groups: seen });
    data.classes.forEach((name, label) => {
      const having = groups.filter((group) => group.cells.some((cell) => data.labels[cell] === label));
      if (having.length === 1) {
        notices.push({ kind: 'class-in-one-group', name, group: names[having[0].code] });
      }
    });
    if (settings.split.kind === 'random-cells') notices.push({ kind: 'leaks' });
  }
  const k = data.classes.length;
  const inAll = classCounts(data.labels, usable.cells, k);
  const trained = folds.map((fold) => classCounts(data.labels, fold.train, k));
  data.classes.forEach((name, label) => {
    const lacking = folds.filter((_, f) => trained[f][label] === 0).map((fold) => fold.name);
    if (inAll[label] > 0 && lacking.length > 0) {
      notices.push({ kind: 'class-not-trained', name, folds: lacking });
    }
  });
  return notices;
}

/** What became of a method's fits. */
export function noticesOfMethod(
  method: string,
  folds: readonly Fold[],
  answers: readonly FoldAnswer[],
): readonly Notice[] {
  const named = (wanted: (answer: FoldAnswer) => boolean) =>
    folds.filter((_, f) => wanted(answers[f])).map((fold) => fold.name);
  const notices: Notice[] = [];
  for (const reason of ['too-few-groups', 'class-in-one-group'] as const) {
    const lacking = named((answer) => answer.chosen?.fallback === reason);
    if (lacking.length > 0) notices.push({ kind: 'default-c', method, reason, folds: lacking });
  }
  const stopped = named((answer) => !answer.converged);
  if (stopped.length > 0) notices.push({ kind: 'not-converged', method, folds: stopped });
  return notices;
}

/** What may be claimed of the probe, and against what its figures are to be read. */
export function noticesOfUncertainty(
  data: ProbeData,
  settings: Pick<ProbeSettings, 'split' | 'permutations'>,
  probe: MethodResult,
): readonly Notice[] {
  if (data.groups === null) return [];
  const notices: Notice[] = [];
  const { varies, rarest } = donorStrata(data, probe.cells);
  if (probe.uncertainty.kind === 'no-claim') notices.push({ kind: 'no-claim', varies, groups: rarest });
  if (settings.permutations > 0 && settings.split.kind !== 'random-cells') {
    const mixed = probe.byGroup.filter((group) => group.recorded < 0);
    if (mixed.length > 0 && mixed.length < probe.byGroup.length) {
      const groups = mixed.map((group) => group.name);
      notices.push({ kind: 'some-groups-mixed', groups, of: probe.byGroup.length });
    }
    if (probe.permutation === null) notices.push({ kind: 'no-null', why: noNull(probe) });
    else if (settings.split.kind === 'leave-one-group-out') notices.push({ kind: 'pooled-groups' });
  }
  return notices;
}

function noNull(probe: MethodResult): 'one-way' | 'undefined' {
  return new Set(probe.byGroup.map((group) => group.recorded)).size < 2 ? 'one-way' : 'undefined';
}
