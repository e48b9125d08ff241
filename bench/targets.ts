import type { BenchResult, Contender, Contest } from './result.ts';

/** A target beside what was found. */
export interface Judged {
  readonly target: string;
  readonly wanted: string;
  readonly found: string;
  /** null: nothing to judge, a figure to be reported or one that was not measured. */
  readonly reached: boolean | null;
}

/** Least ratios by adapter; null = to be reported. */
interface Wanted {
  readonly equal: number;
  readonly cap: number;
  readonly longest: number;
  readonly gemm: number | null;
  readonly forward: number | null;
}

const LAVAPIPE: Wanted = { equal: 2, cap: 4, longest: 3.5, gemm: null, forward: null };
const SWIFTSHADER: Wanted = { equal: 5, cap: 10, longest: 8, gemm: null, forward: null };
const HARDWARE: Wanted = { equal: 1.5, cap: 3, longest: 2.5, gemm: 0.5, forward: 0.35 };
const WASM_LONGEST = 1.8;
/** 10M and 70M. */
const CONTEST_MODELS = 2;

/** The targets for the adapter's kind. */
export function judgeTargets(result: BenchResult): Judged[] {
  const { adapter, contests, gemm, peak } = result;
  const wanted = wantedOn(adapter);
  const real = (kind: Contest['kind']) =>
    contests.filter(({ kind: own, cells }) => own === kind && /COMBAT/.test(cells));
  const packed = real('mix').map(({ figures }) => figures[0].flops / peak.flops);
  const small = real('wasm').filter(({ model }) => model === '10M');
  return [
    least(
      'equal lengths, against ort-webgpu',
      wanted.equal,
      CONTEST_MODELS,
      ratios(
        contests.filter(({ kind }) => kind === 'equal'),
        'ort-webgpu',
      ),
    ),
    least(
      'COMBAT, against ort-webgpu padded to the cap',
      wanted.cap,
      CONTEST_MODELS,
      ratios(real('mix'), 'ort-webgpu padded to cap'),
    ),
    least(
      'COMBAT, against ort-webgpu padded to the longest of 8',
      wanted.longest,
      CONTEST_MODELS,
      ratios(real('mix'), 'ort-webgpu padded to longest'),
    ),
    ofPeak(
      'matrix products, share of peak',
      wanted.gemm,
      gemm.map(({ flops }) => flops / peak.flops),
    ),
    ofPeak('forward on COMBAT, share of peak', wanted.forward, packed),
    least(
      'wasm, COMBAT, 10M, against ort-wasm padded to the longest of 8',
      WASM_LONGEST,
      1,
      ratios(small, 'ort-wasm padded to longest'),
    ),
  ];
}

function wantedOn({ name, software }: BenchResult['adapter']): Wanted {
  if (!software) return HARDWARE;
  return /swiftshader/i.test(name) ? SWIFTSHADER : LAVAPIPE;
}

/** A ratio, and by how much the lengths were shortened for it. */
interface Found {
  readonly model: string;
  readonly ratio: number;
  readonly shorter: number;
}

function ratios(contests: readonly Contest[], by: Contender): Found[] {
  return contests.flatMap((contest) => {
    const found = ratio(contest, by);
    return found === null ? [] : [{ model: contest.model, ratio: found, shorter: contest.scale.shorter }];
  });
}

/** How many times as fast the first of a contest is as another; null where that one was not measured. */
export function ratio({ figures }: Contest, by: Contender): number | null {
  const other = figures.find((figure) => figure.by === by);
  return other === undefined ? null : figures[0].cellsPerSecond / other.cellsPerSecond;
}

/**
 * Missed where one model is below the target; reached where all of them are measured, on cells of their
 * true length, and none is below.
 */
function least(target: string, wanted: number, models: number, found: readonly Found[]): Judged {
  const whole = found.filter(({ shorter }) => shorter === 1);
  const missed = whole.some(({ ratio: value }) => !(value >= wanted));
  const range = found
    .map(
      ({ model, ratio: value, shorter }) =>
        `${model} ${value.toFixed(2)}×${shorter === 1 ? '' : ` (lengths ÷ ${shorter}: not judged)`}`,
    )
    .join(', ');
  return {
    target,
    wanted: `≥ ${wanted}×`,
    found: range || 'not measured',
    reached: missed ? false : whole.length === models ? true : null,
  };
}

function ofPeak(target: string, wanted: number | null, found: readonly number[]): Judged {
  const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
  return {
    target,
    wanted: wanted === null ? 'report' : `≥ ${percent(wanted)}`,
    found:
      found.length === 0
        ? 'not measured'
        : `${percent(Math.min(...found))} to ${percent(Math.max(...found))}`,
    reached: wanted === null || found.length === 0 ? null : Math.min(...found) >= wanted,
  };
}
