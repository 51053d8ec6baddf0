import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  for (const film of FILMS) await createMovie(app.db, film);
  await addStar('Amélie', 'Audrey Tautou');
});
afterAll(() => app[Symbol.asyncDispose]());

const FILMS = [
  {
    name: 'Amélie',
    description: 'A shy waitress decides to change the lives of those around her.',
    directors: ['Jean-Pierre Jeunet'],
  },
  {
    name: 'Delicatessen',
    description: 'A clown moves in above a butcher.',
    directors: ['Jean-Pierre Jeunet', 'Marc Caro'],
  },
  {
    name: 'Heat',
    description: `${'Two men on both sides of the law, and one long night. '.repeat(12)}`,
    directors: ['Michael Mann'],
  },
  { name: 'Body Heat', description: 'A lawyer falls for the wrong woman.', directors: ['Lawrence Kasdan'] },
  { name: 'A Summer in the City', description: 'Heat, heat, heat! Nothing but heat. Such heat that all is heat.' },
  { name: 'Dog Day', description: 'A bank, a robbery, and the heat of an August day.', directors: ['Heat Moon'] },
  { name: 'It', description: 'Seven children and a clown.' },
  { name: 'Her', description: 'A lonely man and a voice.' },
  { name: 'Running Wild', description: 'A horse at last.' },
  { name: '100% Wolf', description: 'A family with a secret.' },
  { name: 'Snake_Eyes', description: 'A boxing match.' },
  { name: "Schindler's List", description: 'A factory.' },
  { name: 'Heat Lost', description: 'Nobody may see it.', withdrawnAt: new Date() },
];

async function search(query: string): Promise<string[]> {
  const { items, total } = await app.anonymous.movies.list.query({ query });
  expect(total).toBe(items.length);
  return items.map((item) => item.name);
}

describe('a search looks through', () => {
  test.for<[string, string, string[]]>([
    ['titles', 'delicatessen', ['Delicatessen']],
    ['directors', 'jeunet', ['Amélie', 'Delicatessen']],
    ['stars', 'tautou', ['Amélie']],
    ['descriptions', 'butcher', ['Delicatessen']],
    ['title, people and description at once', 'amelie tautou waitress', ['Amélie']],
    ['phrases in quotes', '"moves in above"', ['Delicatessen']],
    ['one word or another', 'butcher or boxing', ['Delicatessen', 'Snake_Eyes']],
    ['all but a word', 'clown -butcher', ['It']],
  ])('%s', async ([, query, expected]) => {
    expect((await search(query)).toSorted()).toEqual(expected);
  });
});

describe('a search forgives', () => {
  test.for([
    ['accents left out', 'Amelie', 'Amélie'],
    ['accents put in', 'délicatessen', 'Delicatessen'],
    ['letters and accents apart', 'Ame\u0301lie', 'Amélie'],
    ['capitals', 'AMÉLIE', 'Amélie'],
    ['other forms of a word', 'run', 'Running Wild'],
    ['spaces around', '   delicatessen  ', 'Delicatessen'],
    ['apostrophes', 'schindlers list', "Schindler's List"],
    ['an apostrophe as it stands', "schindler's list", "Schindler's List"],
  ] as const)('%s', async ([, query, name]) => {
    expect(await search(query)).toEqual([name]);
  });
});

