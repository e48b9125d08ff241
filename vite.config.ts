import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { headersFor, isModelPage, MODEL_PAGE_POLICY, PAGE_POLICY } from './scripts/lib/headers.mjs';
import { serveSiteFiles, siteFiles } from './scripts/lib/site-files.mjs';

const root = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');

/** Lets the development server's own inline script and socket through; the build has neither. */
const DEVELOPMENT_NONCE = 'teddy-web-development';

/** Models, onnxruntime-web's runtime and HDF5 filters: served in development, copied by the build. */
function ownFiles(): Plugin {
  return {
    name: 'teddy-own-files',
    configureServer(server) {
      server.middlewares.use(serveSiteFiles(root));
    },
    generateBundle() {
      for (const [fileName, file] of siteFiles(root)) {
        this.emitFile({ type: 'asset', fileName, source: readFileSync(file) });
      }
    },
  };
}

/** The policy as `<meta>` in what is built, for hosts that set no headers. */
function policyInPages(): Plugin {
  return {
    name: 'teddy-policy-meta',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { path }) => [
        {
          tag: 'meta',
          attrs: {
            'http-equiv': 'Content-Security-Policy',
            content: isModelPage(path) ? MODEL_PAGE_POLICY : PAGE_POLICY,
          },
          injectTo: 'head-prepend',
        },
      ],
    },
  };
}

/** Isolation and policy headers of the development server. */
function developmentHeaders(): Plugin {
  return {
    name: 'teddy-development-headers',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? '/', 'http://localhost').pathname;
        for (const [name, value] of Object.entries(headersFor(path))) {
          response.setHeader(
            name,
            value.replace("script-src 'self'", `script-src 'self' 'nonce-${DEVELOPMENT_NONCE}'`),
          );
        }
        next();
      });
    },
  };
}

export default defineConfig(({ command }) => ({
  root,
  base: './',
  plugins: [react(), developmentHeaders(), ownFiles(), policyInPages()],
  html: command === 'serve' ? { cspNonce: DEVELOPMENT_NONCE } : {},
  // onnxruntime-web without a reference to its own .wasm: ours lies under ort/, and 14 MB are not shipped twice.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web', 'h5wasm'] },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4096,
    rolldownOptions: { input: ['index.html', 'model.html'] },
  },
}));
