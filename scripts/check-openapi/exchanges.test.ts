import { expect, test } from 'vitest';
import { judge, type Paths } from './exchanges.ts';
import type { Exchange } from './prism.ts';

const paths: Paths = {
  '/movies/{movieId}': { get: { operationId: 'movies.get', responses: {} } },
  '/movies/new': { get: { operationId: 'recommendations.newReleases', responses: {} } },
  '/cart/items': { post: { operationId: 'cart.add', responses: {}, requestBody: {} } },
  '/accounts/export': { post: { operationId: 'accounts.exportData', responses: {} } },
};

function exchange(method: string, path: string, more: Partial<Exchange> = {}, ...violations: object[]): Exchange {
  return { method, path: `/api/v1${path}`, status: 200, isOurs: true, violations: JSON.stringify(violations), ...more };
}

const inBody = { location: ['request', 'body'], message: 'must have movieId' };
const inAnswer = { location: ['response', 'body', 'total'], message: 'must be object' };

test('operations are told apart, and those that were answered counted', () => {
  const verdict = judge(
    [
      exchange('GET', '/movies/new'),
      exchange('GET', '/movies/heat-1995', { status: 404 }),
      exchange('OPTIONS', '/movies/new'),
      exchange('GET', '/news'),
    ],
    paths,
  );
  expect(verdict).toEqual({
    requests: 2,
    asked: new Set(['recommendations.newReleases', 'movies.get']),
    answered: new Set(['recommendations.newReleases']),
    faults: [],
  });
});

test.for<[string, Exchange, string[]]>([
  ['an answer that is none', exchange('GET', '/movies/heat', { status: 404 }, inAnswer), ['404 response.body.total']],
  [
    'input that is taken',
    exchange('POST', '/cart/items', { status: 201 }, inBody),
    ['answers 201', 'must have movieId'],
  ],
  ['input that is refused', exchange('POST', '/cart/items', { status: 400 }, inBody), []],
  [
    'input that is refused with what is no refusal',
    exchange('POST', '/cart/items', { status: 400 }, inAnswer),
    ['400'],
  ],
  [
    'an empty body where there is none',
    exchange('POST', '/accounts/export', { status: 202 }, { location: ['request'], message: 'No supported types' }),
    [],
  ],
  [
    'an address Prism knows nothing of',
    exchange('GET', '/movies/heat', {}, { location: ['request'], message: 'Selected route not found' }),
    ['does not know'],
  ],
  ['an answer of Prism’s own', exchange('GET', '/movies/heat', { status: 500, isOurs: false }), ['Prism answers 500']],
])('%s', ([, each, words]) => {
  const { faults } = judge([each], paths);
  expect(faults).toHaveLength(words.length === 0 ? 0 : 1);
  for (const word of words) expect(faults[0]).toContain(word);
});