describe('the order', () => {
  test('a title that is the query, then titles that hold it, then whatever speaks of it, be it ever so often', async () => {
    const names = await search('heat');
    expect(names.slice(0, 2)).toEqual(['Heat', 'Body Heat']);
    expect(names.slice(2).toSorted()).toEqual(['A Summer in the City', 'Dog Day']);
  });

  test('is the same page by page', async () => {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await app.anonymous.movies.list.query({ query: 'heat', limit: 1, ...(cursor && { cursor }) });
      names.push(...page.items.map((item) => item.name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(names).toEqual(await search('heat'));
  });

  test('may be another one: what is found, sorted by title', async () => {
    const { items } = await app.anonymous.movies.list.query({ query: 'heat', sort: 'title' });
    expect(items.map((item) => item.name)).toEqual(['A Summer in the City', 'Body Heat', 'Dog Day', 'Heat']);
  });

  test('upside down is the same one upside down', async () => {
    const { items } = await app.anonymous.movies.list.query({ query: 'heat', order: 'asc' });
    expect(items.map((item) => item.name)).toEqual((await search('heat')).toReversed());
  });
});

test.for(['It', 'her', 'HER'])(
  'a film whose title is a word too common to be searched for is found: %s',
  async (query) => {
    expect((await search(query)).map((name) => name.toLowerCase())).toEqual([query.toLowerCase()]);
  },
);

test('withdrawn films are not found', async () => {
  expect(await search('lost')).toEqual([]);
});

test('an empty search is none', async () => {
  const everything = await app.anonymous.movies.list.query({ limit: 100 });
  expect(await app.anonymous.movies.list.query({ limit: 100, query: '  ' })).toEqual(everything);
});

describe('percent signs and underscores are plain characters', () => {
  test.for([
    ['100% wolf', ['100% Wolf']],
    ['%', []],
    ['_', []],
    ['h_at', []],
    ['hea%', []],
    ['snake_eyes', ['Snake_Eyes']],
  ] as const)('%s', async ([query, expected]) => {
    expect(await search(query)).toEqual(expected);
  });
});

test.for([
  "'",
  "''",
  "' or 1=1 --",
  "'; drop table movies; --",
  '"',
  '"heat',
  '-',
  '--heat',
  '!heat',
  'heat & | !',
  'heat:*',
  'heat <-> body',
  '((((',
  '\\',
  '\\0',
  '$1',
  ':A',
  'or or or',
  '-heat -heat',
  '\u202Eheat',
  '\uFFFF',
  '🎬🎬🎬',
  '-'.repeat(200),
  '"'.repeat(200),
  'a '.repeat(100),
  'é'.repeat(200),
  '- '.repeat(100),
  '-!'.repeat(100),
  '-"'.repeat(100),
  '-('.repeat(100),
  '-a '.repeat(66),
  'a or '.repeat(40),
  '"a" -"b" '.repeat(20),
])('a search for %j is answered', async (query) => {
  const answer = await app.rest('GET', `/movies?${new URLSearchParams({ query }).toString()}`);
  expect(answer.status).toBe(200);
  expect(answer.body.items.length).toBe(Math.min(answer.body.total, 20));
});

test('a search for any mixture of operators and words is answered', async () => {
  const part = fc.constantFrom(
    '-',
    '"',
    ' ',
    '!',
    '&',
    '|',
    '(',
    ')',
    ':',
    '*',
    '<->',
    'or',
    'and',
    'heat',
    "'",
    '\\',
    '%',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 60 }), async (parts) => {
      const answer = await app.rest(
        'GET',
        `/movies?${new URLSearchParams({ query: parts.join('').slice(0, 200) }).toString()}`,
      );
      expect(answer.status).toBe(200);
    }),
    { numRuns: 300 },
  );
});

test.for([
  ['201 characters', 'a'.repeat(201)],
  ['NUL', 'a\0b'],
])('a search with %s is refused', async ([, query]) => {
  const answer = await app.rest('GET', `/movies?${new URLSearchParams({ query: query ?? '' }).toString()}`);
  expect(answer.status).toBe(400);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});

async function addStar(film: string, name: string): Promise<void> {
  const star = await app.db.insertInto('stars').values({ name }).returning('id').executeTakeFirstOrThrow();
  const movie = await app.db.selectFrom('movies').where('name', '=', film).select('id').executeTakeFirstOrThrow();
  await app.db.insertInto('movieStars').values({ movieId: movie.id, starId: star.id, position: 0 }).execute();
  await sql`update movies set search = movie_search_document(id) where id = ${movie.id}`.execute(app.db);
}
