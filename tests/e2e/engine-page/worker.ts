import type { Engine } from '../../../src/engine/engine.ts';
import { createEngine } from '../../../src/engine/select.ts';
import { memorySource } from '../../../src/model/memory-source.ts';
import { openModelPackage } from '../../../src/model/package.ts';
import { syntheticPackage } from '../../../src/model/synthetic.ts';
import type { EncodeAnswer, EncodeRequest, EngineAnswer, EngineRequest, OpenRequest } from './messages.ts';

const PACKAGE_FILES = [
  'config.json',
  'vocab.txt',
  'added_tokens.json',
  'gene_medians.json',
  'model.safetensors',
];
const base = new URL('../', import.meta.url).href;
let engine: Engine | null = null;

async function fetched(path: string): Promise<Response> {
  const response = await fetch(new URL(path, base));
  if (!response.ok) throw new Error(`${path}: status ${response.status}`);
  return response;
}

async function openPackage(model: OpenRequest['model']) {
  if ('deep' in model) return syntheticPackage(await (await fetched(model.deep)).json());
  return openModelPackage({
    name: model.folder,
    list: async () => PACKAGE_FILES,
    open: async (path) =>
      memorySource(new Uint8Array(await (await fetched(`${model.folder}/${path}`)).arrayBuffer())),
  });
}

async function open({ kind, model }: OpenRequest): Promise<EngineAnswer> {
  engine?.destroy();
  const ort = (name: string) => new URL(`ort/${name}`, base).href;
  const created = await createEngine(kind, await openPackage(model), {
    gpu: navigator.gpu,
    wasm: {
      wasmPaths: async () => ({
        wasm: ort('ort-wasm-simd-threaded.wasm'),
        mjs: ort('ort-wasm-simd-threaded.mjs'),
      }),
    },
    strict: true,
  });
  engine = created.engine;
  return { description: engine.description };
}

function base64(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 8192)
    parts.push(String.fromCharCode(...bytes.subarray(i, i + 8192)));
  return btoa(parts.join(''));
}

async function encode(request: EncodeRequest): Promise<EncodeAnswer> {
  if (engine === null) throw new Error('no engine is open');
  const cells = request.cuSeqlens.length - 1;
  const encoded = await engine.encode(
    {
      rows: Uint32Array.from({ length: cells }, (_, cell) => cell),
      cuSeqlens: Uint32Array.from(request.cuSeqlens),
      geneIds: Uint32Array.from(request.geneIds),
      ...(request.values === null ? {} : { values: Float32Array.from(request.values) }),
      withheld: new Uint8Array(cells),
    },
    { pooling: request.pooling, states: request.states },
  );
  return {
    embedding: base64(encoded.embedding),
    logits: Object.fromEntries(
      Object.entries(encoded.logits).map(([name, values]) => [name, base64(values)]),
    ),
    hiddenStates: encoded.hiddenStates ? base64(encoded.hiddenStates) : null,
    annotationStates: encoded.annotationStates ? base64(encoded.annotationStates) : null,
  };
}

globalThis.onmessage = async ({ data }: MessageEvent<EngineRequest>) => {
  let answer: EngineAnswer;
  try {
    answer = 'open' in data ? await open(data.open) : { encoded: await encode(data.encode) };
  } catch (error) {
    answer = { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
  globalThis.postMessage(answer);
};
