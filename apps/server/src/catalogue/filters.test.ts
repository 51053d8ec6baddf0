import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await createMovie(app.db, { name: 'Alpha', genres: ['Drama', 'Sword, Sandal & Sorcery'], stars: ['Cy Young, Jr.'] });
  await createMovie(app.db, { name: 'Beta', genres: ['Crime'], countries: ['Korea, Republic of'], priceAmount: null });
  await createMovie(app.db, { name: 'Gamma', genres: ['Noir'], stars: ['Émile Roux'], priceAmount: 0 });
});
afterAll(() => app[Symbol.asyncDispose]());

async function namesAt(query: string): Promise<string[]> {
  const { status, body } = await app.rest('GET', `/movies?sort=title&${query}`);
  expect([status, body.total]).toEqual([200, body.items.length]);
  return body.items.map((item: { name: string }) => item.name);
}

describe('a filter over REST', () => {
  test.for<[string, string[]]>([
    ['genre=Drama', ['Alpha']],
    ['genre=Drama&genre=Crime', ['Alpha', 'Beta']],
    ['genre=Drama&genre=Drama', ['Alpha']],
    ['genre=Drama&genre=Sword,+Sandal+%26+Sorcery', ['Alpha']],
    ['genre=Sword%2C+Sandal+%26+Sorcery', ['Alpha']],
    ['genre=Drama,Crime', []],
    ['star=cy+young,+jr.', ['Alpha']],
    ['star=ÉMILE++Roux', ['Gamma']],
    ['star=E%CC%81mile+Roux', ['Gamma']],
    ['country=Korea,+Republic+of', ['Beta']],
    ['genre=Drama&star=Cy+Young,+Jr.', ['Alpha']],
    ['genre=Drama&star=Nobody', []],
    ['genre=Drama&genre=Nobody', ['Alpha']],
    ['genre=Cy+Young,+Jr.', []],
    ['genre=%25', []],
    ["genre=' or true --", []],
    ['priceMin=0', ['Alpha', 'Gamma']],
    ['priceMax=0', ['Gamma']],
    ['priceMin=999&priceMax=999', ['Alpha']],
    ['yearTo=1899', []],
    ['yearFrom=2000&yearTo=2000&imdbMin=7.5&imdbMax=7.5&status=released', ['Alpha', 'Beta', 'Gamma']],
    ['imdbMin=7.51', []],
    ['status=in_production&status=post_production', []],
  ])('%s', async ([query, expected]) => {
    expect(await namesAt(query)).toEqual(expected);
  });

  test.for<[string, string]>([
    ['yearFrom=2001&yearTo=2000', 'yearTo'],
    ['imdbMin=7.5&imdbMax=7.4', 'imdbMax'],
    ['priceMin=1&priceMax=0', 'priceMax'],
    ['yearFrom=1999.5', 'yearFrom'],
    ['yearFrom=-1', 'yearFrom'],
    ['yearTo=99999', 'yearTo'],
    ['yearTo=1e3', 'yearTo'],
    ['yearTo=', 'yearTo'],
    ['yearTo=2000&yearTo=2001', 'yearTo'],
    ['imdbMax=11', 'imdbMax'],
    ['imdbMin=NaN', 'imdbMin'],
    ['priceMin=9.99', 'priceMin'],
    ['status=lost', 'status'],
    ['genre=', 'genre'],
    ['genre=%01', 'genre'],
    [`genre=${'a'.repeat(201)}`, 'genre'],
    [`${'genre=a&'.repeat(51)}`, 'genre'],
  ])('%s is refused', async ([query, field]) => {
    for (const list of ['movies', 'movies/facets']) {
      const { status, body } = await app.rest('GET', `/${list}?${query}`);
      expect([status, body.reason]).toEqual([400, 'invalid_input']);
      expect(body.issues.map(({ path }: { path: string[] }) => path[0])).toContain(field);
    }
  });
});

test('a refused filter says what is wrong, whether it is one value or several', async () => {
  const told = async (query: string) =>
    (await app.rest('GET', `/movies?${query}`)).body.issues.map(({ message }: { message: string }) => message);
  expect(await told('genre=')).toEqual(['Say something.']);
  expect(await told('status=lost')).toEqual([expect.stringContaining('"released"')]);
  expect(await told('genre=a&'.repeat(51))).toEqual([expect.stringContaining('50')]);
});

