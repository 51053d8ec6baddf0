import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';

/** What the reference knows of a film: each sort's key, null where it has none. */
type Film = Record<Sort, number | string | null> & { id: string };

type Sort = (typeof SORTS)[number];
const SORTS = ['price', 'year', 'imdb', 'popularity', 'rating', 'title', 'newest'] as const;

let app: TestApp;
let films: Film[];
beforeAll(async () => {
  app = await startTestApp();
  await createMovie(app.db, { name: 'Withdrawn', votes: 1_000_000, withdrawnAt: new Date() });
  films = await insertFilms(app.db, 200);
});
afterAll(() => app[Symbol.asyncDispose]());

describe('every sort agrees with a plain sort in memory', () => {
  test.for(SORTS.flatMap((sort) => (['asc', 'desc'] as const).map((order) => [sort, order] as const)))(
    '%s %s',
    async ([sort, order]) => {
      expect(await walk({ sort, order, limit: 17 })).toEqual(sorted(films, sort, order));
    },
  );

  test.for([
    ['price', 'asc'],
    ['year', 'desc'],
    ['imdb', 'desc'],
    ['popularity', 'desc'],
    ['rating', 'desc'],
    ['title', 'asc'],
    ['newest', 'desc'],
  ] as const)('%s goes %s unless told otherwise', async ([sort, order]) => {
    const page = await app.anonymous.movies.list.query({ sort, limit: 100 });
    expect(page.items.map((item) => item.id)).toEqual(sorted(films, sort, order).slice(0, 100));
  });

  test.for([{}, { sort: 'relevance' }] as const)(
    'with nothing to search for the popular come first: %o',
    async (input) => {
      const page = await app.anonymous.movies.list.query(input);
      expect(page.items.map((item) => item.id)).toEqual(sorted(films, 'popularity', 'desc').slice(0, 20));
    },
  );
});

test.for(['price', 'rating'] as const)('films without a %s come last in both orders', async (sort) => {
  const without = films.filter((film) => film[sort] === null).length;
  expect(without).toBeGreaterThan(10);
  for (const order of ['asc', 'desc'] as const) {
    const ids = await walk({ sort, order, limit: 100 });
    const last = ids.slice(-without).map((id) => films.find((film) => film.id === id)?.[sort]);
    expect(last).toEqual(Array.from({ length: without }, () => null));
  }
});

