import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { checkFloors } from './check-floors.ts';

/** A small house in which everything stands where it should; each test puts one thing wrong. */
const HOUSE = {
  'README.md': '',
  '.gitignore': '',
  'packages/contract/package.json': '{ "name": "@online-cinema/contract" }',
  'packages/contract/src/cart.ts': "import { z } from 'zod';\nexport const Cart = z.object({});",
  'packages/client/package.json': '{ "name": "@online-cinema/client" }',
  'packages/client/src/client.ts': "export { createTRPCClient } from '@trpc/client';",
  'packages/client/src/client.test.ts': "import 'vitest';",
  'packages/local-services/package.json': '{ "name": "@online-cinema/local-services" }',
  'packages/local-services/src/postgres.ts': "import { spawn } from 'node:child_process';",
  'db/package.json': '{ "name": "@online-cinema/db" }',
  'db/src/open.ts': "import { Kysely } from 'kysely';",
  'scripts/package.json': '{ "name": "@online-cinema/scripts" }',
  'scripts/dev.ts': "import { start } from '@online-cinema/server/app';\nprocess.env.PORT ??= '8000';",
  'apps/storefront/package.json': '{ "name": "@online-cinema/storefront" }',
  'apps/storefront/vite.config.ts': 'export default { base: process.env.BASE };',
  'apps/storefront/src/page.tsx':
    "import { createCinemaClient } from '@online-cinema/client';\nexport const page = <p>Film</p>;",
  'apps/server/package.json': '{ "name": "@online-cinema/server" }',
  'apps/server/src/app.ts': "import './router.ts';",
  'apps/server/src/audit.ts': "import type { Db } from '@online-cinema/db/open';\nexport const audit = 1;",
  'apps/server/src/config.ts': 'export const port = process.env.PORT;',
  'apps/server/src/trpc.ts': "import { AppError } from './lib/errors.ts';",
  'apps/server/src/router.ts': "import { cartRouter } from './cart/router.ts';",
  'apps/server/src/http/rest.ts': "import '../router.ts';",
  'apps/server/src/lib/errors.ts': 'export const AppError = 1;',
  'apps/server/src/library/queries.ts':
    "import type { Db } from '@online-cinema/db/open';\nexport const ownsMovie = 1;",
  'apps/server/src/library/router.ts': '',
  'apps/server/src/library/service.ts': '',
  'apps/server/src/library/mail.ts': 'export const letter = 1;',
  'apps/server/src/playback/service.ts': "import { ownsMovie } from '../library/queries.ts';",
  'apps/server/src/cart/router.ts':
    "import '../trpc.ts';\nimport { Cart } from '@online-cinema/contract/cart';\nimport './service.ts';",
  'apps/server/src/cart/service.ts':
    "import { audit } from '../audit.ts';\nimport { ownsMovie } from '../library/queries.ts';\nimport './queries.ts';",
  'apps/server/src/cart/queries.ts': 'export const items = 1;',
  'apps/server/src/cart/cart.test.ts':
    "import { startTestApp } from '../testing/app.ts';\nimport '@online-cinema/local-services/postgres';",
  'apps/server/src/testing/app.ts': "import '../app.ts';\nimport { createCinemaClient } from '@online-cinema/client';",
};

const roots: string[] = [];

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

test('a house in order has no violation', () => {
  expect(check({})).toEqual([]);
});

test('this repository has no violation, and was really read', () => {
  const { violations, files, imports } = checkFloors(dirname(dirname(fileURLToPath(import.meta.url))));
  expect(violations).toEqual([]);
  expect(files).toBeGreaterThan(100);
  expect(imports).toBeGreaterThan(files);
});

test('an empty folder says that nothing was checked', () => {
  expect(checkFloors(build({}))).toEqual({ violations: [], files: 0, imports: 0 });
});