test('the SDK takes one value or several, and ids in the place of names', async () => {
  const { genres } = (await app.anonymous.movies.list.query({ genre: 'drama' })).items[0] ?? { genres: [] };
  const names = async (genre: string | string[]) =>
    (await app.anonymous.movies.list.query({ genre, sort: 'title' })).items.map(({ name }) => name);
  expect(await names(genres[0]?.id.toUpperCase() ?? '')).toEqual(['Alpha']);
  expect(await names([genres[0]?.id ?? '', 'CRIME'])).toEqual(['Alpha', 'Beta']);
  expect(await names(genres.map(({ name }) => name))).toEqual(['Alpha']);
});

test('a cursor fits the same filters in any order, and no others', async () => {
  const { nextCursor } = await app.anonymous.movies.list.query({ genre: ['Drama', 'Crime'], limit: 1 });
  const cursor = nextCursor ?? '';
  const page = await app.anonymous.movies.list.query({ genre: ['Crime', 'Drama', 'Crime'], limit: 1, cursor });
  expect(page.items).toHaveLength(1);
  for (const query of ['', 'genre=Drama', 'star=Crime&star=Drama', 'genre=Crime&genre=Drama&yearFrom=1900']) {
    expect((await app.rest('GET', `/movies?${query}&cursor=${cursor}`)).body.reason).toBe('invalid_cursor');
  }
});

test.for(['title', 'price', 'popularity'] as const)('pages by %s follow each other past the utmost', async (sort) => {
  const film = { name: '🎬'.repeat(250), priceAmount: 2 ** 31 - 1, votes: 2 ** 31 - 1, stars: [`Star by ${sort}`] };
  for (let films = 0; films < 2; films += 1) await createMovie(app.db, film);
  const asked = { star: film.stars, sort, limit: 1 };
  const { items, nextCursor } = await app.anonymous.movies.list.query(asked);
  const next = await app.anonymous.movies.list.query({ ...asked, cursor: nextCursor ?? '' });
  expect(new Set([...items, ...next.items].map(({ id }) => id)).size).toBe(2);
});

describe('of more than 10,000 films', () => {
  beforeAll(async () => {
    await createMovie(app.db, { name: 'Seed', genres: ['Epic'], certification: 'U', priceAmount: 700 });
    // Lots as even as can be, so that the estimate is the same in each run.
    await sql`
      insert into movies (slug, name, year, time, imdb, description, certification_id, tag_ids, price_amount,
        price_currency, lot)
      select 'copy-' || number, 'Copy', 2000 + number % 20, 1 + number / 20, 5, '', certification_id,
        case when number % 4 = 0 then tag_ids else array[certification_id] end, 700, 'USD',
        (number * 0.6180339887 - floor(number * 0.6180339887))::real
      from movies, generate_series(1, 20000) number where name = 'Seed'`.execute(app.db);
  });

  test('the facets are estimated from some, and say so', async () => {
    const facets = await app.anonymous.movies.facets.query({ certification: 'U' });
    expect(facets.isEstimate).toBe(true);
    expect(Math.abs(facets.total - 20_001)).toBeLessThan(100);
    expect(Math.abs((facets.genres[0]?.count ?? 0) - 5_001)).toBeLessThan(100);
    expect(facets.decades.map(({ yearFrom, count }) => [yearFrom, Math.round(count / 1_000)])).toEqual([
      [2000, 10],
      [2010, 10],
    ]);
  });

  test('what is narrowed to fewer is counted, beside estimates of what a facet could be widened to', async () => {
    const decade = await app.anonymous.movies.facets.query({ certification: 'U', yearFrom: 2001, yearTo: 2010 });
    expect(decade).toMatchObject({ isEstimate: true, total: 10_000 });
    const none = await app.anonymous.movies.facets.query({ genre: 'Epic', star: 'Star by title' });
    expect(none).toMatchObject({ isEstimate: false, total: 0, decades: [], prices: [] });
  });

  test.for<[string, number, true | undefined]>([
    ['certification=U', 10_000, true],
    ['certification=U&priceMin=700', 10_000, true],
    ['certification=U&yearFrom=2001&yearTo=2010', 10_000, undefined],
    ['certification=U&yearTo=2000', 1_001, undefined],
    ['certification=U&genre=Epic', 5_001, undefined],
    ['priceMin=700&priceMax=700', 10_000, true],
  ])('the total of ?%s is exact up to them', async ([query, total, capped]) => {
    const { body } = await app.rest('GET', `/movies?${query}`);
    expect([body.total, body.totalIsCapped]).toEqual([total, capped]);
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
