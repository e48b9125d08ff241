import { type GpuContext, inErrorScopes } from '../device.ts';
import { expandShader } from '../shader-text.ts';
import copyShader from './copy.wgsl?raw';
import fmaShader from './fma.wgsl?raw';

/** What an adapter can do at most, measured: the roof that kernels are compared with. */
export interface AdapterPeak {
  /** float32 operations a second of a loop of fma in registers; an fma is two. */
  readonly flops: number;
  /** Bytes read and written a second by a copy of 64 MiB, larger than most caches. */
  readonly bytesPerSecond: number;
}

export interface PeakOptions {
  /** Time of one measurement, aimed at; several are made of each kind. */
  readonly seconds: number;
  readonly signal?: AbortSignal | undefined;
}

const UNROLL = 8;
const FMA_THREADS = 64;
/** Eight chains of vec4 fma. */
const FLOPS_PER_LOOP = UNROLL * 8 * 4 * 2;
/** Workgroups that fill any GPU; a CPU adapter is full with fewer, and its least time is then shorter. */
const FMA_WORKGROUPS = { hardware: 8192, software: 64 } as const;

const COPY_THREADS = 256;
const COPY_BYTES = 64 * 2 ** 20;

const REPEATS = 4;
/** Loops or dispatches of one run at most. */
const MOST_TIMES = 2 ** 20;

/** Measures both peaks of the device, each the best of some runs. @throws the signal's reason */
export async function measurePeak(context: GpuContext, options: PeakOptions): Promise<AdapterPeak> {
  return { flops: await fmaRate(context, options), bytesPerSecond: await copyRate(context, options) };
}

async function fmaRate(context: GpuContext, options: PeakOptions): Promise<number> {
  const { device } = context;
  const workgroups = FMA_WORKGROUPS[context.software ? 'software' : 'hardware'];
  const pipeline = await compile(context, 'peak fma', expandShader(fmaShader, { UNROLL }));
  const { STORAGE, UNIFORM, COPY_DST } = GPUBufferUsage;
  const y = await buffer(context, 'peak sums', 4 * workgroups * FMA_THREADS, STORAGE);
  const uniforms = await buffer(context, 'peak uniforms', 16, UNIFORM | COPY_DST);
  const group = bind(context, pipeline, [uniforms, y]);
  const run = async (loops: number) => {
    const values = new DataView(new ArrayBuffer(16));
    values.setFloat32(0, 0.5, true);
    values.setFloat32(4, 1, true);
    values.setUint32(8, loops, true);
    device.queue.writeBuffer(uniforms, 0, values.buffer);
    return timed(context, pipeline, group, workgroups, 1);
  };
  try {
    return (await bestRate(run, options)) * workgroups * FMA_THREADS * FLOPS_PER_LOOP;
  } finally {
    y.destroy();
    uniforms.destroy();
  }
}

async function copyRate(context: GpuContext, options: PeakOptions): Promise<number> {
  const pipeline = await compile(context, 'peak copy', copyShader);
  const x = await buffer(context, 'peak source', COPY_BYTES, GPUBufferUsage.STORAGE);
  const y = await buffer(context, 'peak target', COPY_BYTES, GPUBufferUsage.STORAGE);
  const group = bind(context, pipeline, [x, y]);
  const workgroups = COPY_BYTES / 16 / COPY_THREADS;
  try {
    const run = (times: number) => timed(context, pipeline, group, workgroups, times);
    return (await bestRate(run, options)) * 2 * COPY_BYTES;
  } finally {
    x.destroy();
    y.destroy();
  }
}

/** Times a second: more of them until a run takes as long as asked for, then the best of some such runs. */
async function bestRate(
  run: (times: number) => Promise<number>,
  { seconds, signal }: PeakOptions,
): Promise<number> {
  let times = 1;
  await run(times);
  let took = await run(times);
  while (took < seconds && times < MOST_TIMES) {
    signal?.throwIfAborted();
    // Eight times as many at most: the first runs tell little, and no command buffer may get too long.
    times = Math.ceil(times * Math.min(8, Math.max(1.2, seconds / took)));
    took = await run(times);
  }
  let best = took;
  for (let i = 1; i < REPEATS; i++) {
    signal?.throwIfAborted();
    best = Math.min(best, await run(times));
  }
  return times / best;
}

/** Seconds of `times` dispatches in one command buffer. */
async function timed(
  context: GpuContext,
  pipeline: GPUComputePipeline,
  group: GPUBindGroup,
  workgroups: number,
  times: number,
): Promise<number> {
  const { device } = context;
  const encoder = device.createCommandEncoder({ label: 'peak' });
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  for (let i = 0; i < times; i++) pass.dispatchWorkgroups(workgroups);
  pass.end();
  const began = performance.now();
  device.queue.submit([encoder.finish()]);
  await context.guard(device.queue.onSubmittedWorkDone());
  return Math.max(1e-6, (performance.now() - began) / 1000);
}

async function compile(context: GpuContext, label: string, code: string): Promise<GPUComputePipeline> {
  const { device } = context;
  const { pipeline } = await inErrorScopes(context, label, 0, () => {
    const module = device.createShaderModule({ label, code });
    const made = device.createComputePipelineAsync({ label, layout: 'auto', compute: { module } });
    made.catch(() => {});
    return { pipeline: made };
  });
  return context.guard(pipeline);
}

function buffer(context: GpuContext, label: string, size: number, usage: number): Promise<GPUBuffer> {
  return inErrorScopes(context, label, size, () => context.device.createBuffer({ label, size, usage }));
}

function bind(
  { device }: GpuContext,
  pipeline: GPUComputePipeline,
  buffers: readonly GPUBuffer[],
): GPUBindGroup {
  return device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((made, binding) => ({ binding, resource: { buffer: made } })),
  });
}
