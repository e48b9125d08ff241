import { defineConfig } from 'vitest/config';

/** What every project shares: shaders by `?raw`, files found from the repository root. */
const common = { environment: 'node', globalSetup: ['tests/support/require-shared.ts'] };

export default defineConfig({
  test: {
    reporters: ['default', './tests/support/counts-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          ...common,
          name: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/e2e/**'],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          ...common,
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: [...common.globalSetup, 'tests/e2e/support/build-site.ts'],
          maxWorkers: 1,
          fileParallelism: false,
          // A browser on busy processors now and then misses a click; a fault fails twice.
          retry: 1,
          testTimeout: 600_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
