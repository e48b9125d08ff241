import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { contentType } from './content-type.mjs';
import { headersFor } from './headers.mjs';

/**
 * A static file server on the loopback interface.
 * @param {{ folder: string, port?: number, basePath?: string, headers?: boolean }} options `basePath` begins
 *   and ends with a slash; `headers: false` plays a host that sets neither policy nor isolation
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} rejects when the port is taken (EADDRINUSE)
 */
export function serveFolder({ folder, port = 0, basePath = '/', headers = true }) {
  const server = createServer((request, response) => {
    const path = decodedPath(request.url ?? '/');
    if (headers)
      for (const [name, value] of Object.entries(headersFor(path))) response.setHeader(name, value);
    response.setHeader('Cache-Control', 'no-cache');
    const file = path.startsWith(basePath) ? fileAt(folder, path.slice(basePath.length)) : null;
    if (file === null || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(file === null ? 404 : 405, { 'Content-Type': 'text/plain; charset=utf-8' });
      response.end(file === null ? 'There is no such file here.' : 'Only GET and HEAD.');
      return;
    }
    response.writeHead(200, { 'Content-Type': contentType(file), 'Content-Length': statSync(file).size });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = /** @type {import('node:net').AddressInfo} */ (server.address());
      resolve({
        url: `http://127.0.0.1:${address.port}${basePath}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}

/** @param {string} url @returns {string} */
function decodedPath(url) {
  try {
    return decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return '/';
  }
}

/** @param {string} folder @param {string} path @returns {string | null} a file inside the folder */
function fileAt(folder, path) {
  const file = join(folder, normalize(`/${path}`), path === '' || path.endsWith('/') ? 'index.html' : '');
  const found = file.replace(/\/$/, '');
  return existsSync(found) && statSync(found).isFile() ? found : null;
}
