import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['{apps,packages}/*/src/**/*.test.ts', 'db/src/**/*.test.ts', 'scripts/**/*.test.ts'],
    globalSetup: ['apps/server/src/testing/global-setup.ts'],
    // Set by `pnpm check:openapi`, which puts Prism between the tests and the REST face.
    setupFiles: process.env['PRISM_URL'] ? ['scripts/check-openapi/through-prism.ts'] : [],
    // A process reads the program once, not once a file: a third of the suite's time. What files share thereby are
    // modules, which keep nothing of an app: each file starts its own, on a database of its own.
    isolate: false,
    // More than there are processors: some files wait more than they work.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A second is little on a machine that is busy with the suite.
    expect: { poll: { timeout: 20_000 } },
    // Also where a test fails between the two: what comes next is in the same process.
    unstubGlobals: true,
  },
});
