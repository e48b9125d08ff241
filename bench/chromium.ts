import { createReadStream, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createServer } from 'vite';
import { contentType } from '../scripts/lib/content-type.mjs';
import { projectRoot } from '../scripts/lib/project.mjs';
import { openChromium } from '../tests/e2e/support/chromium.ts';
import type { PageBenchOptions } from './page/main.ts';
import type { BenchResult } from './result.ts';

/** The suite in a page of Chromium, isolated so that WebAssembly has threads. */
export async function benchInChromium(options: PageBenchOptions): Promise<BenchResult> {
  const server = await createServer({
    root: projectRoot,
    configFile: false,
    logLevel: 'error',
    server: {
      port: 0,
      hmr: false,
      headers: {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
    },
    optimizeDeps: { noDiscovery: true, include: ['onnxruntime-web/webgpu', 'onnxruntime-web/wasm'] },
    plugins: [{ name: 'runtimes', configureServer: ({ middlewares }) => void middlewares.use(serveRuntime) }],
  });
  await server.listen();
  const tab = await openChromium({ webgpu: true });
  try {
    tab.page.on('console', (message) => {
      if (message.type() === 'warning') console.error(message.text());
    });
    const address = server.resolvedUrls?.local[0];
    if (address === undefined) throw new Error('the page of the bench is not served');
    await tab.page.goto(new URL('bench/page/index.html', address).href);
    await tab.page.waitForFunction('globalThis.bench !== undefined', undefined, { timeout: 60_000 });
    const chromium = tab.page.context().browser()?.version() ?? 'unknown';
    return (await tab.page.evaluate(
      `bench(${JSON.stringify({ ...options, versions: { ...options.versions, chromium } })})`,
    )) as BenchResult;
  } finally {
    await tab.close();
    await server.close();
  }
}

/** onnxruntime-web's own files under /ort/, all builds. */
function serveRuntime(
  request: import('node:http').IncomingMessage,
  response: import('node:http').ServerResponse,
  next: () => void,
): void {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const file = join(projectRoot, 'node_modules', 'onnxruntime-web', 'dist', basename(path));
  if (!path.startsWith('/ort/') || !existsSync(file)) {
    next();
    return;
  }
  response.setHeader('Content-Type', contentType(file));
  response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  createReadStream(file).pipe(response);
}
