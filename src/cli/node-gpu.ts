/** Dawn ends, devices and all, when its GPU object is collected: it lives as long as the process. */
let instance: GPU | null = null;

/**
 * WebGPU in Node: Dawn from package `webgpu`. The adapter is chosen by the Vulkan loader, so
 * VK_DRIVER_FILES must be set before this is called for the first time in a process.
 */
export async function createNodeGpu(): Promise<GPU> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  instance ??= create([]);
  return instance;
}
