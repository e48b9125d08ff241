import { afterAll } from 'vitest';
import { createNodeGpu } from '../../../../src/cli/node-gpu.ts';
import { type SoftwareAdapter, vulkanDriverFile } from '../../../../src/cli/vulkan-drivers.ts';
import { acquireGpu, type GpuContext } from '../../../../src/gpu/device.ts';

const NAMES: Readonly<Record<SoftwareAdapter, RegExp>> = {
  lavapipe: /llvmpipe/i,
  swiftshader: /swiftshader/i,
};

/**
 * The GPU object of one software adapter. Must come first in its process: Vulkan reads the choice
 * when Dawn starts. A missing driver is a failure, not a skip.
 */
export async function gpuOn(adapter: SoftwareAdapter): Promise<GPU> {
  const driver = vulkanDriverFile(adapter);
  if (driver === null) throw new Error(`the Vulkan driver of ${adapter} is not installed`);
  process.env.VK_DRIVER_FILES = driver;
  return createNodeGpu();
}

/** A device on that adapter, destroyed after the tests of the file; fails when another one answered. */
export async function deviceOn(adapter: SoftwareAdapter): Promise<GpuContext> {
  const context = await acquireGpu(await gpuOn(adapter));
  if (!NAMES[adapter].test(context.fingerprint))
    throw new Error(`asked for ${adapter}, got ${context.fingerprint}`);
  afterAll(() => context.destroy());
  return context;
}
