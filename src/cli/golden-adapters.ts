import { spawn } from 'node:child_process';
import { acquireGpu } from '../gpu/device.ts';
import { GpuUnavailableError } from '../gpu/errors.ts';
import { createNodeGpu } from './node-gpu.ts';
import { vulkanDriverFile } from './vulkan-drivers.ts';

/** Which adapter a child process runs on: the Vulkan loader reads its choice once, when Dawn starts. */
const ADAPTER_VARIABLE = 'TEDDY_GOLDEN_ADAPTER';
export const ADAPTERS = ['lavapipe', 'swiftshader', 'hardware'] as const;
export type Adapter = (typeof ADAPTERS)[number];

/** A child found no adapter of its kind; neither passed nor failed. */
const NO_ADAPTER = 3;

/** Golden lines printed, and how many of them FAIL. */
export interface GoldenCount {
  readonly lines: number;
  readonly wrong: number;
}

/** The adapter this process is the child for; undefined in the first process. */
export function adapterOfProcess(): Adapter | undefined {
  return ADAPTERS.find((name) => name === process.env[ADAPTER_VARIABLE]);
}

/**
 * `golden argv` on each of the adapters, each in a process of its own.
 * @returns a line for each adapter that ran; where none did, one wrong
 */
export async function runAdapters(
  argv: readonly string[],
  adapters: readonly Adapter[],
): Promise<GoldenCount> {
  let lines = 0;
  let wrong = 0;
  for (const adapter of adapters) {
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
  if (lines > 0) return { lines, wrong };
  console.error('no WebGPU adapter was found');
  return { lines: 0, wrong: 1 };
}

/**
 * What a child does: runs cases on its adapter, under the label that golden lines carry.
 * @returns its exit code
 */
export async function runOnAdapter(
  adapter: Adapter,
  run: (gpu: GPU, label: string, adapter: Adapter) => Promise<GoldenCount>,
): Promise<number> {
  const gpu = await createNodeGpu();
  try {
    const context = await acquireGpu(gpu);
    const { software, name } = context;
    context.destroy();
    if (adapter === 'hardware' && software) return NO_ADAPTER;
    const label = `webgpu:${/^[\w-]+/.exec(name)?.[0].toLowerCase() ?? adapter}`;
    const { lines, wrong } = await run(gpu, label, adapter);
    return lines > 0 && wrong === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof GpuUnavailableError)) throw error;
    if (adapter === 'hardware') return NO_ADAPTER;
    console.error(`${adapter}: ${error.message}`);
    return 1;
  }
}