describe('pages', () => {
  test.for([1, 20, 100])('of %i films follow each other', async (limit) => {
    const expected = sorted(films, 'imdb', 'desc');
    const page = await app.anonymous.movies.list.query({ sort: 'imdb', limit });
    expect(page.items.map((item) => item.id)).toEqual(expected.slice(0, limit));
    const next = await app.anonymous.movies.list.query({ sort: 'imdb', limit, cursor: page.nextCursor ?? '' });
    expect(next.items.map((item) => item.id)).toEqual(expected.slice(limit, 2 * limit));
  });

  test('the first one alone carries the total', async () => {
    const first = await app.rest('GET', '/movies?limit=100');
    expect(first.body).toMatchObject({ total: films.length, nextCursor: expect.any(String) });
    const second = await app.rest('GET', `/movies?limit=100&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ total: null, nextCursor: null });
    expect(second.body.items).toHaveLength(films.length - 100);
  });

  test('a page as long as what is left is the last one', async () => {
    const { items, nextCursor } = await app.anonymous.movies.list.query({ limit: 100 });
    const rest = await app.anonymous.movies.list.query({
      limit: films.length - items.length,
      cursor: nextCursor ?? '',
    });
    expect(rest.nextCursor).toBeNull();
  });

  test('a list of nothing is an empty page', async () => {
    const page = await app.anonymous.movies.list.query({ query: 'quetzalcoatl' });
    expect(page).toEqual({ items: [], nextCursor: null, total: 0 });
  });

  test('a page may be longer than the one before', async () => {
    const { nextCursor } = await app.anonymous.movies.list.query({ sort: 'title', limit: 3 });
    const page = await app.anonymous.movies.list.query({ sort: 'title', limit: 50, cursor: nextCursor ?? '' });
    expect(page.items.map((item) => item.id)).toEqual(sorted(films, 'title', 'asc').slice(3, 53));
  });

  test('of titles go by letters: capitals and accents beside them, numbers by their worth', async () => {
    const ids = await walk({ sort: 'title', order: 'asc', limit: 100 });
    const names = ids.map((id) => films.find((film) => film.id === id)?.title);
    expect([...new Set(names)]).toEqual([
      '«Guillemets»',
      '8½',
      '101 Nights',
      'a',
      'alien',
      'Alien',
      'ALIEN',
      'Amelie',
      'Amélie',
      'Über alles',
      'Z',
      'zorro',
      'Zorro',
      'Ωmega',
      'Ран',
      '乱',
    ]);
  });

  test('withdrawn films are on none of them', async () => {
    const everything = await walk({ sort: 'popularity', order: 'desc', limit: 100 });
    const names = await app.db.selectFrom('movies').where('id', 'in', everything).select('name').execute();
    expect(names.map(({ name }) => name)).not.toContain('Withdrawn');
  });
});

describe('a cursor', () => {
  test.for(['sort=imdb&order=asc', 'sort=year', 'sort=title', 'sort=imdb&query=film', 'query=film', ''])(
    'does not fit another query: ?%s',
    async (query) => {
      const { nextCursor } = await app.anonymous.movies.list.query({ sort: 'imdb' });
      const answer = await app.rest('GET', `/movies?${query}&cursor=${nextCursor}`);
      expect(answer.status).toBe(400);
      expect(answer.body.reason).toBe('invalid_cursor');
    },
  );

  test('does not fit another list', async () => {
    const viewer = await app.signIn();
    const { nextCursor } = await app.anonymous.movies.list.query({ sort: 'imdb' });
    const answer = await app.rest('GET', `/library?cursor=${nextCursor}`, { viewer });
    expect(answer.body.reason).toBe('invalid_cursor');
  });

  test('fits its own query with the order said', async () => {
    const { nextCursor } = await app.anonymous.movies.list.query({ sort: 'imdb', limit: 5 });
    const page = await app.anonymous.movies.list.query({
      sort: 'imdb',
      order: 'desc',
      limit: 5,
      cursor: nextCursor ?? '',
    });
    expect(page.items.map((item) => item.id)).toEqual(sorted(films, 'imdb', 'desc').slice(5, 10));
  });

  test.for<[string, (parts: unknown[]) => unknown]>([
    ['a key that is no number', ([binding, , id]) => [binding, 'abc', id]],
    ['a key out of range', ([binding, , id]) => [binding, '9'.repeat(400), id]],
    ['a key with NUL', ([binding, , id]) => [binding, '1\0', id]],
    ['SQL in its key', ([binding, , id]) => [binding, "1'::int); drop table movies; --", id]],
    ['a number for its key', ([binding, , id]) => [binding, 1, id]],
    ['an id that is none', ([binding, key]) => [binding, key, 'x']],
    ['no id', ([binding, key]) => [binding, key]],
    ['an object inside', ([binding, key]) => [binding, key, {}]],
    ['no list', () => ({ length: 3 })],
  ])('with %s is refused', async ([, forge]) => {
    const { nextCursor } = await app.anonymous.movies.list.query({ sort: 'year' });
    const parts = JSON.parse(Buffer.from(nextCursor ?? '', 'base64url').toString('utf8')) as unknown[];
    const cursor = Buffer.from(JSON.stringify(forge(parts))).toString('base64url');
    const answer = await app.rest('GET', `/movies?sort=year&cursor=${cursor}`);
    expect(answer.status).toBe(400);
    expect(['invalid_cursor', 'invalid_input']).toContain(answer.body.reason);
  });
});

// Last: these add films.
describe('while films are added between the pages, each of the old ones comes once and in its place', () => {
  test.for([
    ['price', 'asc'],
    ['price', 'desc'],
    ['title', 'asc'],
    ['newest', 'desc'],
    ['rating', 'asc'],
    ['popularity', 'desc'],
  ] as const)('%s %s', async ([sort, order]) => {
    const before = await walk({ sort, order, limit: 100 });
    const old = new Set(before);

    const ids = await walk({ sort, order, limit: 31 }, () => insertFilms(app.db, 4));

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => old.has(id))).toEqual(before);
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});

type Walk = { sort: Sort; order: 'asc' | 'desc'; limit: number };

/** Gives the ids of a whole list, page by page. */
async function walk(input: Walk, between?: () => Promise<unknown>): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await app.anonymous.movies.list.query({ ...input, ...(cursor !== undefined && { cursor }) });
    ids.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor ?? undefined;
    if (cursor !== undefined) await between?.();
  } while (cursor !== undefined);
  return ids;
}

const TITLES = new Intl.Collator('en', { numeric: true });

/** The reference: a key, nothing last, then the id. */
function sorted(list: Film[], sort: Sort, order: 'asc' | 'desc'): string[] {
  const sign = order === 'asc' ? 1 : -1;
  const compare = (one: string | number, other: string | number) => (one < other ? -1 : one > other ? 1 : 0);
  const compareKeys = (one: string | number, other: string | number) =>
    (sort === 'title' ? TITLES.compare(String(one), String(other)) : 0) || compare(one, other);
  return list
    .toSorted((one, other) => {
      const [a, b] = [one[sort], other[sort]];
      if (a === null || b === null) {
        if (a !== null) return -1;
        if (b !== null) return 1;
        return sign * compare(one.id, other.id);
      }
      return sign * (compareKeys(a, b) || compare(one.id, other.id));
    })
    .map((film) => film.id);
}

let made = 0;

/** Adds films whose keys often are equal, and gives every film with its keys as it was made. */
async function insertFilms(db: Db, count: number): Promise<Film[]> {
  const certification = await db.selectFrom('certifications').select('id').executeTakeFirstOrThrow();
  const plans = Array.from({ length: count }, () => {
    made += 1;
    const number = made;
    const ratingCount = number % 3 === 0 ? 0 : 1 + (number % 4);
    return {
      name: NAMES[number % NAMES.length] ?? '',
      year: 1990 + (number % 7),
      time: number,
      imdb: (number % 13) / 2,
      votes: (number * 37) % 50,
      priceAmount: number % 5 === 0 ? null : 99 + 100 * (number % 6),
      ratingCount,
      ratingSum: ratingCount * 5 + (number % 5 > ratingCount ? 0 : number % 5),
      // Several within a millisecond, which a date of JavaScript can't tell apart.
      microseconds: Math.floor(number / 2) * 300,
    };
  });
  const rows = await db
    .insertInto('movies')
    .values(
      plans.map(({ microseconds, ...plan }) => ({
        ...plan,
        slug: `film-${plan.time}`,
        description: 'A film made for a test.',
        certificationId: certification.id,
        priceCurrency: plan.priceAmount === null ? null : 'USD',
        createdAt: sql<Date>`timestamptz '2026-01-01' + ${microseconds} * interval '1 microsecond'`,
      })),
    )
    .returning(['id', 'time'])
    .execute();
  return plans.map((plan) => ({
    id: rows.find((row) => row.time === plan.time)?.id ?? '',
    price: plan.priceAmount,
    year: plan.year,
    imdb: plan.imdb,
    popularity: plan.votes,
    rating: plan.ratingCount === 0 ? null : Math.round((plan.ratingSum / plan.ratingCount) * 100) / 100,
    title: plan.name,
    newest: plan.microseconds,
  }));
}

const NAMES = [
  'Alien',
  'alien',
  'ALIEN',
  'Amélie',
  'Amelie',
  'Über alles',
  'Zorro',
  'zorro',
  '101 Nights',
  '8½',
  '«Guillemets»',
  'Ωmega',
  'Ран',
  '乱',
  'a',
  'Z',
];
