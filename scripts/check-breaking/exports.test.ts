import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findLostExports, readExports } from './exports.ts';

const report = readFileSync(new URL('../../packages/client/api.md', import.meta.url), 'utf8');

test('the names of every way into the client are read from its report', () => {
  const exports = readExports(report);
  expect(Object.keys(exports)).toHaveLength(6);
  expect(exports['@online-cinema/client']).toEqual(expect.arrayContaining(['createCinemaClient', 'RouterOutputs']));
  expect(exports['@online-cinema/client/node']).toEqual(['fileStorage']);
});

test('a name, or a way in, that is gone is found; one more is none', () => {
  const old = readExports(report);
  const { '@online-cinema/client/node': _, ...others } = readExports(
    report.replace('function isCinemaError', 'function isCinemaFault'),
  );
  expect(findLostExports(old, others)).toEqual([
    '@online-cinema/client no longer exports isCinemaError',
    "@online-cinema/client/node can't be imported any more",
  ]);
  expect(findLostExports(others, { ...others, ...old })).toEqual([
    '@online-cinema/client no longer exports isCinemaFault',
  ]);
  expect(findLostExports(old, { ...old, '@online-cinema/client/vue': ['useCinema'] })).toEqual([]);
});
