import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Engine, EngineKind } from '../engine/engine.ts';
import { createReferenceEngine } from '../engine/reference/engine.ts';
import { createWasmEngine } from '../engine/wasm/engine.ts';
import { createWebGpuEngine } from '../engine/webgpu/engine.ts';
import type { ModelPackage } from '../model/package.ts';
import {
  ADAPTERS,
  type Adapter,
  adapterOfProcess,
  type GoldenCount,
  runAdapters,
  runOnAdapter,
} from './golden-adapters.ts';
import { type Comparison, encoderCases, type GoldenCase, maxError } from './golden-cases.ts';
import { deepCases } from './golden-deep.ts';
import { runProbeCases } from './golden-probe.ts';
import { tokenCases } from './golden-tokens.ts';
import {
  ALL_VARIANTS,
  runTrainingCases,
  withReferenceTrainer,
  withWebGpuTrainer,
} from './golden-training-run.ts';

const USAGE = `golden [DIR] [--engine webgpu|wasm|reference] [--adapter ADAPTER] [--deep] [--only TEXT]
       golden [DIR] --training [--engine webgpu|reference] [--adapter ADAPTER] [--only TEXT]
       golden [DIR] --probe [--only TEXT]
  Runs every encoder and token case under DIR (default ../shared/fixtures) and prints
  "case engine max_error ok|FAIL". Without --engine: webgpu on each adapter, wasm, reference.
  --adapter  webgpu on this adapter alone: lavapipe, swiftshader or hardware
  --deep     also the released shapes, DIR/deep/*.json (not on SwiftShader or the reference: hours)
  --training instead every training case, DIR/encoder/*/training: losses, gradients and weights after three
             steps, with checkpointing on and off, the cells as one batch and as four micro-batches
  --probe    instead every probe case, DIR/probe/*, against scikit-learn: "case what max_error ok|FAIL" for
             probabilities, coefficients, intercepts and each metric
  --only     cases whose name contains TEXT`;

interface GoldenOptions {
  readonly root: string;
  readonly deep: boolean;
  readonly only: string;
}

/**
 * `teddy-web golden`: the proof that every engine gives the golden numbers.
 * @returns exit code: 0 when all cases are right, 1 on any wrong one or when there was none
 */
export async function runGolden(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      engine: { type: 'string' },
      adapter: { type: 'string' },
      deep: { type: 'boolean', default: false },
      probe: { type: 'boolean', default: false },
      training: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || positionals.length > 1) {
    console.error(USAGE);
    return values.help ? 0 : 1;
  }
  const options: GoldenOptions = {
    root: resolve(positionals[0] ?? defaultRoot()),
    deep: values.deep,
    only: values.only,
  };
  if (values.probe) return exitCode(await runProbeCases(options.root, options.only), options);
  const engines = values.training ? trainers(options) : encoders(options);
  const ownAdapter = adapterOfProcess();
  if (ownAdapter !== undefined) return runOnAdapter(ownAdapter, engines.webgpu);
  const adapters = ADAPTERS.filter((name) => name === (values.adapter ?? name));
  const asked = values.engine ?? (values.adapter === undefined ? undefined : 'webgpu');
  const known = ['webgpu', ...engines.here.keys()];
  if (adapters.length === 0 || (asked !== undefined && !known.includes(asked))) {
    console.error(`there is no ${adapters.length === 0 ? values.adapter : asked}\n${USAGE}`);
    return 1;
  }
  let count: GoldenCount = { lines: 0, wrong: 0 };
  if (asked === undefined || asked === 'webgpu') count = await runAdapters(argv, adapters);
  for (const [engine, run] of engines.here) {
    if (asked !== undefined && asked !== engine) continue;
    const { lines, wrong } = await run();
    count = { lines: count.lines + lines, wrong: count.wrong + wrong };
  }
  return exitCode(count, options);
}

