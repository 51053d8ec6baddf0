import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { localAddress } from '../testing/media.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

test('the drawn poster of a card is a picture that caches may keep for a day, and in which nothing runs', async () => {
  const film = await createMovie(app.db, { name: '<script>alert(1)</script> & "Söhne"' });
  const { posterUrl } = await app.anonymous.movies.get.query({ movieId: film.id });
  const answer = await fetch(localAddress(app, posterUrl ?? ''));
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/svg+xml; charset=utf-8',
    'cache-control': 'public, max-age=86400',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'x-content-type-options': 'nosniff',
    // Other sites may show it.
    'cross-origin-resource-policy': 'cross-origin',
  });
  const text = await answer.text();
  expect(text).toMatch(/^<svg /);
  expect(text).not.toContain('<script');
});

test.for([{ name: 'Another' }, { year: 2001 }, { time: 17 }])(
  'the address of a drawn poster changes with what it shows: %j',
  async (change) => {
    const film = await createMovie(app.db);
    const address = async () => (await app.anonymous.movies.get.query({ movieId: film.id })).posterUrl;
    const before = await address();
    await app.db.updateTable('movies').set({ votes: 1_000, updatedAt: new Date() }).where('id', '=', film.id).execute();
    expect(await address()).toBe(before);
    await app.db.updateTable('movies').set(change).where('id', '=', film.id).execute();
    expect(await address()).not.toBe(before);
  },
);

test('a film that was withdrawn keeps its poster, for it stays in libraries and orders', async () => {
  const film = await createMovie(app.db, { withdrawnAt: new Date() });
  expect((await fetch(`${app.url}/posters/${film.id}.svg`)).status).toBe(200);
});

test('HEAD tells of a poster without drawing it for the caller', async () => {
  const film = await createMovie(app.db);
  const answer = await fetch(`${app.url}/posters/${film.id}.svg`, { method: 'HEAD' });
  expect([answer.status, await answer.text()]).toEqual([200, '']);
});

test.for([
  '019a5a4e-7c00-7000-8000-000000000001.svg',
  'heat-1995.svg',
  '.svg',
  'x.svg',
  '019a5a4e-7c00-7000-8000-000000000001',
  '019a5a4e-7c00-7000-8000-000000000001.png',
  '019a5a4e-7c00-7000-8000-000000000001.webp',
  'heat-1995.webp',
  '..%2f..%2fetc%2fpasswd.svg',
  '%27%20or%201=1.svg',
])('there is no poster %s', async (file) => {
  const answer = await fetch(`${app.url}/posters/${file}`);
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
});
