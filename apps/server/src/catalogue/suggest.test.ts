import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  for (const film of FILMS) await createMovie(app.db, film);
});
afterAll(() => app[Symbol.asyncDispose]());

const FILMS = [
  { name: 'Heat', votes: 900, directors: ['Michael Mann'], stars: ['Al Pacino', 'Robert De Niro'] },
  { name: 'Body Heat', votes: 2_000, directors: ['Lawrence Kasdan'] },
  { name: 'Heathers', votes: 500, directors: ['Michael Lehmann'] },
  { name: 'Heat', year: 1986, votes: 100 },
  { name: 'The Godfather', votes: 5_000, stars: ['Al Pacino', 'Marlon Brando'] },
  { name: 'Amélie', stars: ['Audrey Tautou'], directors: ['Jean-Pierre Jeunet'] },
  { name: 'The Da Vinci Code', stars: ['Audrey Tautou'] },
  { name: 'Up', votes: 1 },
  { name: 'Heatwave', votes: 9_999, withdrawnAt: new Date(), stars: ['Heathcliff Withdrawn'] },
];

async function suggested(query: string): Promise<string[]> {
  const { items } = await app.anonymous.movies.suggest.query({ query });
  return items.map((item) => `${item.kind}: ${item.name}${item.kind === 'movie' ? ` (${item.year})` : ''}`);
}

test('the title that is it comes first, then titles that begin with it, then words within, the popular before others', async () => {
  expect(await suggested('heat')).toEqual([
    'movie: Heat (2000)',
    'movie: Heat (1986)',
    'movie: Heathers (2000)',
    'movie: Body Heat (2000)',
  ]);
});

test('titles, stars and directors take turns', async () => {
  expect(await suggested('ma')).toEqual(['star: Marlon Brando', 'director: Michael Mann']);
  expect(await suggested('au')).toEqual(['star: Audrey Tautou']);
});

describe('what is typed may', () => {
  test.for([
    ['begin any word', 'pac', 'star: Al Pacino'],
    ['be several words', 'robert de n', 'star: Robert De Niro'],
    ['lack accents', 'amel', 'movie: Amélie (2000)'],
    ['have too many', 'ÀMÉL', 'movie: Amélie (2000)'],
    ['lack dashes', 'jean pierre', 'director: Jean-Pierre Jeunet'],
    ['be two letters that are a whole title', 'up', 'movie: Up (2000)'],
    ['be misspelt', 'godfahter', 'movie: The Godfather (2000)'],
    ['be a misspelt name', 'pacinno', 'star: Al Pacino'],
    ['have an article left out or wrong', 'teh godfather', 'movie: The Godfather (2000)'],
  ] as const)('%s', async ([, query, first]) => {
    expect((await suggested(query))[0]).toBe(first);
  });
});

test('withdrawn films are not suggested, nor who is in no other', async () => {
  expect((await suggested('heatw')).filter((name) => name.includes('Heatw'))).toEqual([]);
  expect((await suggested('heathcliff')).filter((name) => name.includes('cliff'))).toEqual([]);
});

test('a film can be shown: slug, year and poster', async () => {
  const { items } = await app.anonymous.movies.suggest.query({ query: 'godf' });
  expect(items).toEqual([
    {
      kind: 'movie',
      id: expect.any(String),
      slug: expect.stringMatching(/^the-godfather-2000-\d+$/),
      name: 'The Godfather',
      year: 2000,
      posterUrl: expect.stringContaining('/posters/'),
    },
  ]);
});

test('there are ten at most', async () => {
  for (let number = 1; number <= 12; number += 1) await createMovie(app.db, { name: `Sequel ${number}` });
  expect(await suggested('seq')).toHaveLength(10);
});

test.for(['%%', '__', '!!', "''", '\\\\', '🎬🎬', 'e\u0301', ' or ', '\u202Eab', 'x'.repeat(100)])(
  '%j is answered',
  async (query) => {
    const answer = await app.rest('GET', `/movies/suggest?${new URLSearchParams({ query }).toString()}`);
    expect(answer.status).toBe(200);
    expect(answer.body.items).toEqual([]);
  },
);

test.for(['', 'a', ' a ', 'a\0b', 'x'.repeat(101)])('%j is refused', async (query) => {
  const answer = await app.rest('GET', `/movies/suggest?${new URLSearchParams({ query }).toString()}`);
  expect(answer.status).toBe(400);
});

describe('beside more films than are looked through one by one', () => {
  beforeAll(async () => {
    await createMovie(app.db, { name: 'Zugzwang', votes: 0, directors: ['Zdeněk Obscure'] });
    await sql`
      insert into movies (slug, name, year, time, imdb, votes, description, certification_id)
      select 'known-' || number, 'Wellknown', 1900 + number % 100, 1 + number / 100, 5, 20000, '', certification_id
      from (select certification_id from movies limit 1) any_film, generate_series(1, 2100) number`.execute(app.db);
  });

  test('a film that hardly anybody knows is found by its beginning, and misspelt', async () => {
    expect(await suggested('zugz')).toEqual(['movie: Zugzwang (2000)']);
    expect(await suggested('zugzwnag')).toEqual(['movie: Zugzwang (2000)']);
    const { items } = await app.anonymous.movies.list.query({ query: 'zugzwnag' });
    expect(items.map(({ name }) => name)).toEqual(['Zugzwang']);
  });

  test('what looks like very many names is one of those', async () => {
    const names = await suggested('wellknonw');
    expect(names.map((name) => name.replace(/ \(.*/, ''))).toEqual(
      Array.from({ length: 10 }, () => 'movie: Wellknown'),
    );
  });
});
