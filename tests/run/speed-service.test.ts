import { describe, expect, it } from 'vitest';
import type { Encoded, Engine } from '../../src/engine/engine.ts';
import type { createEngine } from '../../src/engine/select.ts';
import { LocalSpeedService } from '../../src/run/speed-service.ts';
import { MODEL_SHAPES } from '../../src/speed/model-shapes.ts';
import type { SpeedReport } from '../../src/speed/report.ts';

const environment = { gpu: async () => undefined, wasm: {} };

/** Engines that do nothing, and what was asked of them. */
function fakeEngines(fail: (name: string) => Error | null = () => null) {
  const made: string[] = [];
  let alive = 0;
  const create: typeof createEngine = async (kind, { config }, { precision }) => {
    const name = `${kind} ${precision} ${config.dModel}`;
    made.push(name);
    const error = fail(name);
    if (error) throw error;
    alive++;
    const engine: Engine = {
      description: { kind, device: 'fake', software: true, threads: 3 },
      config,
      encode: async (_, { signal }) => {
        signal?.throwIfAborted();
        return {} as Encoded;
      },
      destroy: () => {
        alive--;
      },
    };
    return { engine, notices: [] };
  };
  return { made, create, alive: () => alive };
}

describe('how fast a machine without a GPU is', () => {
  it('is measured for every size in both precisions, told step by step, nothing left behind', async () => {
    const engines = fakeEngines();
    const steps: [number, number][] = [];
    const report = await new LocalSpeedService(environment, engines.create).measure({
      seconds: 1e6,
      onReport: (_, done, total) => steps.push([done, total]),
    });
    expect(report).toMatchObject({ adapter: null, peak: null, gemm: [], threads: 3, skipped: [] });
    expect(report.models.map(({ engine, precision, model }) => `${engine} ${precision} ${model}`)).toEqual(
      ['f32', 'int8'].flatMap((precision) => MODEL_SHAPES.map(({ name }) => `wasm ${precision} ${name}`)),
    );
    for (const { flops, cellsPerSecond } of report.models) {
      expect(flops).toBeGreaterThan(0);
      expect(cellsPerSecond).toBeGreaterThan(0);
    }
    expect(steps).toEqual(Array.from({ length: 8 }, (_, i) => [i + 1, 8]));
    expect(engines.alive()).toBe(0);
  });

  it('measures the least of every engine and leaves out what the time has no room for', async () => {
    const engines = fakeEngines();
    const report = await new LocalSpeedService(environment, engines.create).measure({ seconds: 0 });
    expect(engines.made).toEqual(['wasm f32 128', 'wasm int8 128']);
    expect(report.models).toMatchObject([
      { model: '10M', layers: 1, genes: 60 },
      { model: '10M', layers: 1, genes: 60 },
    ]);
    expect(report.skipped).toHaveLength(6);
    expect(report.skipped.every(({ reason }) => reason === 'slow')).toBe(true);
  });

  it('says why an engine could not, and goes on', async () => {
    const engines = fakeEngines((name) => (/int8 768/.test(name) ? new Error('no room') : null));
    const report = await new LocalSpeedService(environment, engines.create).measure({ seconds: 1e6 });
    expect(report.models).toHaveLength(7);
    expect(report.skipped).toMatchObject([{ model: '160M', precision: 'int8' }]);
    expect(report.skipped[0].reason).not.toBe('slow');
  });

  it('stops when cancelled, one measurement after the other', async () => {
    const engines = fakeEngines();
    const service = new LocalSpeedService(environment, engines.create);
    const stop = new AbortController();
    const reports: SpeedReport[] = [];
    const cancelled = service.measure({
      seconds: 1e6,
      signal: stop.signal,
      onReport: (report) => {
        reports.push(report);
        if (reports.length === 2) stop.abort(new Error('enough'));
      },
    });
    const next = service.measure({ seconds: 0 });
    await expect(cancelled).rejects.toThrow('enough');
    expect(reports).toHaveLength(2);
    expect((await next).skipped).toHaveLength(6);
    expect(engines.alive()).toBe(0);
  });
});
