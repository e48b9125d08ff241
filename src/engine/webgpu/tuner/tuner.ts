import type { GpuContext } from '../../../gpu/device.ts';
import type { ModelConfig } from '../../../model/config.ts';
import type { Precision } from '../../engine.ts';
import type { BrokenKernel } from '../broken-kernel.ts';
import type { KernelCase } from '../cases/kernel-case.ts';
import { freshSeed } from '../choose-kernels.ts';
import { isKnownAdapter, orderedVariants } from '../default-variants.ts';
import { Executor } from '../executor.ts';
import type { KernelVariant } from '../kernel.ts';
import { KERNELS } from '../kernels/index.ts';
import { encoderCases, testVariant } from '../self-test.ts';
import { familyOf, type TuningTable } from '../variants.ts';
import { adapterIdentity, readTable, type TuningStore, writeTable } from './record.ts';
import { type TimedDispatch, timedDispatches } from './shapes.ts';
import { tune } from './tune.ts';

export interface TuningOptions {
  readonly store: TuningStore;
  /** Told apart where the adapter has no name. */
  readonly userAgent: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Told where what is remembered cannot be read; it is measured again. */
  readonly onUnread?: (() => void) | undefined;
  /** Also where a committed order is known (default false): tests. */
  readonly known?: boolean;
}

/** Milliseconds measured at a start: of a GPU's own time, and of a software adapter's with compiling. */
const BUDGET_MS = { hardware: 200, software: 10_000 } as const;

/** A measurement lasts about this long: of a dispatch that takes less, several. */
const SAMPLE_SECONDS = { hardware: 0.002, software: 0.02 } as const;
const MOST_REPEATS = 16;

/**
 * The variants that are fastest on this adapter for a model's shapes: remembered from an earlier start, or
 * measured now, and remembered. Adapters whose order is committed are not measured. Every variant passes
 * the self-test before it is timed; one that fails is not in the table.
 * @throws the signal's reason, GpuLostError
 */
export async function tunedTable(
  context: GpuContext,
  config: ModelConfig,
  precision: Precision,
  options: TuningOptions,
  broken?: BrokenKernel,
): Promise<TuningTable> {
  if (!options.known && isKnownAdapter(context)) return {};
  const identity = adapterIdentity(context, options.userAgent);
  const { table: remembered, unread } = await readTable(options.store, identity);
  if (unread) options.onUnread?.();
  const timed = timedDispatches(config, precision, context.software).filter(
    ({ key }) => remembered[key] === undefined,
  );
  if (timed.length === 0) return remembered;
  const table = { ...remembered, ...(await measureAll(context, config, precision, timed, options, broken)) };
  await writeTable(options.store, identity, table);
  return table;
}

async function measureAll(
  context: GpuContext,
  config: ModelConfig,
  precision: Precision,
  timed: readonly TimedDispatch[],
  { signal, onProgress }: TuningOptions,
  broken: BrokenKernel | undefined,
): Promise<TuningTable> {
  const families = encoderCases(config, precision, freshSeed());
  const cases = new Map(families.map((own) => [familyOf(own[0].dispatch), own]));
  const byKey = new Map(timed.map((dispatch) => [dispatch.key, dispatch]));
  const variantsOf = (dispatch: TimedDispatch) =>
    orderedVariants(context, KERNELS[dispatch.dispatch.kernel], [dispatch.dispatch]);
  const kind = context.software ? 'software' : 'hardware';
  const began = performance.now();
  let measuredMs = 0;
  return tune(
    timed.map((dispatch) => ({
      key: dispatch.key,
      family: dispatch.family,
      variants: variantsOf(dispatch).map(({ name }) => name),
    })),
    async (key, name) => {
      const dispatch = byKey.get(key);
      const variant = dispatch && variantsOf(dispatch).find((candidate) => candidate.name === name);
      if (dispatch === undefined || variant === undefined) return null;
      if (!(await isRight(context, variant, cases.get(dispatch.family) ?? [], broken))) return null;
      const { seconds, spentMs } = await time(context, variant, dispatch, SAMPLE_SECONDS[kind]);
      measuredMs += spentMs;
      return seconds;
    },
    {
      // Compiling is not a GPU's time; a software adapter's user waits for both.
      spent: () => (context.software ? performance.now() - began : measuredMs),
      budgetMs: BUDGET_MS[kind],
      signal,
      onProgress,
    },
  );
}

async function isRight(
  context: GpuContext,
  variant: KernelVariant,
  cases: readonly KernelCase[],
  broken: BrokenKernel | undefined,
): Promise<boolean> {
  return (await testVariant(context, variant, cases, broken)).ok;
}

/** Seconds of one dispatch, from as many as fill a sample, after one that is not counted. */
async function time(
  context: GpuContext,
  variant: KernelVariant,
  { dispatch, buffers, blocks }: TimedDispatch,
  sample: number,
): Promise<{ readonly seconds: number; readonly spentMs: number }> {
  const executor = new Executor(context, () => variant, new Map());
  try {
    for (const [name, bytes] of Object.entries(buffers)) await executor.reserve(name, bytes);
    if (blocks !== null) await executor.write('blocks', blocks);
    await executor.prepare([dispatch]);
    const began = performance.now();
    const once = await timed(executor, [dispatch]);
    const repeats = Math.max(1, Math.min(MOST_REPEATS, Math.ceil(sample / once)));
    const all = await timed(
      executor,
      Array.from({ length: repeats }, () => dispatch),
    );
    return { seconds: all / repeats, spentMs: performance.now() - began };
  } finally {
    executor.destroy();
  }
}

async function timed(executor: Executor, dispatches: readonly TimedDispatch['dispatch'][]): Promise<number> {
  const began = performance.now();
  await executor.run(dispatches);
  return Math.max(1e-6, (performance.now() - began) / 1000);
}
