import { describe, expect, it } from 'vitest';
import { EngineLostError } from '../../../src/engine/engine.ts';
import { asEngineError, exclusively } from '../../../src/engine/wasm/runtime.ts';

describe('failures of the runtime', () => {
  it.each([
    'RangeError: WebAssembly.Memory(): could not allocate memory',
    'RangeError: Array buffer allocation failed',
    'Error: ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc',
    'RuntimeError: Aborted(OOM). Build with -sASSERTIONS for more info.',
  ])('%s is out of memory', (text) => {
    const error = asEngineError(new Error(text));
    expect(error).toBeInstanceOf(EngineLostError);
    expect((error as EngineLostError).reason).toBe('out-of-memory');
  });

  it('a trap is a lost engine, another error stays itself', () => {
    const trap = asEngineError(new WebAssembly.RuntimeError('memory access out of bounds'));
    expect((trap as EngineLostError).reason).toBe('lost');
    const other = new Error('Failed to load model because protobuf parsing failed.');
    expect(asEngineError(other)).toBe(other);
  });

  it('runs calls one after the other, also after one that failed', async () => {
    const order: string[] = [];
    const call = (name: string, fails: boolean) =>
      exclusively(async () => {
        order.push(`${name} starts`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const first = call('a', true);
    const second = call('b', false);
    await expect(first).rejects.toThrow('a');
    expect(await second).toBe('b');
    expect(order).toEqual(['a starts', 'a ends', 'b starts', 'b ends']);
  });
});