test.each([
  // Between packages
  [
    'packages/contract/src/a.ts',
    "import type { Db } from '@online-cinema/db/open';",
    'packages/contract may not import db',
  ],
  ['db/src/a.ts', "export type { Cart } from '@online-cinema/contract/cart';", 'db may not import packages/contract'],
  [
    'packages/client/src/a.test.ts',
    "import '@online-cinema/server/app';",
    'packages/client may not import apps/server',
  ],
  [
    'packages/local-services/src/a.ts',
    "await import('@online-cinema/client');",
    'packages/local-services may not import packages/client',
  ],
  [
    'apps/storefront/src/a.ts',
    "type App = import('@online-cinema/server/app').App;",
    'apps/storefront may not import apps/server',
  ],
  [
    'apps/server/src/lib/a.ts',
    "import '@online-cinema/client';",
    'only the tests of apps/server may import packages/client',
  ],
  ['apps/server/src/lib/a.ts', "import '@online-cinema/storefront';", 'apps/server may not import apps/storefront'],
  ['apps/server/src/lib/a.ts', "import '@online-cinema/scripts';", 'nothing imports scripts'],
  [
    'apps/server/src/lib/a.ts',
    "import '@online-cinema/server/app';",
    'imports its own package by name: use a relative path',
  ],
  [
    'packages/contract/src/a.ts',
    "import { readFile } from 'node:fs';",
    'packages/contract knows only zod, not node:fs',
  ],
  ['packages/client/src/a.ts', "import 'zod/mini';", 'packages/client knows only @trpc/client, @trpc/server, not zod'],
  [
    'db/src/a.ts',
    "import '../../packages/contract/src/cart.ts';",
    'a relative import leaves its package: import the package by name',
  ],
  ['packages/new/src/a.ts', '', 'this package has no floor in check-floors/plan.ts', 'packages/new:1'],

  // Between the server's features
  [
    'apps/server/src/library/service.ts',
    "import '../cart/service.ts';",
    'library may not import cart: it stands no lower',
  ],
  [
    'apps/server/src/cart/a.ts',
    "import type { A } from '../playback/service.ts';",
    'cart may not import playback: it stands no lower',
  ],
  ['apps/server/src/orders/service.ts', "import '../cart/router.ts';", 'only the root router imports a router'],
  [
    'apps/server/src/library/queries.ts',
    "import type { A } from './router.ts';",
    'only the root router imports a router',
  ],
  [
    'apps/server/src/library/queries.ts',
    "import type { A } from './service.ts';",
    'queries.ts may not import service.ts, the layer above it',
  ],
  ['apps/server/src/cart/a.ts', "import '../library/mail.ts';", 'mail.ts is private to library'],
  ['apps/server/src/cart/a.ts', "import '../http/rest.ts';", 'a feature may not import http/'],
  ['apps/server/src/cart/a.ts', "import '../app.ts';", 'a feature may not import app.ts, which stands above it'],
  ['apps/server/src/lib/a.ts', "import '../library/queries.ts';", 'lib/ may not import a feature'],
  ['apps/server/src/lib/a.ts', "import '../router.ts';", 'lib/ may not import router.ts, which stands above it'],
  ['apps/server/src/cart/a.ts', "import '../testing/app.ts';", 'only tests import tests and testing/'],
  ['apps/server/src/helpers/a.ts', '', 'apps/server/src/helpers has no floor in check-floors/plan.ts'],

  // In a file
  ['apps/server/src/cart/a.ts', '\nexport default 1;', 'default export: export by name', 'apps/server/src/cart/a.ts:2'],
  ['apps/server/src/cart/a.ts', "export { items as default } from './queries.ts';", 'default export: export by name'],
  [
    'apps/server/src/cart/a.ts',
    "export * from './queries.ts';",
    'export * is a barrel: export by name, where it is defined',
  ],
  ['apps/storefront/src/index.tsx', '', 'index files are barrels: name the file after its subject'],
  [
    'apps/server/src/cart/a.ts',
    '// 🎬\nconst port = process.env.PORT;',
    'reads process.env: only config.ts does',
    'apps/server/src/cart/a.ts:2',
  ],
  ['db/src/a.ts', 'const { env } = process;', 'reads process.env: only config.ts does'],
  ['db/src/a.ts', "import { env } from 'node:process';", 'reads process.env: only config.ts does'],
  ['db/src/a.ts', "const port = globalThis.process['env'].PORT;", 'reads process.env: only config.ts does'],
  ['db/src/a.ts', 'await import(`./${name}.ts`);', 'a computed import cannot be checked'],
  ['db/src/a.ts', "import './open';", 'there is no db/src/open: write the path with its extension'],
  ['db/src/a.ts', 'const = 1;', 'does not parse'],

  // The repository
  ['src/main.ts', '', 'the top level has no place for this', 'src:1'],
  ['notes.md', '', 'the top level has no place for this'],
])('%s with %j: %s', (file, content, message, place = `${file}:1`) => {
  expect(check({ [file]: content })).toEqual([`${place}  ${message}`]);
});

test('a circle is reported once, also when only types go round', () => {
  const circle = {
    'db/src/a.ts': "import type { B } from './b.ts';",
    'db/src/b.ts': "export { C } from './c.ts';",
    'db/src/c.ts': "\ntype A = import('./a.ts').A;",
  };
  expect(check(circle)).toEqual([
    'db/src/c.ts:2  closes a circle: db/src/a.ts → db/src/b.ts → db/src/c.ts → db/src/a.ts',
  ]);
});

function check(planted: Record<string, string>): string[] {
  const { violations } = checkFloors(build({ ...HOUSE, ...planted }));
  return violations.map(({ file, line, message }) => `${file}:${line}  ${message}`);
}

function build(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'floors-'));
  roots.push(root);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  return root;
}
