import { GpuLostError, GpuMemoryError, GpuUnavailableError, GpuValidationError } from './errors.ts';

/** What our kernels use beyond WebGPU's defaults; asked for at what the adapter offers. */
const USED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
] as const;

/** What some kernel variants use where it is there. */
const USED_FEATURES = ['shader-f16', 'subgroups'] as const;

/** Never bound larger than this, whatever the adapter says: the guaranteed limit, tested everywhere. */
export const MAX_BINDING_BYTES = 128 * 2 ** 20;

/** Workgroups a dispatch may have in one dimension, guaranteed everywhere. */
export const MAX_WORKGROUPS_PER_DIMENSION = 65_535;

/** The smallest subgroup that WGSL allows. */
const LEAST_SUBGROUP = 4;

/** Waits between requests for an adapter; browsers answer null just after their GPU process starts. */
const ADAPTER_RETRY_MS = [0, 50, 150, 400] as const;

export type GpuFeature = (typeof USED_FEATURES)[number];

/** A device, what it is, and the two ways it fails while nobody is looking. */
export interface GpuContext {
  readonly device: GPUDevice;
  /** e.g. "llvmpipe (LLVM 19.1.7)"; "WebGPU adapter" where the browser hides the name. */
  readonly name: string;
  /** Tells adapters apart for caches and self-tests; empty strings where the browser hides them. */
  readonly fingerprint: string;
  /** Of the features our kernels can use, those the device has. */
  readonly features: ReadonlySet<GpuFeature>;
  /** Lanes that every subgroup has at least; 0 where the device has no subgroups. */
  readonly leastSubgroup: number;
  /** True where the "GPU" is a CPU in disguise. */
  readonly software: boolean;
  /**
   * Rejects as soon as the device is lost or reported an error nobody caught; otherwise as `work`.
   * Every await on the device goes through here: after a loss some never settle.
   */
  guard<T>(work: Promise<T>): Promise<T>;
  destroy(): void;
}

/**
 * An adapter and a device of it.
 * @param gpu `navigator.gpu`, or the one of a Dawn binding in Node
 * @throws GpuUnavailableError
 */
export async function acquireGpu(gpu: GPU | undefined): Promise<GpuContext> {
  if (gpu === undefined) throw new GpuUnavailableError('no-webgpu', 'this browser has no WebGPU');
  const adapter = await requestAdapter(gpu);
  const requiredLimits: Record<string, number> = {};
  for (const limit of USED_LIMITS) requiredLimits[limit] = adapter.limits[limit];
  const requiredFeatures = USED_FEATURES.filter((feature) => adapter.features.has(feature));
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({ label: 'teddy-web', requiredFeatures, requiredLimits });
  } catch (cause) {
    throw new GpuUnavailableError('no-device', `the adapter gave no device: ${String(cause)}`);
  }
  return watch(device, adapter.info);
}

async function requestAdapter(gpu: GPU): Promise<GPUAdapter> {
  for (const wait of ADAPTER_RETRY_MS) {
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter !== null) return adapter;
  }
  throw new GpuUnavailableError('no-adapter', 'WebGPU is there, but it has no adapter');
}

function watch(device: GPUDevice, info: GPUAdapterInfo): GpuContext {
  const text = [info.vendor, info.architecture, info.device, info.description];
  let rejectFailure: (reason: Error) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    rejectFailure = reject;
  });
  failure.catch(() => {});
  void device.lost.then(({ reason, message }) =>
    rejectFailure(new GpuLostError(`the GPU device was lost (${reason}): ${message}`)),
  );
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault();
    rejectFailure(toError(event.error, 'an operation', 0));
  });
  return {
    device,
    name: info.description || info.device || info.architecture || info.vendor || 'WebGPU adapter',
    fingerprint: text.join('|'),
    features: new Set(USED_FEATURES.filter((feature) => device.features.has(feature))),
    leastSubgroup: device.features.has('subgroups') ? (info.subgroupMinSize ?? LEAST_SUBGROUP) : 0,
    software: info.isFallbackAdapter || /llvmpipe|lavapipe|swiftshader|software/i.test(text.join(' ')),
    guard: (work) => Promise.race([work, failure]),
    destroy: () => device.destroy(),
  };
}

/**
 * Runs an allocation or a pipeline creation and throws what WebGPU would otherwise report later.
 * `bytes` is what was being allocated, for the message.
 * @throws GpuMemoryError, GpuValidationError
 */
export async function inErrorScopes<T>(
  context: GpuContext,
  label: string,
  bytes: number,
  make: () => T,
): Promise<T> {
  const { device } = context;
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  let made: T;
  let memory: GPUError | null;
  let validation: GPUError | null;
  try {
    made = make();
  } finally {
    const popped = [device.popErrorScope(), device.popErrorScope()];
    [memory, validation] = await context.guard(Promise.all(popped));
  }
  const error = memory ?? validation;
  if (error !== null) throw toError(error, label, bytes);
  return made;
}

function toError(error: GPUError, label: string, bytes: number): Error {
  if ('GPUOutOfMemoryError' in globalThis && error instanceof GPUOutOfMemoryError)
    return new GpuMemoryError(label, bytes);
  if (error.constructor.name === 'GPUOutOfMemoryError') return new GpuMemoryError(label, bytes);
  return new GpuValidationError(`${label}: ${error.message}`);
}