function exitCode({ lines, wrong }: GoldenCount, { root }: GoldenOptions): number {
  if (lines === 0) console.error(`no golden case under ${root}`);
  return wrong === 0 && lines > 0 ? 0 : 1;
}

/** What runs the cases: webgpu in a child process for each adapter, the others in this one. */
interface GoldenEngines {
  readonly webgpu: (gpu: GPU, label: string, adapter: Adapter) => Promise<GoldenCount>;
  readonly here: ReadonlyMap<string, () => Promise<GoldenCount>>;
}

function encoders(options: GoldenOptions): GoldenEngines {
  return {
    webgpu: (gpu, label, adapter) =>
      runCases(options, 'webgpu', label, options.deep && adapter !== 'swiftshader', (pkg) =>
        createWebGpuEngine({ gpu, package: pkg }),
      ),
    here: new Map([
      ['wasm', () => runCases(options, 'wasm', 'wasm', options.deep, createNodeWasmEngine)],
      ['reference', () => runCases(options, 'reference', 'reference', false, createReferenceEngine)],
    ]),
  };
}

function trainers(options: GoldenOptions): GoldenEngines {
  return {
    webgpu: (gpu, label) => runTrainingCases(options, label, ALL_VARIANTS, withWebGpuTrainer(gpu)),
    // Checkpointing is nothing to the reference.
    here: new Map([
      [
        'reference',
        () =>
          runTrainingCases(
            options,
            'reference',
            ALL_VARIANTS.filter(({ checkpointing }) => !checkpointing),
            withReferenceTrainer,
          ),
      ],
    ]),
  };
}

function defaultRoot(): string {
  return resolve(process.env.TEDDY_SHARED ?? resolve('..', 'shared'), 'fixtures');
}

/** In Node the runtime's build for browsers has one thread; its own entry has several. */
function createNodeWasmEngine(pkg: ModelPackage): Promise<Engine> {
  return createWasmEngine(pkg, { importRuntime: () => import('onnxruntime-web') });
}

async function runCases(
  { root, only }: GoldenOptions,
  kind: EngineKind,
  label: string,
  deep: boolean,
  create: (pkg: ModelPackage) => Promise<Engine>,
): Promise<GoldenCount> {
  const all = [...encoderCases(root), ...tokenCases(root), ...(deep ? deepCases(root) : [])];
  const cases = all.filter(({ name }) => name.includes(only));
  let wrong = 0;
  for (const golden of cases) {
    const { error, worst } = await runCase(golden, create);
    const ok = error <= (kind === 'reference' ? golden.referenceTolerance : golden.tolerance);
    if (!ok) wrong++;
    console.log(`${golden.name} ${label} ${error.toExponential(2)} ${ok ? 'ok' : 'FAIL'}`);
    if (!ok) console.error(`  ${worst}`);
  }
  return { lines: cases.length, wrong };
}

async function runCase(
  golden: GoldenCase,
  create: (pkg: ModelPackage) => Promise<Engine>,
): Promise<{ error: number; worst: string }> {
  try {
    const pkg = await golden.openPackage();
    const engine = await create(pkg);
    try {
      return worstOf(await golden.compare(engine, pkg));
    } finally {
      engine.destroy();
    }
  } catch (cause) {
    return { error: Number.POSITIVE_INFINITY, worst: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** The largest error of all tensors; a case without tensors proves nothing and is wrong. */
function worstOf(comparisons: readonly Comparison[]): { error: number; worst: string } {
  let error = comparisons.length > 0 ? 0 : Number.POSITIVE_INFINITY;
  let worst = 'nothing was compared';
  for (const { tensor, actual, golden, exact } of comparisons) {
    const difference = maxError(actual, golden);
    const counted = exact && difference > 0 ? Number.POSITIVE_INFINITY : difference;
    if (counted > error || worst === 'nothing was compared') {
      error = counted;
      worst = `${tensor}: ${difference}`;
    }
  }
  return { error, worst };
}
