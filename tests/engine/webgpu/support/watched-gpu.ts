/** What a test sees of the devices made through a watched GPU object, and how it meddles. */
export interface WatchedGpu {
  readonly gpu: GPU;
  /** Devices in the order they were asked for. */
  readonly devices: GPUDevice[];
  /** Command buffers submitted so far, of all devices. */
  submits: number;
  /** Called before each submit with the device and the number of submits before it. */
  onSubmit: ((device: GPUDevice, before: number) => void) | null;
  /** Every buffer made so far, of all devices. */
  readonly buffers: GPUBuffer[];
  /** Those of them that were not destroyed. */
  readonly live: Set<GPUBuffer>;
  /** Called when a buffer is ready to be read, which is held back until the answer has come. */
  onMapped: (() => void | Promise<void>) | null;
  /** Buffers whose labels match answer with an error of memory in their scope. */
  outOfMemory: RegExp | null;
}

/** The object as it is, with methods bound to it and some of its members replaced. */
function withMembers<T extends object>(object: T, members: Readonly<Record<string, unknown>>): T {
  return new Proxy(object, {
    get(target, name) {
      if (typeof name === 'string' && name in members) return members[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A GPU object that lets a test destroy devices and deny memory at chosen moments. */
export function watchGpu(gpu: GPU): WatchedGpu {
  const watched: WatchedGpu = {
    gpu,
    devices: [],
    submits: 0,
    onSubmit: null,
    buffers: [],
    live: new Set(),
    onMapped: null,
    outOfMemory: null,
  };
  const wrapDevice = (device: GPUDevice): GPUDevice => {
    let denied = false;
    const queue = withMembers(device.queue, {
      submit(commands: Iterable<GPUCommandBuffer>) {
        watched.onSubmit?.(device, watched.submits);
        watched.submits++;
        device.queue.submit(commands);
      },
    });
    return withMembers(device, {
      queue,
      createBuffer(descriptor: GPUBufferDescriptor) {
        if (watched.outOfMemory?.test(descriptor.label ?? '')) denied = true;
        const buffer = device.createBuffer(descriptor);
        watched.buffers.push(buffer);
        watched.live.add(buffer);
        const destroy = buffer.destroy.bind(buffer);
        buffer.destroy = () => {
          watched.live.delete(buffer);
          destroy();
        };
        const mapAsync = buffer.mapAsync.bind(buffer);
        buffer.mapAsync = async (...how) => {
          await mapAsync(...how);
          await watched.onMapped?.();
        };
        return buffer;
      },
      async popErrorScope() {
        const answer = denied ? new GPUOutOfMemoryError('denied by the test') : null;
        denied = false;
        return (await device.popErrorScope()) ?? answer;
      },
    });
  };
  const wrapAdapter = (adapter: GPUAdapter): GPUAdapter =>
    withMembers(adapter, {
      async requestDevice(descriptor?: GPUDeviceDescriptor) {
        const device = await adapter.requestDevice(descriptor);
        watched.devices.push(device);
        return wrapDevice(device);
      },
    });
  const wrapped = withMembers(gpu, {
    async requestAdapter(options?: GPURequestAdapterOptions) {
      const adapter = await gpu.requestAdapter(options);
      return adapter && wrapAdapter(adapter);
    },
  });
  return Object.assign(watched, { gpu: wrapped });
}
