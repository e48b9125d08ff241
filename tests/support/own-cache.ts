import { dirname } from 'node:path';
import { cacheFolder } from '../../src/cli/file-records.ts';

/**
 * The environment in which teddy-web keeps what it remembers in a folder of the test, while Mesa keeps its compiled
 * shaders where it always does: the same kernels are not compiled anew by every test.
 */
export function ownCache(folder: string): Readonly<Record<string, string>> {
  const shaders = process.env.MESA_SHADER_CACHE_DIR ?? dirname(cacheFolder(process.env));
  return { XDG_CACHE_HOME: folder, MESA_SHADER_CACHE_DIR: shaders };
}
