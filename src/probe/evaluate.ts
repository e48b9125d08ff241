import { ProbeError } from './errors.ts';
import { noticesOfData, noticesOfMethod, noticesOfUncertainty } from './find-notices.ts';
import { Fits } from './fits.ts';
import type { FitEnvironment } from './logistic/back-ends.ts';
import { measure } from './measure.ts';
import { expressionMethod } from './methods/expression.ts';
import { commonestClass, commonestOfStudy } from './methods/guesses.ts';
import { headMethod } from './methods/head.ts';
import type { FoldAnswer, Method } from './methods/method.ts';
import { probeMethod } from './methods/probe.ts';
import { type Notice, noticeSentence } from './notices.ts';
import type { Evaluation, FoldReport, MethodResult } from './results.ts';
import { checkSettings } from './settings.ts';
import { planFolds } from './splits.ts';
import type { Fold, ProbeData, ProbeJobOptions, ProbeSettings } from './types.ts';
import { permutationFits, permutationNull, planPermutations } from './uncertainty/permutation-null.ts';
import type { Relabellings } from './uncertainty/relabellings.ts';
import { groupsOf, usableCells } from './usable.ts';

/** The probe on one set of folds: its fits are the only ones that labels are permuted for. */
interface ProbePlan {
  readonly folds: readonly Fold[];
  /** null = no null is made of these folds. */
  readonly null: Relabellings | null;
}

/**
 * Every method on the same folds, with uncertainty by donor and the null of labels that say nothing. A split
 * by random cells has no null of its own; the same probe split by group, with its null, stands beside it.
 * @throws ProbeError where the data cannot be split so
 * @throws the signal's reason once it aborted, between and within fits
 */
export async function evaluate(
  data: ProbeData,
  settings: ProbeSettings,
  options: ProbeJobOptions,
  environment: FitEnvironment = {},
): Promise<Evaluation> {
  checkSettings(settings);
  const folds = planFolds(data, settings);
  const usable = usableCells(data);
  const random = settings.split.kind === 'random-cells';
  const own: ProbePlan = { folds, null: random ? null : planPermutations(data, folds, settings) };
  const instead = random && data.groups !== null ? planInstead(data, settings) : null;
  const probe = probeMethod(settings);
  const others = baselines(data, settings);
  const plans = instead === null || instead instanceof ProbeError ? [own] : [own, instead];
  const total =
    folds.length * others.reduce((sum, method) => sum + method.fits, 0) +
    plans.reduce((sum, plan) => sum + probeFits(probe, plan), 0);
  const fits = new Fits(options, total, environment);

  const notices: Notice[] = [...noticesOfData(data, settings, usable, folds)];
  const run = async (method: Method, on: readonly Fold[]) => {
    const answers: FoldAnswer[] = [];
    for (const fold of on) {
      options.signal?.throwIfAborted();
      fits.begin(method.name, method.fits);
      answers.push(await method.answer(fold, { data, settings, fits }));
    }
    notices.push(...noticesOfMethod(method.name, on, answers));
    return { answers, result: await measure(method, on, answers, data, settings, options.signal) };
  };
  const runProbe = async (plan: ProbePlan) => {
    const { answers, result } = await run(probe, plan.folds);
    const cs = answers.map((answer) => answer.chosen?.c ?? 1);
    if (plan.null === null) return { cs, result };
    fits.begin('labels permuted over donors', permutationFits(plan.null, plan.folds.length));
    const permutation = await permutationNull(
      data,
      plan.folds,
      cs,
      plan.null,
      result.metrics,
      settings,
      fits,
    );
    return { cs, result: { ...result, permutation } };
  };

  const { cs, result } = await runProbe(own);
  const methods: MethodResult[] = [result];
  for (const method of others) methods.push((await run(method, folds)).result);
  if (instead instanceof ProbeError) notices.push({ kind: 'nothing-instead', why: instead.message });
  const byGroupInstead = plans.length > 1 ? (await runProbe(plans[1])).result : null;
  fits.end();
  notices.push(...noticesOfUncertainty(data, settings, result));
  const groups = groupsOf(data, usable.cells);
  return {
    classes: data.classes,
    labelled: data.labels.length - usable.unlabelled,
    tested: folds.reduce((sum, fold) => sum + fold.test.length, 0),
    groups: groups.length,
    testedGroups: new Set(folds.flatMap((fold) => groupsOf(data, fold.test).map(({ code }) => code))).size,
    seenGroups: groups.filter((group) => group.seen).map(({ code }) => data.groups?.names[code] ?? ''),
    folds: folds.map((fold, f) => foldReport(data, fold, cs[f])),
    methods,
    byGroupInstead,
    notices: [...new Set(notices.map(noticeSentence))],
  };
}

/** What the probe must beat, on the same folds. */
function baselines(data: ProbeData, settings: ProbeSettings): readonly Method[] {
  return [
    ...(data.expression === null ? [] : [expressionMethod(data.expression, settings)]),
    commonestClass(),
    ...(data.studies === null ? [] : [commonestOfStudy(data.studies)]),
    ...(data.head === null ? [] : [headMethod(data.head)]),
  ];
}

/** As many folds of whole groups as there were random ones, fewer where there are fewer groups. */
function planInstead(data: ProbeData, settings: ProbeSettings): ProbePlan | ProbeError {
  const asked = settings.split.kind === 'random-cells' ? settings.split.folds : 0;
  const unseen = groupsOf(data, usableCells(data).cells).filter((group) => !group.seen).length;
  const split =
    unseen < 2
      ? ({ kind: 'leave-one-group-out' } as const)
      : ({ kind: 'grouped-k-fold', folds: Math.min(asked, unseen) } as const);
  try {
    const folds = planFolds(data, { ...settings, split });
    return { folds, null: planPermutations(data, folds, settings) };
  } catch (error) {
    if (error instanceof ProbeError) return error;
    throw error;
  }
}

function probeFits(probe: Method, plan: ProbePlan): number {
  return plan.folds.length * probe.fits + permutationFits(plan.null, plan.folds.length);
}

function foldReport(data: ProbeData, fold: Fold, c: number): FoldReport {
  const names = (cells: Uint32Array) =>
    groupsOf(data, cells).map(({ code }) => data.groups?.names[code] ?? '');
  return {
    name: fold.name,
    trainCells: fold.train.length,
    testCells: fold.test.length,
    trainGroups: names(fold.train),
    testGroups: names(fold.test),
    c,
  };
}
