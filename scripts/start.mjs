import { buildSiteIfStale } from './lib/build-site.mjs';
import { serveFolder } from './lib/static-server.mjs';

/**
 * `npm start`: builds the page when its sources are newer, then serves it with the headers it wants
 * (isolation, and the policy that keeps data here). PORT chooses the port; else the first free from 5180.
 */
const FIRST_PORT = 5180;
const PORTS_TRIED = 20;

console.log('Building the page if its sources changed …');
const folder = await buildSiteIfStale();
const { url } = await listen();
console.log(`\nteddy-web is at ${url}\nIt is served to this machine only. Stop with Ctrl+C.`);

async function listen() {
  if (process.env.PORT) return serveFolder({ folder, port: Number(process.env.PORT) });
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS_TRIED; port++) {
    try {
      return await serveFolder({ folder, port });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EADDRINUSE') throw error;
    }
  }
  return serveFolder({ folder });
}
