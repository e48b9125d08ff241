import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  dependencies: Record<string, string>;
};

/** A package itself or a path inside it. */
const external = Object.keys(dependencies).map((name) => new RegExp(`^${name}(/|$)`));

/**
 * The command line as one bundle of our own modules (shaders inlined by `?raw`); the packages it runs on
 * stay outside, as dependencies of the package.
 */
export default defineConfig({
  publicDir: false,
  ssr: { noExternal: true, external: Object.keys(dependencies) },
  build: {
    ssr: 'src/cli/main.ts',
    outDir: 'dist-cli',
    emptyOutDir: false,
    target: 'node20',
    minify: false,
    rolldownOptions: {
      external: (id) => id.startsWith('node:') || external.some((pattern) => pattern.test(id)),
      output: { entryFileNames: 'teddy-web.js', codeSplitting: false },
    },
  },
});
