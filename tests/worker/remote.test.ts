import type * as Comlink from 'comlink';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WorkerDiedError } from '../../src/worker/errors.ts';
import { buffersOf, exposeService } from '../../src/worker/host.ts';
import { connect, type RemoteWorker, type Thread } from '../../src/worker/remote.ts';

class OddFileError extends Error {
  override readonly name = 'OddFileError';
  constructor(
    readonly code: string,
    readonly row: number,
  ) {
    super(`row ${row} is odd`);
  }
}

interface Options {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
  readonly factor?: number;
}

class Calculator {
  stopped = false;
  constructor(private readonly start: number) {}
  async add(a: number, b: number): Promise<number> {
    return this.start + a + b;
  }
  async fail(row: number): Promise<void> {
    throw new OddFileError('odd-file', row);
  }
  async multiply(value: number, options: Options): Promise<number> {
    for (let i = 1; i <= 3; i++) options.onProgress?.(i);
    return value * (options.factor ?? 1);
  }
  async forever(options: Options): Promise<void> {
    await new Promise((_, reject) => {
      options.signal?.addEventListener('abort', () => {
        this.stopped = true;
        reject(options.signal?.reason);
      });
    });
  }
  async wasStopped(): Promise<boolean> {
    return this.stopped;
  }
  async column(): Promise<{ values: Float32Array<ArrayBuffer> }> {
    return { values: Float32Array.of(1.5, -2, 3) };
  }
  hang(): Promise<never> {
    return new Promise(() => undefined);
  }
}

interface FakeThread extends Thread {
  crash(message: string): void;
}

const ports: MessagePort[] = [];
const intervals: ReturnType<typeof setInterval>[] = [];

/** A service at the other end of a MessageChannel; `mute` never answers, like a thread in a loop. */
function fakeThread(
  mute = false,
  create: (start: number) => object = (start) => new Calculator(start),
): FakeThread {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  if (!mute) {
    const original = globalThis.setInterval;
    globalThis.setInterval = ((...args: Parameters<typeof setInterval>) => {
      const id = original(...args);
      intervals.push(id);
      return id;
    }) as typeof setInterval;
    exposeService(create, {
      endpoint: port2 as unknown as Comlink.Endpoint,
      transfer: ['column'],
    });
    globalThis.setInterval = original;
  }
  port2.start();
  port1.start();
  let report: (message: string) => void = () => undefined;
  return {
    endpoint: port1 as unknown as Comlink.Endpoint,
    onError: (callback) => {
      report = callback;
    },
    terminate: () => {
      port1.close();
      port2.close();
    },
    crash: (message) => report(message),
  };
}

afterEach(() => {
  for (const id of intervals.splice(0)) clearInterval(id);
  for (const port of ports.splice(0)) port.close();
});

function calculator(start = 100): { remote: RemoteWorker<Calculator>; threads: FakeThread[] } {
  const threads: FakeThread[] = [];
  const remote = connect<Calculator>(
    () => {
      const thread = fakeThread();
      threads.push(thread);
      return thread;
    },
    { name: 'test', configuration: start },
  );
  return { remote, threads };
}

