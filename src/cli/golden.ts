import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Engine, EngineKind } from '../engine/engine.ts';
import { createReferenceEngine } from '../engine/reference/engine.ts';
import { createWasmEngine } from '../engine/wasm/engine.ts';
import { createWebGpuEngine } from '../engine/webgpu/engine.ts';
import { acquireGpu } from '../gpu/device.ts';
import { GpuUnavailableError } from '../gpu/errors.ts';
import type { ModelPackage } from '../model/package.ts';
import { type Comparison, encoderCases, type GoldenCase, maxError } from './golden-cases.ts';
import { deepCases } from './golden-deep.ts';
import { runProbeCases } from './golden-probe.ts';
import { tokenCases } from './golden-tokens.ts';
import { createNodeGpu } from './node-gpu.ts';
import { vulkanDriverFile } from './vulkan-drivers.ts';

const USAGE = `golden [DIR] [--engine webgpu|wasm|reference] [--deep] [--only TEXT]
       golden [DIR] --probe [--only TEXT]
  Runs every encoder and token case under DIR (default ../shared/fixtures) and prints
  "case engine max_error ok|FAIL". Without --engine: webgpu on each adapter, wasm, reference.
  --deep  also the released shapes, DIR/deep/*.json (not on SwiftShader or the reference: hours)
  --probe instead every probe case, DIR/probe/*, against scikit-learn: "case what max_error ok|FAIL" for
          probabilities, coefficients, intercepts and each metric
  --only  cases whose name contains TEXT`;

/** Which adapter a child process runs on: the Vulkan loader reads its choice once, when Dawn starts. */
const ADAPTER_VARIABLE = 'TEDDY_GOLDEN_ADAPTER';
const ADAPTERS = ['lavapipe', 'swiftshader', 'hardware'] as const;
type Adapter = (typeof ADAPTERS)[number];

/** A child found no adapter of its kind; neither passed nor failed. */
const NO_ADAPTER = 3;

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
      deep: { type: 'boolean', default: false },
      probe: { type: 'boolean', default: false },
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
  if (values.probe) {
    const { lines, wrong } = await runProbeCases(options.root, options.only);
    if (lines === 0) console.error(`no probe case under ${options.root}`);
    return wrong === 0 && lines > 0 ? 0 : 1;
  }
  const adapter = ADAPTERS.find((name) => name === process.env[ADAPTER_VARIABLE]);
  if (adapter !== undefined) return runOnAdapter(adapter, options);
  const asked = values.engine;
  if (asked !== undefined && !['webgpu', 'wasm', 'reference'].includes(asked)) {
    console.error(`no engine is called ${asked}\n${USAGE}`);
    return 1;
  }
  let wrong = 0;
  let lines = 0;
  const count = (result: { lines: number; wrong: number }) => {
    lines += result.lines;
    wrong += result.wrong;
  };
  if (asked === undefined || asked === 'webgpu') {
    const results = await runAdapters(argv);
    count(results);
    if (results.lines === 0) {
      console.error('no WebGPU adapter was found');
      wrong++;
    }
  }
  if (asked === undefined || asked === 'wasm')
    count(await runCases(options, 'wasm', 'wasm', options.deep, createNodeWasmEngine));
  if (asked === undefined || asked === 'reference')
    count(await runCases(options, 'reference', 'reference', false, createReferenceEngine));
  if (lines === 0) console.error(`no golden case under ${options.root}`);
  return wrong === 0 && lines > 0 ? 0 : 1;
}

function defaultRoot(): string {
  return resolve(process.env.TEDDY_SHARED ?? resolve('..', 'shared'), 'fixtures');
}

/** In Node the runtime's build for browsers has one thread; its own entry has several. */
function createNodeWasmEngine(pkg: ModelPackage): Promise<Engine> {
  return createWasmEngine(pkg, { importRuntime: () => import('onnxruntime-web') });
}

/** Each adapter in a process of its own. */
async function runAdapters(argv: readonly string[]): Promise<{ lines: number; wrong: number }> {
  let lines = 0;
  let wrong = 0;
  for (const adapter of ADAPTERS) {
    const driver = adapter === 'hardware' ? undefined : vulkanDriverFile(adapter);
    if (driver === null) {
      console.error(`${adapter} is not installed: not run`);
      continue;
    }
    const environment: NodeJS.ProcessEnv = { ...process.env, [ADAPTER_VARIABLE]: adapter };
    delete environment.VK_DRIVER_FILES;
    delete environment.VK_ICD_FILENAMES;
    if (driver !== undefined) environment.VK_DRIVER_FILES = driver;
    const code = await new Promise<number>((done, failed) => {
      const child = spawn(process.execPath, [...process.execArgv, process.argv[1], 'golden', ...argv], {
        env: environment,
        stdio: 'inherit',
      });
      const stop = () => child.kill();
      process.once('SIGTERM', stop);
      child.once('error', failed);
      child.once('exit', (status) => {
        process.off('SIGTERM', stop);
        done(status ?? 1);
      });
    });
    if (code === NO_ADAPTER) continue;
    lines++;
    if (code !== 0) wrong++;
  }
  return { lines, wrong };
}

async function runOnAdapter(adapter: Adapter, options: GoldenOptions): Promise<number> {
  const gpu = await createNodeGpu();
  try {
    const context = await acquireGpu(gpu);
    const { software, name } = context;
    context.destroy();
    if (adapter === 'hardware' && software) return NO_ADAPTER;
    const label = `webgpu:${/^[\w-]+/.exec(name)?.[0].toLowerCase() ?? adapter}`;
    const result = await runCases(
      options,
      'webgpu',
      label,
      options.deep && adapter !== 'swiftshader',
      (pkg) => createWebGpuEngine({ gpu, package: pkg }),
    );
    return result.lines > 0 && result.wrong === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof GpuUnavailableError)) throw error;
    if (adapter === 'hardware') return NO_ADAPTER;
    console.error(`${adapter}: ${error.message}`);
    return 1;
  }
}

async function runCases(
  { root, only }: GoldenOptions,
  kind: EngineKind,
  label: string,
  deep: boolean,
  create: (pkg: ModelPackage) => Promise<Engine>,
): Promise<{ lines: number; wrong: number }> {
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
