import type { KernelTime } from './result.ts';

/** Dispatches of one command buffer that are timed at most. */
const MOST_DISPATCHES = 1024;

/** A GPU object whose devices time every dispatch, in a compute pass of its own. */
export interface TimedGpu {
  readonly gpu: GPU;
  /** Times by the first word of the pipelines' labels since the last call, longest first. */
  take(): Promise<KernelTime[]>;
}

interface Recorded {
  readonly labels: readonly string[];
  readonly read: GPUBuffer;
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

/** Null where the adapter has no timestamp queries. */
export async function timeGpu(gpu: GPU): Promise<TimedGpu | null> {
  const adapter = await gpu.requestAdapter();
  if (!adapter?.features.has('timestamp-query')) return null;
  const recorded: Recorded[] = [];
  const labels = new WeakMap<GPUComputePipeline, string>();
  const timed = withMembers(gpu, {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const found = await gpu.requestAdapter(options);
      return found && withMembers(found, { requestDevice: (d?: GPUDeviceDescriptor) => request(found, d) });
    },
  });
  const request = async (found: GPUAdapter, descriptor: GPUDeviceDescriptor = {}) => {
    const requiredFeatures = [...(descriptor.requiredFeatures ?? []), 'timestamp-query' as const];
    const device = await found.requestDevice({ ...descriptor, requiredFeatures });
    return withMembers(device, {
      createComputePipelineAsync: async (pipeline: GPUComputePipelineDescriptor) => {
        const made = await device.createComputePipelineAsync(pipeline);
        labels.set(made, pipeline.label ?? '?');
        return made;
      },
      createCommandEncoder: (encoder?: GPUCommandEncoderDescriptor) =>
        timedEncoder(device, device.createCommandEncoder(encoder), labels, (more) => recorded.push(more)),
    });
  };
  return {
    gpu: timed,
    async take() {
      const sums = new Map<string, { nanoseconds: number; dispatches: number }>();
      for (const { labels: names, read } of recorded.splice(0)) {
        await read.mapAsync(GPUMapMode.READ);
        const stamps = new BigUint64Array(read.getMappedRange());
        for (const [i, name] of names.entries()) {
          const kernel = name.split(' ')[0];
          const sum = sums.get(kernel) ?? { nanoseconds: 0, dispatches: 0 };
          sum.nanoseconds += Number(stamps[2 * i + 1] - stamps[2 * i]);
          sum.dispatches++;
          sums.set(kernel, sum);
        }
        read.destroy();
      }
      return [...sums]
        .map(([kernel, { nanoseconds, dispatches }]) => ({
          kernel,
          milliseconds: nanoseconds / 1e6,
          dispatches,
        }))
        .sort((a, b) => b.milliseconds - a.milliseconds);
    },
  };
}

/** An encoder whose compute passes hold one dispatch each, with the time at both ends. */
function timedEncoder(
  device: GPUDevice,
  encoder: GPUCommandEncoder,
  labels: WeakMap<GPUComputePipeline, string>,
  keep: (recorded: Recorded) => void,
): GPUCommandEncoder {
  const names: string[] = [];
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * MOST_DISPATCHES });
  const beginComputePass = () => {
    let pipeline: GPUComputePipeline | null = null;
    let group: readonly [number, GPUBindGroup, number[]] | null = null;
    return {
      setPipeline: (next: GPUComputePipeline) => {
        pipeline = next;
      },
      setBindGroup: (index: number, next: GPUBindGroup, offsets: number[] = []) => {
        group = [index, next, offsets];
      },
      dispatchWorkgroups: (...counts: [number, number?, number?]) => {
        if (pipeline === null || group === null) throw new Error('a dispatch without pipeline or buffers');
        if (names.length === MOST_DISPATCHES) throw new RangeError('too many dispatches to time');
        const at = 2 * names.length;
        const pass = encoder.beginComputePass({
          timestampWrites: { querySet, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 },
        });
        pass.setPipeline(pipeline);
        pass.setBindGroup(group[0], group[1], group[2]);
        pass.dispatchWorkgroups(...counts);
        pass.end();
        names.push(labels.get(pipeline) ?? '?');
      },
      end: () => {},
    };
  };
  const finish = () => {
    if (names.length > 0) {
      const size = 16 * names.length;
      const resolved = device.createBuffer({
        size,
        usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
      });
      const read = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
      encoder.resolveQuerySet(querySet, 0, 2 * names.length, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, read, 0, size);
      keep({ labels: names, read });
    }
    return encoder.finish();
  };
  return withMembers(encoder, { beginComputePass, finish });
}
