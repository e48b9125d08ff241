import type { SpeedService } from '../../../src/run/speed-service.ts';
import type { SpeedReport } from '../../../src/speed/report.ts';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What a machine with a GPU might say of itself. */
export const FAKE_REPORT: SpeedReport = {
  date: '2026-11-25T12:00:00.000Z',
  version: '0.1.0',
  userAgent: 'a test',
  adapter: { name: 'Arc B580', software: false },
  threads: 4,
  peak: { flops: 12e12, bytesPerSecond: 400e9 },
  gemm: [
    { model: '70M', rows: 2048, inner: 512, columns: 1024, flops: 6e12 },
    { model: '400M', rows: 2048, inner: 1024, columns: 4096, flops: 7.2e12 },
  ],
  models: [
    {
      ...{ engine: 'webgpu', precision: 'f32', model: '70M', layers: 12, genes: 1000 },
      ...{ flops: 5e12, cellsPerSecond: 82.4 },
    },
    {
      ...{ engine: 'wasm', precision: 'int8', model: '70M', layers: 1, genes: 250 },
      ...{ flops: 6e10, cellsPerSecond: 0.5 },
    },
  ],
  skipped: [
    { engine: 'wasm', precision: 'f32', model: '400M', reason: 'slow' },
    { engine: 'webgpu', precision: 'f32', model: '400M', reason: 'The GPU ran out of memory.' },
  ],
};

/** Measuring that takes two steps and answers with the report above. */
export function fakeSpeed(delay = 0): SpeedService {
  return {
    measure: async ({ signal, onReport }) => {
      onReport?.({ ...FAKE_REPORT, models: [], skipped: [] }, 1, 2);
      await wait(delay);
      signal?.throwIfAborted();
      onReport?.(FAKE_REPORT, 2, 2);
      return FAKE_REPORT;
    },
  };
}
