import { browserRuntime } from '../data/h5ad/browser-runtime.ts';
import type { DatasetEnvironment } from './dataset-service.ts';
import { RunError } from './errors.ts';
import { browserOpener } from './model-opener.ts';
import type { ScratchFiles } from './write-export.ts';

/**
 * Surroundings of the dataset service in a browser's worker.
 * @param baseUrl of the site, ending in a slash: a worker started from a blob: URL has no address of its own
 */
export function browserDatasetEnvironment(baseUrl: string): DatasetEnvironment {
  return {
    runtime: browserRuntime(baseUrl),
    openSource: browserOpener(),
    readAsset: async (path) => {
      const response = await fetch(new URL(path, baseUrl)).catch(() => null);
      if (!response?.ok)
        throw new RunError('model-unreachable', `${path} could not be read from this site`, path);
      return new Uint8Array(await response.arrayBuffer());
    },
    scratch: scratchInMemory(),
  };
}

/** Files in the memory of the HDF5 library. */
function scratchInMemory(): ScratchFiles {
  let made = 0;
  return {
    async create(runtime) {
      const { FS } = await (await runtime.library()).ready;
      const path = `/export-${++made}.h5ad`;
      return {
        path,
        read: async () => new Uint8Array(FS.readFile(path)),
        remove: () => {
          if (FS.analyzePath(path).exists) FS.unlink(path);
        },
      };
    },
  };
}
