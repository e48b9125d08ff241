/**
 * The Content-Security-Policy is how "nothing leaves this machine" is enforced: our server sends it as a
 * header, the build writes it as `<meta>` for hosts that send none.
 */

/** Directives common to both pages; fonts, images and inline styles carry no data out. */
const COMMON = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval' blob:",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'none'",
];

/** Policy of every file but the page that fetches models: no connection beyond this site. */
export const PAGE_POLICY = [...COMMON, "connect-src 'self'", "img-src 'self' data: blob:"].join('; ');

/** Policy of model.html, which opens no data and fetches a model from the address the user confirmed. */
export const MODEL_PAGE_POLICY = [...COMMON, "connect-src 'self' https: http:", "img-src 'self' data:"].join(
  '; ',
);

/** Cross-origin isolation, without which WebAssembly has one thread. */
const ISOLATION_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** True for the path of the page that fetches models (below any sub-path). */
export function isModelPage(/** @type {string} */ path) {
  return /(^|\/)model\.html$/.test(path);
}

/**
 * All headers our server sends with the file at `path`.
 * @param {string} path of the request, without query
 * @returns {Record<string, string>}
 */
export function headersFor(path) {
  return {
    ...ISOLATION_HEADERS,
    'Content-Security-Policy': isModelPage(path) ? MODEL_PAGE_POLICY : PAGE_POLICY,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}
