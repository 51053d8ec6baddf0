import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie } from '../testing/factories.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

test('a library holds the own films and no others, the last one bought first', async () => {
  const [viewer, other] = [await app.signIn(), await app.signIn()];
  const films = [await createMovie(app.db), await createMovie(app.db), await createMovie(app.db)];
  for (const film of films) await giveMovie(app.db, viewer.userId, film.id);
  await giveMovie(app.db, other.userId, (await createMovie(app.db)).id);

  const { body } = await app.rest('GET', '/library', { viewer });

  expect(body.items.map((item: { movie: { id: string } }) => item.movie.id)).toEqual(
    films.map(({ id }) => id).toReversed(),
  );
  expect(body).toMatchObject({ total: 3, nextCursor: null });
  expect(body.items[0]).toMatchObject({ movie: { slug: films[2]?.slug, price: { amount: 999 } }, progress: null });
  expect(Date.now() - new Date(body.items[0].boughtAt).getTime()).toBeLessThan(600_000);
});

test('a new viewer has an empty library', async () => {
  const viewer = await app.signIn();
  expect(await viewer.client.library.list.query({})).toEqual({ items: [], nextCursor: null, total: 0 });
});

test('a library is nobody else’s business', async () => {
  const answer = await app.rest('GET', '/library');
  expect(answer.status).toBe(401);
  expect(answer.body.reason).toBe('not_authenticated');
  const viewer = await app.signIn();
  expect((await app.rest('GET', '/library?userId=019a5a4e-7c00-7000-8000-000000000001', { viewer })).status).toBe(400);
});

test('pages of it follow each other, also when films were bought at one moment and while more are bought', async () => {
  const viewer = await app.signIn();
  const own: string[] = [];
  for (let count = 0; count < 12; count += 1) {
    const film = await createMovie(app.db);
    await giveMovie(app.db, viewer.userId, film.id);
    own.push(film.id);
  }
  // Four orders of three films each.
  for (const [index, movieId] of own.entries()) {
    const addedAt = new Date(Date.UTC(2026, 0, 1 + Math.floor(index / 3)));
    await app.db.updateTable('libraryMovies').set({ addedAt }).where('movieId', '=', movieId).execute();
  }
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await viewer.client.library.list.query({ limit: 5, ...(cursor && { cursor }) });
    expect(page.total).toBe(cursor ? null : 12);
    seen.push(...page.items.map((item) => item.movie.id));
    cursor = page.nextCursor ?? undefined;
    await giveMovie(app.db, viewer.userId, (await createMovie(app.db)).id);
  } while (cursor);
  expect(seen).toEqual(
    [3, 2, 1, 0].flatMap((order) =>
      own
        .slice(order * 3, order * 3 + 3)
        .toSorted()
        .toReversed(),
    ),
  );
});

test('the cursor of another viewer does not fit', async () => {
  const [viewer, other] = [await app.signIn(), await app.signIn()];
  for (let count = 0; count < 2; count += 1) {
    const film = await createMovie(app.db);
    for (const { userId } of [viewer, other]) await giveMovie(app.db, userId, film.id);
  }
  const { nextCursor } = await viewer.client.library.list.query({ limit: 1 });
  const answer = await app.rest('GET', `/library?limit=1&cursor=${nextCursor}`, { viewer: other });
  expect(answer.status).toBe(400);
  expect(answer.body.reason).toBe('invalid_cursor');
});

test('a film that was withdrawn stays with those who own it', async () => {
  const viewer = await app.signIn();
  const film = await createMovie(app.db, { withdrawnAt: new Date() });
  await giveMovie(app.db, viewer.userId, film.id);
  const { items } = await viewer.client.library.list.query({});
  expect(items.map((item) => item.movie.id)).toEqual([film.id]);
});

