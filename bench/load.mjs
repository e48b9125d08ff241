import { createServer } from 'vite';
import { projectRoot } from '../scripts/lib/project.mjs';

/**
 * Loads our TypeScript into this process, addresses and all, by a Vite that serves nobody.
 * @returns {Promise<<T>(path: string) => Promise<T>>} of a path such as `/bench/probe.ts`
 */
export async function moduleLoader() {
  const server = await createServer({
    root: projectRoot,
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  /** @template T @param {string} path @returns {Promise<T>} */
  const load = async (path) => /** @type {T} */ (await server.ssrLoadModule(path));
  return load;
}
