import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, type TestMovie } from '../testing/factories.ts';

let app: TestApp;
let viewer: Viewer;
let film: TestMovie;
let addresses: string[];
beforeAll(async () => {
  app = await startTestApp({ CORS_ORIGINS: 'https://one.example,https://two.example' });
  viewer = await app.signIn();
  film = await createMovie(app.db, { name: 'The Remembered', genres: ['Mystery'] });
  const genre = await app.db.selectFrom('genres').select('id').executeTakeFirstOrThrow();
  addresses = [
    '/movies?limit=1',
    `/movies/${film.id}`,
    '/movies/facets',
    '/movies/suggest?query=remembered',
    `/movies/${film.id}/similar`,
    '/genres',
    `/genres/${genre.id}`,
    `/users/${viewer.userId}`,
  ];
});
afterAll(() => app[Symbol.asyncDispose]());

test('an answer to anybody names itself, and tells caches to ask each time', async () => {
  for (const address of addresses) {
    const { status, headers } = await app.rest('GET', address);
    expect([address, status]).toEqual([address, 200]);
    expect(headers.get('etag')).toMatch(/^"[\w-]{43}"$/);
    expect(headers.get('cache-control')).toBe('public, max-age=0, s-maxage=1, must-revalidate');
    expect(headers.get('vary')?.toLowerCase()).toBe('origin, authorization');
  }
});

test('who says who he is gets an answer of his own', async () => {
  for (const address of addresses) {
    const { headers } = await app.rest('GET', address, { viewer });
    expect(headers.get('cache-control')).toBe('private, no-cache');
    expect(headers.get('vary')?.toLowerCase()).toBe('origin, authorization');
    const etag = headers.get('etag') ?? '';
    const again = await app.rest('GET', address, { viewer, headers: { 'if-none-match': etag } });
    expect([again.status, again.headers.get('cache-control')]).toEqual([304, 'private, no-cache']);
  }
});

test.for<[string, (etag: string) => string]>([
  ['the tag', (etag) => etag],
  ['the tag, weakly', (etag) => `W/${etag}`],
  ['the tag among others', (etag) => `"one", W/"two" ,${etag}`],
  ['anything', () => '*'],
])('304 and nothing else where If-None-Match names %s', async ([, name]) => {
  for (const address of addresses) {
    const { headers } = await app.rest('GET', address);
    const ifNoneMatch = { 'if-none-match': name(headers.get('etag') ?? '') };
    for (const method of ['GET', 'HEAD']) {
      const again = await app.rest(method, address, { headers: ifNoneMatch });
      expect([again.status, again.body]).toEqual([304, undefined]);
      for (const each of ['etag', 'cache-control', 'vary']) expect(again.headers.get(each)).toBe(headers.get(each));
      expect(again.headers.get('content-type')).toBeNull();
    }
  }
});

test.for(['"other"', 'other', '', 'W/', '"'])('the whole where If-None-Match is %j', async (ifNoneMatch) => {
  const answer = await app.rest('GET', `/movies/${film.id}`, { headers: { 'if-none-match': ifNoneMatch } });
  expect([answer.status, answer.body.id]).toEqual([200, film.id]);
});

test('HEAD has the headers of GET, and no body', async () => {
  for (const address of addresses) {
    const [get, head] = [await app.rest('GET', address), await app.rest('HEAD', address)];
    expect([head.status, head.body]).toEqual([200, undefined]);
    for (const name of ['etag', 'cache-control', 'vary', 'content-type', 'content-length'])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
  }
});

test('another answer has another tag', async () => {
  const changing = await createMovie(app.db);
  const tag = async () => (await app.rest('GET', `/movies/${changing.id}`)).headers.get('etag') ?? '';
  const before = await tag();
  expect(await tag()).toBe(before);
  await app.db.updateTable('movies').set({ description: 'Cut anew.' }).where('id', '=', changing.id).execute();
  const headers = { 'if-none-match': before };
  expect((await app.rest('GET', `/movies/${changing.id}`, { headers })).status).toBe(200);
});

test('a refusal is not kept, whatever tag is named', async () => {
  const nobody = '019a5a4e-7c00-7000-8000-000000000001';
  for (const address of [`/movies/${nobody}`, '/movies?limit=0', '/movies?cursor=x', `/users/${nobody}`]) {
    const { status, headers } = await app.rest('GET', address, { headers: { 'if-none-match': '*' } });
    expect(status).toBeGreaterThanOrEqual(400);
    expect([headers.get('cache-control'), headers.get('etag')]).toEqual(['no-store', null]);
  }
});

test('what belongs to one caller is kept by no other', async () => {
  for (const address of ['/cart', '/profile', '/library']) {
    const { status, headers } = await app.rest('GET', address, { viewer });
    expect([status, headers.get('etag')]).toEqual([200, null]);
    expect(headers.get('cache-control')).toMatch(/^(private, no-cache|no-store)$/);
  }
});

describe('beside the procedures', () => {
  test.for<[string, () => string, string]>([
    ['the API description', () => '/openapi.json', 'public, max-age=0, s-maxage=1, must-revalidate'],
    ['the public keys', () => '/.well-known/jwks.json', 'public, max-age=300'],
    ['a drawn poster', () => `/posters/${film.id}.svg`, 'public, max-age=86400'],
  ])('%s too', async ([, address, cacheControl]) => {
    const first = await fetch(`${app.url}${address()}`);
    expect([first.status, first.headers.get('cache-control')]).toEqual([200, cacheControl]);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    const again = await fetch(`${app.url}${address()}`, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    expect(again.headers.get('cache-control')).toBe(cacheControl);
  });
});

test('a question of OPTIONS is no preflight without the words of one', async () => {
  const ask = (path: string, headers: Record<string, string>) =>
    fetch(`${app.url}${path}`, { method: 'OPTIONS', headers });
  const origin = 'https://one.example';
  const preflight = await ask('/media-uploads', { origin, 'access-control-request-method': 'PATCH' });
  expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
    204,
    'GET, HEAD, POST, PUT, PATCH, DELETE',
  ]);
  for (const headers of [{ origin }, {}] as Record<string, string>[]) {
    const protocol = await ask('/media-uploads', headers);
    expect([protocol.status, protocol.headers.get('tus-version')]).toEqual([204, '1.0.0']);
    const other = await ask('/api/v1/movies', headers);
    expect(other.headers.get('content-type')).toContain('application/problem+json');
  }
});
