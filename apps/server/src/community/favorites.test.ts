import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { type Asked, askedOf, filmPlan, insertFilms, insertNames, type NameIds } from '../testing/film-plans.ts';
import { listReference, type ReferenceFilm } from '../testing/reference-films.ts';

let app: TestApp;
let ids: NameIds;
beforeAll(async () => {
  app = await startTestApp();
  ids = await insertNames(app.db);
});
afterAll(() => app[Symbol.asyncDispose]());

const SEED = 20_261_120;

async function add({ client }: Viewer, films: { id: string }[]): Promise<void> {
  for (const { id: movieId } of films) await client.favorites.add.mutate({ movieId });
}

async function list(
  { client }: Viewer,
  asked: Omit<Asked, 'sort'> & { sort?: Asked['sort'] | 'added' } = {},
  limit = 100,
): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.favorites.list.query({ ...asked, limit, ...(cursor && { cursor }) });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return ids;
}

test('the last film added comes first, page by page; those of others are not there', async () => {
  const [viewer, other] = [await app.signIn(), await app.signIn()];
  const films = [];
  for (let count = 0; count < 7; count += 1) films.push(await createMovie(app.db));
  await add(viewer, films.slice(0, 5).toReversed());
  await add(other, films.slice(3));

  const first = await app.rest('GET', '/favorites?limit=2', { viewer });
  expect(first).toMatchObject({ status: 200, body: { total: 5 } });
  const ids = films.slice(0, 5).map(({ id }) => id);
  expect(first.body.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
  expect(await list(viewer, {}, 2)).toEqual(ids);
  expect(await list(viewer, { sort: 'added', order: 'asc' }, 2)).toEqual(ids.toReversed());
  const answer = await app.rest('GET', `/favorites?limit=2&cursor=${first.body.nextCursor}`, { viewer: other });
  expect([answer.status, answer.body.reason]).toEqual([400, 'invalid_cursor']);
});

test('a new viewer has none, and each that is shown is a card of the catalogue', async () => {
  const viewer = await app.signIn();
  expect(await viewer.client.favorites.list.query({})).toEqual({ items: [], nextCursor: null, total: 0 });
  const film = await createMovie(app.db, { name: 'Ninotchka' });
  await add(viewer, [film]);
  const { items } = await viewer.client.favorites.list.query({ query: 'ninotchka' });
  expect(items).toEqual((await app.anonymous.movies.list.query({ query: 'ninotchka' })).items);
});

test('a film that left the catalogue has left the favourites', async () => {
  const viewer = await app.signIn();
  const [stays, leaves] = [await createMovie(app.db), await createMovie(app.db)];
  await add(viewer, [stays, leaves]);
  await app.db.updateTable('movies').set({ withdrawnAt: new Date() }).where('id', '=', leaves.id).execute();
  expect(await viewer.client.favorites.list.query({})).toMatchObject({ items: [{ id: stays.id }], total: 1 });
});

describe('of a whole catalogue', () => {
  let viewer: Viewer;
  let own: ReferenceFilm[];
  beforeAll(async () => {
    viewer = await app.signIn();
    const films = await insertFilms(app.db, ids, fc.sample(filmPlan, { numRuns: 200, seed: SEED }));
    own = films.filter((_, index) => index % 3 === 0);
    const rows = own.map(({ id: movieId }) => ({ userId: viewer.userId, movieId }));
    await app.db.insertInto('favorites').values(rows).execute();
  });

  test('every list is the one made in memory, whatever is filtered and sorted by', async () => {
    const limits = fc.constantFrom(3, 10, 100);
    const check = fc.asyncProperty(askedOf(ids), limits, async (asked, limit) => {
      const expected = listReference(own, asked);
      expect(await list(viewer, asked, limit)).toEqual(expected);
      expect((await viewer.client.favorites.list.query({ ...asked, limit: 1 })).total).toBe(expected.length);
    });
    await fc.assert(check, { numRuns: 30, seed: SEED });
  });
});
