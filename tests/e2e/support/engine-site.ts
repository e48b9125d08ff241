import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { Engine, EngineKind } from '../../../src/engine/engine.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import { sharedPath } from '../../support/shared.ts';
import type { EncodeRequest, EngineAnswer, EngineRequest, OpenRequest } from '../engine-page/messages.ts';
import { type Site, serveFolder } from './serve.ts';
import type { Tab } from './tab.ts';

const RUNTIME = fileURLToPath(new URL('../../../node_modules/onnxruntime-web/dist/', import.meta.url));
const RUNTIME_FILES = ['ort-wasm-simd-threaded.wasm', 'ort-wasm-simd-threaded.mjs'];

/** A site of nothing but our engines in a worker, with the golden packages beside it, under the page's headers. */
export async function serveEngines(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'teddy-engines-'));
  await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('../engine-page/', import.meta.url)),
    base: './',
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true, target: 'es2022', minify: false },
  });
  mkdirSync(join(folder, 'ort'));
  for (const name of RUNTIME_FILES) cpSync(join(RUNTIME, name), join(folder, 'ort', name));
  for (const name of ['encoder', 'deep'])
    cpSync(sharedPath('fixtures', name), join(folder, name), { recursive: true });
  const site = await serveFolder(folder);
  return {
    address: site.address,
    close: async () => {
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes an engine in the page of `tab`; the calls of the Engine here are answered there. */
export async function engineInTab(
  tab: Tab,
  kind: EngineKind,
  model: OpenRequest['model'],
  config: ModelConfig,
): Promise<Engine> {
  const ask = async (request: EngineRequest): Promise<EngineAnswer> => {
    const answer = await tab.evaluate<EngineAnswer>(`askEngine(${JSON.stringify(request)})`);
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  };
  const opened = await ask({ open: { kind, model } });
  if (!('description' in opened)) throw new Error('the page opened no engine');
  return {
    description: opened.description,
    config,
    async encode(batch, { pooling, states = false }) {
      const encode: EncodeRequest = {
        cuSeqlens: Array.from(batch.cuSeqlens),
        geneIds: Array.from(batch.geneIds),
        values: batch.values ? Array.from(batch.values) : null,
        pooling,
        states,
      };
      const answer = await ask({ encode });
      if (!('encoded' in answer)) throw new Error('the page encoded nothing');
      const { embedding, logits, hiddenStates, annotationStates } = answer.encoded;
      return {
        embedding: floats(embedding),
        logits: Object.fromEntries(Object.entries(logits).map(([name, text]) => [name, floats(text)])),
        ...(hiddenStates === null ? {} : { hiddenStates: floats(hiddenStates) }),
        ...(annotationStates === null ? {} : { annotationStates: floats(annotationStates) }),
      };
    },
    destroy() {},
  };
}

function floats(base64: string): Float32Array<ArrayBuffer> {
  return new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);
}
