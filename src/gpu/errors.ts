/** There is no usable WebGPU device; `code` says why. */
export class GpuUnavailableError extends Error {
  override readonly name = 'GpuUnavailableError';
  constructor(
    readonly code: 'no-webgpu' | 'no-adapter' | 'no-device',
    message: string,
  ) {
    super(message);
  }
}

/** The device went away under running work (driver reset, tab in the background, unplugged). */
export class GpuLostError extends Error {
  override readonly name = 'GpuLostError';
}

/** The device has no memory left for a buffer of this size. */
export class GpuMemoryError extends Error {
  override readonly name = 'GpuMemoryError';
  constructor(
    readonly label: string,
    readonly bytes: number,
  ) {
    super(`the GPU has no ${(bytes / 2 ** 20).toFixed(1)} MiB left for ${label}`);
  }
}

/** A shader did not compile; `details` has the compiler's messages with line numbers. */
export class GpuShaderError extends Error {
  override readonly name = 'GpuShaderError';
  constructor(
    readonly shader: string,
    readonly details: string,
  ) {
    super(`shader ${shader} does not compile: ${details}`);
  }
}

/** WebGPU refused a command: a mistake of ours, never the user's. */
export class GpuValidationError extends Error {
  override readonly name = 'GpuValidationError';
}
