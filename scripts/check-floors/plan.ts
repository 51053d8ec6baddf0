/** A workspace package's place in the house. Folders are relative to the root. */
interface Room {
  /** The workspace packages it may import. */
  imports: readonly string[];
  /** Those that only its tests may import too. */
  testImports?: readonly string[];
  /** The only packages from outside the workspace it may import, when it is meant to stay that small. */
  packages?: readonly string[];
  /** What single files of it, ways in of their own, may import beside those. */
  packagesOf?: Readonly<Record<string, readonly string[]>>;
}

/** Which workspace package may import which. Nothing imports `scripts`. */
export const ROOMS: Readonly<Record<string, Room>> = {
  'packages/contract': { imports: [], packages: ['zod'] },
  'packages/client': {
    imports: [],
    packages: ['@trpc/client', '@trpc/server'],
    packagesOf: {
      'packages/client/src/node.ts': ['node:fs', 'node:path'],
      'packages/client/src/react.ts': ['react', '@tanstack/react-query', '@trpc/tanstack-react-query'],
      'packages/client/src/upload.ts': ['tus-js-client'],
    },
  },
  'packages/local-services': { imports: [] },
  db: { imports: [] },
  'apps/server': {
    imports: ['packages/contract', 'db'],
    testImports: ['packages/client', 'packages/local-services'],
  },
  'apps/storefront': { imports: ['packages/client'] },
  scripts: {
    imports: ['packages/contract', 'packages/client', 'packages/local-services', 'db', 'apps/server'],
  },
};

export const SERVER = 'apps/server/src';

/** The server's features and their floors: one imports only from features below its own. */
export const FEATURE_FLOORS: Readonly<Record<string, number>> = {
  accounts: 0,
  catalogue: 1,
  library: 2,
  media: 2,
  promos: 2,
  community: 3,
  cart: 3,
  playback: 3,
  orders: 4,
  payments: 5,
  admin: 6,
  privacy: 6,
};

/** The server's folders that are no features. */
export const OTHER_SERVER_FOLDERS: readonly string[] = ['http', 'lib', 'testing'];

/** The server's own files that features and `lib/` may know; every other one stands above them. */
export const SHARED_SERVER_FILES: readonly string[] = [
  'audit.ts',
  'config.ts',
  'context.ts',
  'deps.ts',
  'idempotency-queries.ts',
  'idempotency.ts',
  'job.ts',
  'notices.ts',
  'trpc.ts',
];

/** A feature's files that are nobody else's business. */
export const PRIVATE_FEATURE_FILES: readonly string[] = ['router.ts', 'jobs.ts', 'mail.ts'];

/** The layers of a feature, from above: none imports one that stands before it. */
export const LAYERS: readonly string[] = ['router.ts', 'service.ts', 'queries.ts'];

/** Readers of `process.env` beside `config.ts`, with the reason. */
export const ENVIRONMENT_READERS: Readonly<Record<string, string>> = {
  'apps/server/src/main.ts': 'hands it to readConfig',
  'apps/server/src/catalogue/list-reference.test.ts': 'takes the length and the seed of a run',
  'apps/server/src/http/fuzz.test.ts': 'takes the length and the seed of a run',
  'apps/server/src/payments/chaos.test.ts': 'takes the length and the seed of a run',
  'apps/server/src/payments/races.test.ts': 'takes the length and the seed of a run',
  'apps/server/src/testing/process.ts': 'hands the environment on to a server, a child process',
  'packages/local-services/src/stripe/contract.test.ts': 'takes the key of the Stripe account to be held to',
  'packages/local-services/src/postgres/cluster.ts': 'hands the environment on to Postgres, a child process',
};

/** The top level of the repository: nothing else, beside dot files. */
export const TOP_LEVEL: readonly string[] = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'LICENSE',
  'docs',
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'tsconfig.base.json',
  'docker-compose.yml',
  'apps',
  'packages',
  'db',
  'scripts',
  'node_modules',
];
