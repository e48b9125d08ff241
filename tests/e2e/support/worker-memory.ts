import type { Page } from 'playwright-core';

/** What a worker of a page in Chromium holds. */
export interface WorkerMemory {
  /**
   * Bytes after a collection: objects and their ArrayBuffers, dead ones too until the browser has let go of them, which
   * takes it a while. Memories of WebAssembly are not among them.
   */
  held(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Looks into a worker.
 * @param name given to it when it was started
 * @throws where the page has no such worker
 */
export async function workerMemory(page: Page, name: string): Promise<WorkerMemory> {
  const session = await page.context().newCDPSession(page);
  let worker: string | null = null;
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.title === name) worker = sessionId;
  });
  // The driver knows of a worker's protocol only this: messages as text.
  const answers = new Map<number, (answer: Answer) => void>();
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const answer = JSON.parse(message) as Answer;
    if (answer.id !== undefined) answers.get(answer.id)?.(answer);
  });
  let sent = 0;
  const ask = async (method: string): Promise<unknown> => {
    const id = ++sent;
    const answered = new Promise<Answer>((resolve) => answers.set(id, resolve));
    const message = JSON.stringify({ id, method });
    await session.send('Target.sendMessageToTarget', { message, sessionId: worker ?? '' });
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const attach = { autoAttach: true, waitForDebuggerOnStart: false, flatten: false };
  await session.send('Target.setAutoAttach', attach);
  if (worker === null) throw new Error(`the page has no worker ${name}`);
  return {
    async held() {
      await ask('HeapProfiler.collectGarbage');
      const { usedSize, backingStorageSize } = (await ask('Runtime.getHeapUsage')) as HeapUsage;
      return usedSize + backingStorageSize;
    },
    close: () => session.detach(),
  };
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface HeapUsage {
  readonly usedSize: number;
  readonly backingStorageSize: number;
}