describe('sorts and filters', () => {
  let viewer: Viewer;
  beforeAll(async () => {
    viewer = await app.signIn();
    const films = [
      { name: 'Amber', year: 1990, imdb: 7, votes: 10, priceAmount: 300, genres: ['Drama'], stars: ['Ida Lux'] },
      { name: 'Birch', year: 1970, imdb: 9, votes: 30, priceAmount: null, genres: ['Crime'] },
      { name: 'Cedar', year: 1980, imdb: 8, votes: 20, priceAmount: 100, genres: ['Drama'], withdrawnAt: new Date() },
    ];
    for (const film of films) {
      const { id } = await createMovie(app.db, film);
      await giveMovie(app.db, viewer.userId, id);
    }
    const watch = async (query: string, position: number) => {
      const { items } = await viewer.client.library.list.query({ query });
      await viewer.client.playback.progress.mutate({ movieId: items[0]?.movie.id ?? '', position, duration: 100 });
    };
    await watch('amber', 80);
    await watch('cedar', 40);
    // In the catalogue, but not in this library.
    await createMovie(app.db, { name: 'Amber Two', genres: ['Drama'] });
  });

  async function list(query: string): Promise<string> {
    const { body } = await app.rest('GET', `/library?${query}`, { viewer });
    return body.items.map(({ movie }: { movie: { name: string } }) => movie.name[0]).join('');
  }

  test.for([
    ['', 'CBA'],
    ['sort=added&order=asc', 'ABC'],
    ['sort=relevance', 'CBA'],
    ['sort=title', 'ABC'],
    ['sort=title&order=desc', 'CBA'],
    ['sort=year', 'ACB'],
    ['sort=imdb', 'BCA'],
    ['sort=popularity', 'BCA'],
    ['sort=price', 'CAB'],
    ['sort=watched', 'CAB'],
    ['sort=watched&order=asc', 'ACB'],
    ['sort=progress', 'ACB'],
    ['sort=progress&order=asc', 'CAB'],
    ['genre=drama', 'CA'],
    ['genre=Drama&genre=Crime&yearTo=1980', 'CB'],
    ['star=ida lux', 'A'],
    ['imdbMin=8.5', 'B'],
    ['priceMax=200', 'C'],
    ['query=amber', 'A'],
    ['query=cedar', 'C'],
    ['query=nothing+of+the+kind', ''],
    ['query=lux&sort=title', 'A'],
  ] as const)('?%s gives %s', async ([query, expected]) => {
    expect(await list(query)).toBe(expected);
  });

  test.for(['title', 'watched', 'progress', 'price', 'rating'] as const)(
    'pages by %s follow each other',
    async (sort) => {
      for (const order of ['asc', 'desc'] as const) {
        const whole = await viewer.client.library.list.query({ sort, order });
        expect(whole.total).toBe(3);
        const paged: string[] = [];
        let cursor: string | null | undefined;
        do {
          const page = await viewer.client.library.list.query({ sort, order, limit: 1, ...(cursor && { cursor }) });
          paged.push(...page.items.map(({ movie }) => movie.id));
          cursor = page.nextCursor;
        } while (cursor);
        expect(paged).toEqual(whole.items.map(({ movie }) => movie.id));
      }
    },
  );

  test('a filter counts what it leaves, and a cursor is good for its own filters and sort', async () => {
    const page = await viewer.client.library.list.query({ genre: 'Drama', limit: 1 });
    expect(page.total).toBe(2);
    for (const other of ['genre=Crime', 'genre=Drama&sort=title', 'genre=Drama&order=asc']) {
      const answer = await app.rest('GET', `/library?${other}&limit=1&cursor=${page.nextCursor}`, { viewer });
      expect(answer.body.reason).toBe('invalid_cursor');
    }
  });

  test.for(['sort=fame', 'order=up', 'yearFrom=2000&yearTo=1990', 'limit=0', 'limit=101'])(
    '?%s: 400',
    async (query) => {
      expect((await app.rest('GET', `/library?${query}`, { viewer })).status).toBe(400);
    },
  );
});
