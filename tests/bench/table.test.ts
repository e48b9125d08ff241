import { describe, expect, it } from 'vitest';
import type { BenchResult, Contest } from '../../bench/result.ts';
import { benchTable } from '../../bench/table.ts';
import { judgeTargets } from '../../bench/targets.ts';

function contest(kind: Contest['kind'], model: string, others: Contest['figures'], shorter = 1): Contest {
  const by = kind === 'wasm' ? 'wasm' : 'webgpu';
  return {
    ...{ kind, model, cells: kind === 'equal' ? '1024 genes each' : 'COMBAT', meanLength: 1210 },
    scale: { layers: 1, cells: 8, shorter },
    figures: [{ by, cellsPerSecond: 10, flops: 4e9 }, ...others],
  };
}

const RESULT: BenchResult = {
  date: '2026-11-25T12:00:00.000Z',
  where: 'node',
  versions: { onnxruntime: '1.30.0' },
  minutes: 10,
  threads: 2,
  adapter: { name: 'llvmpipe', software: true },
  peak: { flops: 4e10, bytesPerSecond: 5e9 },
  gemm: [{ model: '70M', rows: 256, inner: 512, columns: 1536, flops: 8e9 }],
  agreement: [{ by: 'ort-webgpu fused', error: 0.07 }],
  contests: [
    contest('equal', '10M', [{ by: 'ort-webgpu', cellsPerSecond: 4, flops: 1.6e9 }]),
    contest('mix', '10M', [
      { by: 'ort-webgpu padded to longest', cellsPerSecond: 2.5, flops: 1e9 },
      { by: 'ort-webgpu padded to cap', cellsPerSecond: 4, flops: 1.6e9 },
    ]),
    contest('mix', '70M', [{ by: 'ort-webgpu padded to longest', cellsPerSecond: 4, flops: 1.6e9 }], 2),
    contest('wasm', '10M', [{ by: 'ort-wasm padded to longest', cellsPerSecond: 5, flops: 2e9 }]),
    contest('wasm', '70M', [{ by: 'ort-wasm padded to longest', cellsPerSecond: 50, flops: 2e10 }]),
  ],
  latency: [{ by: 'webgpu', model: '70M', genes: 1024, layers: 1, milliseconds: 50 }],
  kernels: [
    { kernel: 'gemm', milliseconds: 30, dispatches: 4 },
    { kernel: 'attention', milliseconds: 10, dispatches: 1 },
  ],
  remarks: ['400M: too slow for its time'],
  seconds: 590,
};

describe('targets', () => {
  const verdicts = (result: BenchResult) =>
    Object.fromEntries(judgeTargets(result).map(({ target, found, reached }) => [target, [found, reached]]));

  it('are those of the adapter; one model below misses them, shortened cells are not judged', () => {
    expect(verdicts(RESULT)).toEqual({
      'equal lengths, against ort-webgpu': ['10M 2.50×', null],
      'COMBAT, against ort-webgpu padded to the cap': ['10M 2.50×', false],
      'COMBAT, against ort-webgpu padded to the longest of 8': [
        '10M 4.00×, 70M 2.50× (lengths ÷ 2: not judged)',
        null,
      ],
      'matrix products, share of peak': ['20 % to 20 %', null],
      'forward on COMBAT, share of peak': ['10 % to 10 %', null],
      'wasm, COMBAT, 10M, against ort-wasm padded to the longest of 8': ['10M 2.00×', true],
    });
    const both = [
      contest('equal', '10M', [{ by: 'ort-webgpu', cellsPerSecond: 4, flops: 1.6e9 }]),
      contest('equal', '70M', [{ by: 'ort-webgpu', cellsPerSecond: 5, flops: 2e9 }]),
    ];
    expect(verdicts({ ...RESULT, contests: both })['equal lengths, against ort-webgpu']).toEqual([
      '10M 2.50×, 70M 2.00×',
      true,
    ]);
    const wantedOf = (name: string, software: boolean) =>
      judgeTargets({ ...RESULT, adapter: { name, software } }).map(({ wanted }) => wanted);
    expect(wantedOf('SwiftShader driver', true)[0]).toBe('≥ 5×');
    expect(wantedOf('NVIDIA H100', false)).toEqual([
      '≥ 1.5×',
      '≥ 3×',
      '≥ 2.5×',
      '≥ 50 %',
      '≥ 35 %',
      '≥ 1.8×',
    ]);
  });

  it('that were not measured are neither reached nor missed', () => {
    const empty = judgeTargets({ ...RESULT, contests: [], gemm: [] });
    expect(empty.every(({ reached, found }) => reached === null && found === 'not measured')).toBe(true);
  });
});

it('the table names adapter, scale, ratios with their definition, and what was counted up', () => {
  const table = benchTable(RESULT);
  expect(table).toContain('## llvmpipe (Node)');
  expect(table).toContain('onnxruntime 1.30.0');
  expect(table).toMatch(/Ratio: cells a second of our first engine over those of the other/);
  expect(table).toMatch(
    /\| 70M +\| COMBAT, mean 1210 +\| 8 cells, 1 of 12 layers, lengths and positions ÷ 2/,
  );
  expect(table).toMatch(/ort-webgpu padded to longest +\| 2\.50 +\| 1\.00 +\| 2\.5 % +\| 4\.00×/);
  expect(table).toMatch(/\| 70M +\| webgpu +\| 1024 +\| 600 +\| 1 of 12 layers, counted up/);
  expect(table).toMatch(/\| gemm +\| 30\.0 +\| 75\.0 % +\| 4/);
  expect(table).toContain('- 400M: too slow for its time');
  expect(table).not.toMatch(/undefined|NaN/);
});
