import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie, type TestMovie } from '../testing/factories.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

async function aFilm({ userId }: Viewer): Promise<TestMovie> {
  const film = await createMovie(app.db);
  await giveMovie(app.db, userId, film.id);
  return film;
}

/** Watches a film to a place, a second after whatever was before. */
async function watch({ client }: Viewer, film: TestMovie, position: number, duration = 5_000): Promise<void> {
  app.clock.advance(1);
  await client.playback.progress.mutate({ movieId: film.id, position, duration });
}

async function namesOf({ client }: Viewer, list: 'continueWatching' | 'history'): Promise<string[]> {
  return (await client.playback[list].query({})).items.map(({ movie }) => movie.name);
}

describe('the films to go on with', () => {
  test('are those that were begun, the last one watched first, each with its place', async () => {
    const viewer = await app.signIn();
    const [one, two, three] = [await aFilm(viewer), await aFilm(viewer), await aFilm(viewer)];
    await watch(viewer, one, 100);
    await watch(viewer, two, 200);
    await watch(viewer, one, 300);
    expect(await namesOf(viewer, 'continueWatching')).toEqual([one.name, two.name]);
    const { body } = await app.rest('GET', '/library/continue-watching', { viewer });
    expect(body).toMatchObject({ total: 2, nextCursor: null });
    expect(body.items[0]).toMatchObject({
      movie: { id: one.id, slug: one.slug },
      progress: { position: 300, duration: 5_000, watchedAt: null },
    });
    expect(await namesOf(viewer, 'continueWatching')).not.toContain(three.name);
    expect(await namesOf(await app.signIn(), 'continueWatching')).toEqual([]);
  });

  test.for([
    ['hardly begun', 30, 5_000, false],
    ['begun', 30.1, 5_000, true],
    ['a short one hardly begun', 2, 100, false],
    ['a short one begun', 2.1, 100, true],
    ['just before its credits', 4_599, 5_000, true],
    ['at its credits', 4_600, 5_000, false],
  ] as const)('%s: at %s of %s seconds, %s', async ([, position, duration, isThere]) => {
    const viewer = await app.signIn();
    const film = await aFilm(viewer);
    await watch(viewer, film, position, duration);
    expect(await namesOf(viewer, 'continueWatching')).toEqual(isThere ? [film.name] : []);
  });

  test('do not have what its viewer says he has watched, until he watches it again', async () => {
    const viewer = await app.signIn();
    const film = await aFilm(viewer);
    await watch(viewer, film, 1_000);
    await viewer.client.playback.setWatched.mutate({ movieId: film.id, watched: true });
    expect(await namesOf(viewer, 'continueWatching')).toEqual([]);
    await watch(viewer, film, 1_500);
    expect(await namesOf(viewer, 'continueWatching')).toEqual([film.name]);
  });

  test('do not have what was hidden, until it is watched on; its place stays', async () => {
    const viewer = await app.signIn();
    const [hidden, other] = [await aFilm(viewer), await aFilm(viewer)];
    await watch(viewer, hidden, 1_000);
    await watch(viewer, other, 1_000);
    const hide = (ref: string) => app.rest('DELETE', `/library/continue-watching/${ref}`, { viewer });
    expect((await hide(hidden.slug)).status).toBe(204);
    expect((await hide(hidden.id)).status).toBe(204);
    expect(await namesOf(viewer, 'continueWatching')).toEqual([other.name]);
    const { items } = await viewer.client.library.list.query({ query: hidden.name });
    expect(items.find(({ movie }) => movie.id === hidden.id)?.progress).toMatchObject({ position: 1_000 });
    // A player that says the same once more when its page is closed has not watched on.
    await watch(viewer, hidden, 1_000);
    expect(await namesOf(viewer, 'continueWatching')).toEqual([other.name]);
    await watch(viewer, hidden, 1_010);
    expect(await namesOf(viewer, 'continueWatching')).toEqual([hidden.name, other.name]);
  });

  test('have nothing to hide: 404 for no film, 204 for one that was never begun, 401 for nobody', async () => {
    const viewer = await app.signIn();
    const film = await createMovie(app.db);
    const hide = (ref: string, who?: Viewer) =>
      app.rest('DELETE', `/library/continue-watching/${ref}`, { ...(who && { viewer: who }) });
    expect((await hide('nothing-2001', viewer)).status).toBe(404);
    expect((await hide(film.id, viewer)).status).toBe(204);
    expect((await hide(film.id)).status).toBe(401);
  });

  test('do not have what was given back, which the history keeps', async () => {
    const viewer = await app.signIn();
    const film = await aFilm(viewer);
    await watch(viewer, film, 1_000);
    await app.db.deleteFrom('libraryMovies').where('movieId', '=', film.id).execute();
    expect(await namesOf(viewer, 'continueWatching')).toEqual([]);
    expect(await namesOf(viewer, 'history')).toEqual([film.name]);
  });
});

describe('the history', () => {
  test('has what was begun, watched or said to be, the last one first, page by page', async () => {
    const viewer = await app.signIn();
    const films = [await aFilm(viewer), await aFilm(viewer), await aFilm(viewer), await aFilm(viewer)] as const;
    await watch(viewer, films[0], 5_000);
    await watch(viewer, films[1], 1);
    app.clock.advance(1);
    await viewer.client.playback.setWatched.mutate({ movieId: films[2].id, watched: true });
    await watch(viewer, films[3], 4_000);
    app.clock.advance(1);
    await viewer.client.playback.setWatched.mutate({ movieId: films[3].id, watched: false });
    expect(await namesOf(viewer, 'history')).toEqual([films[2].name, films[1].name, films[0].name]);

    const { body: first } = await app.rest('GET', '/library/history?limit=2', { viewer });
    expect(first).toMatchObject({ total: 3, items: [{ progress: { watchedAt: expect.any(String) } }, {}] });
    const { body: second } = await app.rest('GET', `/library/history?limit=2&cursor=${first.nextCursor}`, { viewer });
    expect(second).toMatchObject({ total: null, nextCursor: null, items: [{ movie: { id: films[0].id } }] });
    const elsewhere = await app.rest('GET', `/library/continue-watching?cursor=${first.nextCursor}`, { viewer });
    expect(elsewhere.body.reason).toBe('invalid_cursor');
  });

  test('is for its viewer only', async () => {
    for (const path of ['/library/history', '/library/continue-watching']) {
      expect((await app.rest('GET', path)).status).toBe(401);
    }
  });
});
