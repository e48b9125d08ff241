import { browserRuntime } from '../data/h5ad/browser-runtime.ts';
import { clearScratchFiles } from '../store/scratch-file.ts';
import { browserScratch } from './browser-scratch.ts';
import type { DatasetEnvironment } from './dataset-service.ts';
import { RunError } from './errors.ts';
import { browserOpener } from './model-opener.ts';

/**
 * Surroundings of the dataset service in a browser's worker.
 * @param baseUrl of the site, ending in a slash: a worker started from a blob: URL has no address of its own
 */
export function browserDatasetEnvironment(baseUrl: string): DatasetEnvironment {
  clearScratchFiles().catch(() => undefined);
  return {
    runtime: browserRuntime(baseUrl),
    openSource: browserOpener(),
    readAsset: async (path) => {
      const response = await fetch(new URL(path, baseUrl)).catch(() => null);
      if (!response?.ok)
        throw new RunError('model-unreachable', `${path} could not be read from this site`, path);
      return new Uint8Array(await response.arrayBuffer());
    },
    scratch: browserScratch(),
  };
}
