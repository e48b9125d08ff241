import { type GpuContext, inErrorScopes } from './device.ts';
import { GpuShaderError } from './errors.ts';

/** What a compute pipeline is made of; `code` also identifies it. */
export interface PipelineDescription {
  readonly label: string;
  readonly code: string;
  /** Read-only storage buffers at bindings 1 … reads, the written ones behind them; uniforms at 0. */
  readonly reads: number;
  readonly writes: number;
}

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

const caches = new WeakMap<GPUDevice, Map<string, Promise<Pipeline>>>();

/**
 * A compute pipeline with entry point `main`, compiled once for each device and text.
 * @throws GpuShaderError with the compiler's messages
 */
export function getPipeline(context: GpuContext, description: PipelineDescription): Promise<Pipeline> {
  let cache = caches.get(context.device);
  if (cache === undefined) {
    cache = new Map();
    caches.set(context.device, cache);
  }
  let pipeline = cache.get(description.code);
  if (pipeline === undefined) {
    pipeline = compile(context, description);
    cache.set(description.code, pipeline);
  }
  return pipeline;
}

async function compile(
  context: GpuContext,
  { label, code, reads, writes }: PipelineDescription,
): Promise<Pipeline> {
  const { device } = context;
  const compute = GPUShaderStage.COMPUTE;
  const storage = (type: GPUBufferBindingType, binding: number): GPUBindGroupLayoutEntry => ({
    binding,
    visibility: compute,
    buffer: { type },
  });
  const entries: GPUBindGroupLayoutEntry[] = [
    { binding: 0, visibility: compute, buffer: { type: 'uniform', hasDynamicOffset: true } },
    ...Array.from({ length: reads }, (_, i) => storage('read-only-storage', i + 1)),
    ...Array.from({ length: writes }, (_, i) => storage('storage', reads + i + 1)),
  ];
  try {
    const [layout, pipeline] = await inErrorScopes(context, label, 0, () => {
      const module = device.createShaderModule({ label, code });
      const bindGroupLayout = device.createBindGroupLayout({ label, entries });
      const made = device.createComputePipelineAsync({
        label,
        layout: device.createPipelineLayout({ label, bindGroupLayouts: [bindGroupLayout] }),
        compute: { module, entryPoint: 'main' },
      });
      made.catch(() => {});
      return [bindGroupLayout, made] as const;
    });
    return { layout, pipeline: await context.guard(pipeline) };
  } catch (cause) {
    throw new GpuShaderError(label, cause instanceof Error ? cause.message : String(cause));
  }
}