describe('a service in another thread', () => {
  it('gets its configuration, arguments, options and callbacks', async () => {
    const { remote } = calculator(7);
    expect(await remote.service.add(2, 3)).toBe(12);
    const seen: number[] = [];
    expect(await remote.service.multiply(5, { factor: 3, onProgress: (done) => seen.push(done) })).toBe(15);
    await expect.poll(() => seen).toEqual([1, 2, 3]);
    expect((await remote.service.column()).values).toEqual(Float32Array.of(1.5, -2, 3));
  });

  it('throws what the service threw, with name, code and fields', async () => {
    const { remote } = calculator();
    await expect(remote.service.fail(41)).rejects.toMatchObject({
      name: 'OddFileError',
      code: 'odd-file',
      row: 41,
      message: 'row 41 is odd',
    });
    const missing = remote.service as unknown as { nothing(): Promise<void> };
    await expect(missing.nothing()).rejects.toThrow('no method nothing');
  });

  it('cancels by AbortSignal on both sides', async () => {
    const { remote } = calculator();
    const controller = new AbortController();
    const call = remote.service.forever({ signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(() => remote.service.wasStopped()).toBe(true);
    await expect(remote.service.forever({ signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('rejects every pending call when the thread dies, and starts anew', async () => {
    const { remote, threads } = calculator(1);
    const calls = [remote.service.hang(), remote.service.hang()];
    const settled = Promise.allSettled(calls);
    threads[0].crash('out of memory');
    for (const result of await settled) {
      expect(result.status).toBe('rejected');
      const { reason } = result as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(WorkerDiedError);
      expect(reason).toMatchObject({ reason: 'crashed', code: 'worker-died', worker: 'test' });
    }
    expect(await remote.service.add(1, 1)).toBe(3);
    expect(threads).toHaveLength(2);
  });

  it('restarts and ends on demand', async () => {
    const { remote, threads } = calculator(0);
    const pending = expect(remote.service.hang()).rejects.toMatchObject({ reason: 'stopped' });
    remote.restart();
    await pending;
    expect(await remote.service.add(0, 4)).toBe(4);
    expect(threads).toHaveLength(2);
    remote.terminate();
    await expect(remote.service.add(0, 4)).rejects.toBeInstanceOf(WorkerDiedError);
  });

  it('gives a silent thread up', async () => {
    const deaths: WorkerDiedError[] = [];
    const remote = connect<Calculator>(() => fakeThread(true), {
      name: 'mute',
      configuration: 0,
      silenceMs: 80,
      onDeath: (error) => deaths.push(error),
    });
    await expect(remote.service.add(1, 2)).rejects.toMatchObject({ reason: 'stalled', worker: 'mute' });
    expect(deaths).toHaveLength(1);
  });
});

/** A service with a state, as the dataset's: open, then check, then ask. */
class Shelf {
  readonly told: string[] = [];
  async open(name: string, _options: Options): Promise<string> {
    if (name === 'gone') throw new OddFileError('gone', 0);
    this.told.push(`open ${name}`);
    return name;
  }
  async check(how: string, options: Options): Promise<void> {
    options.onProgress?.(1);
    this.told.push(`check ${how}`);
  }
  async close(): Promise<void> {
    this.told.push('close');
  }
  async ask(): Promise<readonly string[]> {
    return this.told;
  }
  async slow(options: Options): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 50));
    options.signal?.throwIfAborted();
  }
}

describe('a service in the place of one that died', () => {
  function shelf() {
    const threads: FakeThread[] = [];
    const remote = connect<Shelf>(
      () => {
        const thread = fakeThread(false, () => new Shelf());
        threads.push(thread);
        return thread;
      },
      { name: 'shelf', configuration: null, repeat: ['open', 'check'], forget: ['close'] },
    );
    return { threads, service: remote.service, die: () => threads.at(-1)?.crash('out of memory') };
  }

  it('is told again what the other was told, before the next call, each once', async () => {
    const { service, die, threads } = shelf();
    const seen: number[] = [];
    await service.open('a', {});
    await service.check('x', { onProgress: (done) => seen.push(done) });
    await service.open('b', {});
    await service.check('y', {});
    await service.check('z', { onProgress: (done) => seen.push(done) });
    const told = ['open a', 'check x', 'open b', 'check y', 'check z'];
    expect(await service.ask()).toEqual(told);
    die();
    expect(threads).toHaveLength(1);
    const [first, second] = await Promise.all([service.ask(), service.ask()]);
    expect(first).toEqual(['open b', 'check z']);
    expect(second).toEqual(first);
    expect(threads).toHaveLength(2);
    // Progress is for whoever asked first; what is repeated runs without.
    await expect.poll(() => seen).toEqual([1, 1]);
    die();
    await service.check('w', {});
    expect(await service.ask()).toEqual(['open b', 'check w']);
  });

  it('is told nothing by a call that starts afresh or forgets', async () => {
    const { service, die } = shelf();
    await service.open('a', {});
    await service.check('x', {});
    die();
    await service.open('b', {});
    expect(await service.ask()).toEqual(['open b']);
    await service.close();
    die();
    expect(await service.ask()).toEqual([]);
  });

  it('is not told what has failed; a state that cannot be had again is an error of the call', async () => {
    const { service, die } = shelf();
    await expect(service.open('gone', {})).rejects.toMatchObject({ code: 'gone' });
    die();
    expect(await service.ask()).toEqual([]);
    await service.open('a', {});
    die();
    const open = vi.spyOn(Shelf.prototype, 'open');
    open.mockRejectedValue(new OddFileError('moved', 3));
    await expect(service.ask()).rejects.toMatchObject({ code: 'moved', row: 3 });
    await expect(service.ask()).rejects.toMatchObject({ code: 'moved' });
    open.mockRestore();
    expect(await service.ask()).toEqual(['open a']);
  });

  it('leaves a call that is cancelled meanwhile alone', async () => {
    const { service, die } = shelf();
    await service.open('a', {});
    die();
    const open = vi.spyOn(Shelf.prototype, 'open').mockReturnValue(new Promise(() => undefined));
    const controller = new AbortController();
    const call = service.slow({ signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    open.mockRestore();
  });
});

describe('a thread that ends without a word', () => {
  it('is known by the lock it held: pending calls end at once, the next thread answers', async () => {
    const held = new Map<string, () => void>();
    vi.stubGlobal('navigator', {
      locks: {
        async request(name: string, ...rest: unknown[]) {
          const work = rest.at(-1) as () => Promise<unknown>;
          const { signal } = rest.length > 1 ? (rest[0] as { signal: AbortSignal }) : { signal: null };
          if (held.has(name)) await new Promise<void>((free) => held.set(name, free));
          else held.set(name, () => undefined);
          if (!signal?.aborted) await work();
        },
      },
    });
    const deaths: WorkerDiedError[] = [];
    const remote = connect<Calculator>(() => fakeThread(), {
      name: 'test',
      configuration: 4,
      onDeath: (error) => deaths.push(error),
    });
    expect(await remote.service.add(1, 1)).toBe(6);
    const pending = expect(remote.service.hang()).rejects.toMatchObject({
      reason: 'crashed',
      worker: 'test',
    });
    for (const free of held.values()) free();
    await pending;
    expect(deaths).toHaveLength(1);
    expect(await remote.service.add(1, 2)).toBe(7);
    remote.terminate();
    for (const free of held.values()) free();
    await Promise.resolve();
    expect(deaths).toHaveLength(1);
    vi.unstubAllGlobals();
  });
});

it('finds each buffer of a result once', () => {
  const shared = new Float32Array(4);
  const found = buffersOf({ a: shared, b: [shared.subarray(1), new Uint8Array(2)], c: { d: 'x', e: null } });
  expect(found).toHaveLength(2);
});
