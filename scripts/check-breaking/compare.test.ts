import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type ApiDocument, findBreaks, mayBreak } from './compare.ts';

const text = await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
const read = () => JSON.parse(text) as ApiDocument;
// oxlint-disable-next-line typescript/no-explicit-any -- a document is changed here as anybody might change it
type Loose = any;

/** What is found when the document is changed like that. */
function breaksOf(change: (document: Loose) => void): string[] {
  const next = read();
  change(next);
  return findBreaks(read(), next);
}

test('the same document breaks nothing', () => {
  expect(breaksOf(() => {})).toEqual([]);
});

test.for<[string, (document: Loose) => void, string]>([
  ['an operation that is gone', ({ paths }) => delete paths['/cart/items'].post, 'POST /cart/items is gone'],
  ['another name', ({ paths }) => (paths['/cart'].get.operationId = 'cart.read'), 'is called cart.read'],
  ['another status', ({ paths }) => rename(paths['/cart/items'].post.responses, '201', '200'), 'no longer answers 201'],
  [
    'a session that is needed',
    ({ paths }) => (paths['/movies'].get.security = [{ bearer: [] }]),
    'needs a session now',
  ],
  ['a filter that is gone', ({ paths }) => paths['/movies'].get.parameters.shift(), 'is gone'],
  [
    'a parameter that must be sent',
    ({ paths }) => paths['/movies'].get.parameters.push({ in: 'query', name: 'shop', required: true, schema: {} }),
    'the new parameter query shop must be sent',
  ],
  [
    'a field of the body that is gone',
    ({ paths }) => delete bodyOf(paths['/cart/items'].post).properties.movieId,
    'movieId is gone',
  ],
  [
    'a field that must be sent',
    ({ paths }) => (bodyOf(paths['/orders'].post).required = ['movieIds']),
    'movieIds must be sent now',
  ],
  [
    'a shorter text',
    ({ paths }) => (bodyOf(paths['/cart/items'].post).properties.movieId.maxLength = 10),
    'another maxLength',
  ],
  [
    'another type',
    ({ paths }) => (bodyOf(paths['/cart/items'].post).properties.movieId = { type: 'integer' }),
    'no longer takes string',
  ],
  [
    'a field of the answer that is gone',
    ({ components }) => delete components.schemas.Movie.properties.slug,
    '200.slug is gone',
  ],
  ['a field that may be missing', ({ components }) => components.schemas.Movie.required.shift(), 'may be missing now'],
  [
    'a field that may be null',
    ({ components }) => (components.schemas.Movie.properties.name = { type: ['string', 'null'] }),
    'may be null',
  ],
  [
    'a nested field that is gone',
    ({ components }) => delete components.schemas.Money.properties.currency,
    'currency is gone',
  ],
  [
    'a field that is gone where there may be nothing at all',
    ({ components }) => delete components.schemas.CartPromo.properties.why,
    'promo.why is gone',
  ],
  [
    'one choice less',
    ({ paths }) => bodyOf(paths['/movies/{movieId}/reaction'].put).properties.reaction.enum.pop(),
    'no longer takes dislike',
  ],
  [
    'no more CSV',
    ({ paths }) => delete paths['/movies/export'].get.responses['200'].content['text/csv; charset=utf-8'],
    'is no longer text/csv',
  ],
])('%s is found', ([, change, sentence]) => {
  expect(breaksOf(change).join('\n')).toContain(sentence);
});

test.for<[string, (document: Loose) => void]>([
  ['another operation', ({ paths }) => (paths['/news'] = { get: paths['/genres'].get })],
  ['another filter', ({ paths }) => paths['/movies'].get.parameters.push({ in: 'query', name: 'shop', schema: {} })],
  ['a field more in an answer', ({ components }) => (components.schemas.Movie.properties.mood = { type: 'string' })],
  ['another reason to refuse', ({ paths }) => (paths['/movies'].get.responses['418'] = { description: '' })],
  ['a longer text', ({ paths }) => (bodyOf(paths['/cart/items'].post).properties.movieId.maxLength = 1_000)],
  ['no session needed any more', ({ paths }) => (paths['/cart'].get.security = [])],
])('%s breaks nothing', ([, change]) => {
  expect(breaksOf(change)).toEqual([]);
});

test('a new major version may break, nothing less', () => {
  expect(mayBreak('1.4.0', '2.0.0')).toBe(true);
  expect(mayBreak('1.4.0', '1.5.0')).toBe(false);
  expect(mayBreak('0.1.0', '0.2.0')).toBe(false);
  expect(mayBreak('0.9.0', '1.0.0')).toBe(true);
  expect(mayBreak('9.0.0', '10.0.0')).toBe(true);
});

function bodyOf(operation: Loose): Loose {
  return operation.requestBody.content['application/json'].schema;
}

function rename(object: Loose, from: string, to: string): void {
  object[to] = object[from];
  delete object[from];
}
