import { describe, expect, it } from 'vitest';
import { padRows, unpadRows } from '../../src/gpu/buffers.ts';
import { acquireGpu } from '../../src/gpu/device.ts';
import { splitWorkgroups } from '../../src/gpu/dispatch-size.ts';
import { GpuUnavailableError } from '../../src/gpu/errors.ts';
import { expandShader } from '../../src/gpu/shader-text.ts';
import { uniformStruct, writeUniforms } from '../../src/gpu/uniforms.ts';

/** `@` for `$`, which the linter takes for a forgotten template. */
const expand = (source: string, constants: Record<string, number>) =>
  expandShader(source.replaceAll('@', '$'), constants);

describe('expandShader', () => {
  it('repeats nested blocks and replaces constants', () => {
    const source = [
      '//! repeat i < N',
      'a@{i}',
      '//! repeat j < 2',
      'b@{i}_@{j} @{N}',
      '//! end',
      '//! end',
      'z',
    ];
    expect(expand(source.join('\n'), { N: 2 }).split('\n')).toEqual([
      'a0',
      'b0_0 2',
      'b0_1 2',
      'a1',
      'b1_0 2',
      'b1_1 2',
      'z',
    ]);
  });

  it('keeps one side of a condition', () => {
    const source = '//! if A\nyes\n//! else\nno\n//! end\nz';
    expect(expand(source, { A: 1 })).toBe('yes\nz');
    expect(expand(source, { A: 0 })).toBe('no\nz');
  });

  it('names a constant without a value', () => {
    expect(() => expand('@{MISSING}', {})).toThrow(/MISSING/);
  });
});

describe('splitWorkgroups', () => {
  it.each([1, 65_535, 65_536, 1_000_003])('%i workgroups stay within the limit and are enough', (count) => {
    const [x, y] = splitWorkgroups(count);
    expect(Math.max(x, y)).toBeLessThanOrEqual(65_535);
    expect(x * y).toBeGreaterThanOrEqual(count);
    expect(x * y - count).toBeLessThan(y);
  });
});

describe('uniforms', () => {
  it('come from one description on both sides', () => {
    const layout = { rows: 'u32', eps: 'f32' } as const;
    expect(uniformStruct(layout)).toContain('rows: u32,\n  eps: f32,');
    const view = new DataView(new ArrayBuffer(512));
    writeUniforms(view, 256, layout, { rows: 7, eps: 0.5 });
    expect(view.getUint32(256, true)).toBe(7);
    expect(view.getFloat32(260, true)).toBe(0.5);
    expect(() => writeUniforms(view, 0, layout, { rows: 7 })).toThrow(/eps/);
  });
});

describe('padded rows', () => {
  it('come back as they were', () => {
    const values = Float32Array.from([1, 2, 3, 4, 5, 6]);
    const padded = padRows(values, 2, 3);
    expect([...padded]).toEqual([1, 2, 3, 0, 4, 5, 6, 0]);
    expect([...unpadRows(padded, 2, 3)]).toEqual([...values]);
  });
});

describe('acquireGpu', () => {
  it('says when there is no WebGPU or no adapter, after asking again', async () => {
    await expect(acquireGpu(undefined)).rejects.toMatchObject({ code: 'no-webgpu' });
    let asked = 0;
    const gpu = {
      requestAdapter: async () => {
        asked++;
        return null;
      },
    } as unknown as GPU;
    const error = await acquireGpu(gpu).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(GpuUnavailableError);
    expect(asked).toBeGreaterThan(1);
  });
});
