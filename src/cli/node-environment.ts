import { existsSync, readdirSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ByteSource, ShortReadError } from '../model/byte-source.ts';
import type { PackageSource } from '../model/package-source.ts';
import type { ComputeEnvironment } from '../run/compute-service.ts';
import type { DatasetEnvironment } from '../run/dataset-service.ts';
import { RunError } from '../run/errors.ts';
import type { OpenSource } from '../run/model-opener.ts';
import { cacheFolder, fileRecords } from './file-records.ts';
import { nodeRuntime } from './h5-runtime-node.ts';
import { createNodeGpu } from './node-gpu.ts';
import { scratchOnDisk } from './node-scratch.ts';

/** Threads of the WebAssembly engine: more bring nothing on matrices of these sizes. */
const MOST_THREADS = 8;

/** The folder of the package: where models/ and public/ lie, above the bundle or the source. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('teddy-web is not in its package: package.json was not found');
    folder = parent;
  }
  return folder;
}

/** The model that comes with the package. */
export function embeddedModelFolder(): string {
  return join(packageRoot(), 'models', 'teddy-g-bootstrap');
}

/**
 * Dataset service surroundings on the disk.
 * @param copies folder for copies of whole files; default: that of temporary files
 */
export function nodeDatasetEnvironment(copies?: string): DatasetEnvironment {
  return {
    runtime: nodeRuntime(),
    openSource: openFolder,
    readAsset: async (path) => new Uint8Array(await readFile(join(packageRoot(), 'public', path))),
    scratch: scratchOnDisk(copies),
  };
}

/** Compute service surroundings: Dawn, onnxruntime-web's build for Node, no store. */
export function nodeComputeEnvironment(): ComputeEnvironment {
  return {
    openSource: openFolder,
    gpu: () => createNodeGpu().catch(() => undefined),
    wasm: {
      threads: Math.min(MOST_THREADS, availableParallelism()),
      importRuntime: () => import('onnxruntime-web'),
    },
    crossOriginIsolated: true,
    hardwareConcurrency: availableParallelism(),
    store: async () => null,
    tuning: fileRecords(join(cacheFolder(), 'tuning')),
  };
}

const openFolder: OpenSource = async (location) => {
  if (location.kind !== 'directory') {
    throw new RunError('model-unreachable', 'the command line opens models from folders');
  }
  return { source: folderSource(location.path), sha256: null };
};

/** A model folder, with the folder of medians wherever below it. */
function folderSource(path: string): PackageSource {
  const folder = resolve(path);
  return {
    name: basename(folder),
    async list() {
      try {
        return readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => !entry.isDirectory())
          .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
      } catch (cause) {
        throw new RunError('model-unreachable', `there is no model folder ${path}`, path, { cause });
      }
    },
    open: (name) => fileBytes(join(folder, name)),
  };
}

/** A file of the disk, read piece by piece. */
export async function fileBytes(path: string): Promise<ByteSource> {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  await handle.close();
  return {
    size,
    async read(offset, length) {
      const file = await open(path, 'r');
      try {
        const bytes = new Uint8Array(length);
        let got = 0;
        while (got < length) {
          const { bytesRead } = await file.read(bytes, got, length - got, offset + got);
          if (bytesRead === 0) throw new ShortReadError(offset, length, got);
          got += bytesRead;
        }
        return bytes;
      } finally {
        await file.close();
      }
    },
  };
}
