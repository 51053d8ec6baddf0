import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { takeCodeBlocks, takeScenarios } from './readme.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const README = read('packages/client/README.md');

test('the README of the client lists the bad moments that are tested, all of them and no other', () => {
  const tests = [...read('apps/server/src/client-sessions.test.ts').matchAll(/^test\('(.+)', async/gm)];

  expect(takeScenarios(README, '### Bad moments')).toEqual(tests.map(([, name]) => name));
  expect(tests).toHaveLength(12);
});

test('a block that says where the client comes from is not told so again', () => {
  const [own, other] = takeCodeBlocks(
    '```ts\nconst cinema = createCinemaClient();\n```\n\n```ts\nawait cinema;\n```\n',
  );

  expect(own?.text).not.toContain('declare const cinema');
  expect(other).toMatchObject({ name: 'readme-2.ts', text: expect.stringContaining('declare const cinema') });
});
