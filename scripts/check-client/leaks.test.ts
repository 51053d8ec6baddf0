import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findLeaks } from './leaks.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leaks-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

test('a package that knows tRPC and itself has no leak, nor has a way in that knows what it is for', () => {
  write('package.json', '{}');
  write('dist/client.js', "import { a } from './chunk-A.js';\nimport { observable } from '@trpc/server/observable';\n");
  write('dist/node.js', "import { readFile } from 'node:fs/promises';\n");
  write(
    'dist/client.d.ts',
    "/** Needs no zod. */\nimport type { A } from './a.ts';\nimport { B } from '@trpc/client';\n",
  );

  expect(findLeaks(folder)).toEqual([]);
});

test.each([
  ['an import', "import { z } from 'zod';", ['dist/a.d.ts: names the module zod']],
  [
    'an inline import',
    "export type A = import('@online-cinema/contract/errors').A;",
    ['dist/a.d.ts: names the module @online-cinema/contract/errors'],
  ],
  [
    'a package that only starts alike',
    "import '@trpc/server-extras';",
    ['dist/a.d.ts: names the module @trpc/server-extras'],
  ],
  [
    'a file outside',
    "export type A = import('../../apps/server/src/a').A;",
    ['dist/a.d.ts: names the module ../../apps/server/src/a'],
  ],
  ['a module of Node in the core', "import 'node:fs';", ['dist/a.d.ts: names the module node:fs']],
  ['a reference', '/// <reference types="node" />', ['dist/a.d.ts: names the module node']],
  [
    'a word of the server beside a field that may have it for a value',
    "export type A = { gateway: 'stripe'; pay: stripe.Session };",
    ['dist/a.d.ts: says stripe'],
  ],
  ['a word of the server', 'export type A = { ctx: Context };', ['dist/a.d.ts: says Context']],
])('%s is found', (_name, text, leaks) => {
  write('dist/a.d.ts', text);

  expect(findLeaks(folder)).toEqual(leaks);
});

test('a file that nobody asked for is found', () => {
  write('src/session.test.ts', '');

  expect(findLeaks(folder)).toEqual(['src/session.test.ts: does not belong there']);
});
