import type { EngineAnswer, EngineRequest } from './messages.ts';

/** The test calls `askEngine` from outside; the engine lives in a worker, as in the real page. */
declare global {
  var askEngine: (request: EngineRequest) => Promise<EngineAnswer>;
}

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });

globalThis.askEngine = (request) =>
  new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<EngineAnswer>) => resolve(data);
    worker.onerror = ({ message }) => resolve({ error: `the worker failed: ${message}` });
    worker.postMessage(request);
  });
