import fc from 'fast-check';
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
  {
    name: 'Amélie',
    description: 'A shy waitress decides to change the lives of those around her.',
    directors: ['Jean-Pierre Jeunet'],
    stars: ['Audrey Tautou'],
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
  { name: 'The Who', description: 'A band.' },
  { name: 'The Good, the Bad and the Ugly', votes: 1, description: 'Three men and a treasure.' },
  { name: 'Good and Bad and Ugly', votes: 9_000, description: 'Three men and a mirror.' },
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
    ['a word typed half', 'delica', 'Delicatessen'],
    ['a name typed half', 'amelie jean pierre taut', 'Amélie'],
    ['a word typed half whose stem is shorter', 'wild runni', 'Running Wild'],
    ['a half word after a whole one', 'running w', 'Running Wild'],
    ['words too common to be searched for', 'the running of the wild', 'Running Wild'],
    ['a letter left out', 'delicatesen', 'Delicatessen'],
    ['letters changed places', 'schindelrs list', "Schindler's List"],
    ['a name as it sounds', 'kasden', 'Body Heat'],
    ['a name spelt wrong beside one spelt right', 'audrey tatou', 'Amélie'],
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
    expect(names).toEqual(['Heat', 'Body Heat', 'Dog Day', 'A Summer in the City']);
  });

  test('knows a title with a word in it three times', async () => {
    const names = await search('the good the bad and the ugly');
    expect(names).toEqual(['The Good, the Bad and the Ugly', 'Good and Bad and Ugly']);
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

test.for([
  ['It', 'It'],
  ['her', 'Her'],
  ['HER', 'Her'],
  ['the who', 'The Who'],
  ['who', 'The Who'],
  ['h', 'Her'],
  ['he', 'Her'],
  ['body h', 'Body Heat'],
  ['it?', 'It'],
])('words too common or too short to be searched for find titles: %s', async ([query = '', name]) => {
  expect((await search(query))[0]).toBe(name);
});

describe('guesses', () => {
  test('are not made where something is found as it was typed', async () => {
    expect(await search('dog')).toEqual(['Dog Day']);
  });

  test.for(['"delicatesen"', 'xyz', 'bxtch', 'quetzalcoatl'])('are not made for %s', async (query) => {
    expect(await search(query)).toEqual([]);
  });

  test('go page by page, also while films are added that are what was typed', async () => {
    for (const name of ['Zerberus', 'Zerberus II', 'Return of Zerberus']) await createMovie(app.db, { name });
    const expected = await search('zerbreus');
    expect(expected.toSorted()).toEqual(['Return of Zerberus', 'Zerberus', 'Zerberus II']);
    expect(expected[0]).toBe('Zerberus');

    const first = await app.anonymous.movies.list.query({ query: 'zerbreus', limit: 1 });
    await createMovie(app.db, { name: 'Zerbreus' });
    const rest = await app.anonymous.movies.list.query({ query: 'zerbreus', cursor: first.nextCursor ?? '' });
    expect([...first.items, ...rest.items].map((item) => item.name)).toEqual(expected);
    expect(await search('zerbreus')).toEqual(['Zerbreus']);
  });

  test('can be filtered and counted as what is found', async () => {
    const { items } = await app.anonymous.movies.list.query({ query: 'zerberuss', yearFrom: 2000, sort: 'title' });
    expect(items.map((item) => item.name)).toEqual(['Return of Zerberus', 'Zerberus', 'Zerberus II']);
    expect(await app.anonymous.movies.facets.query({ query: 'zerberuss' })).toMatchObject({ total: 3 });
  });
});

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
    ['h%t', []],
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
  '\u0301',
  'e\u0301',
  'מִים',
  'فيلم',
  'the',
  'who',
  'a',
  'the a or it',
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
  ['1,000 characters', 'heat '.repeat(200)],
  ['NUL', 'a\0b'],
])('a search with %s is refused', async ([, query]) => {
  const answer = await app.rest('GET', `/movies?${new URLSearchParams({ query: query ?? '' }).toString()}`);
  expect(answer.status).toBe(400);
});

describe('a word of more than 10,000 films', () => {
  beforeAll(async () => {
    const certification = await app.db.selectFrom('certifications').select('id').executeTakeFirstOrThrow();
    await sql`
      insert into movies (slug, name, year, time, imdb, votes, description, certification_id, search)
      select 'moon-' || n, name, 2001, n, 5, n % 500, name, ${certification.id}, search_document(name, '', name)
      from generate_series(1, 10100) n, concat(case when n % 1000 = 0 then '' else n || ' ' end, 'Moons') name
    `.execute(app.db);
  });

  test('gives films of that title first, then the popular ones, upside down too', async () => {
    const { items, totalIsCapped } = await app.anonymous.movies.list.query({ query: 'moons', limit: 50 });
    expect(totalIsCapped).toBe(true);
    const names = items.map((item) => item.name);
    expect(names.slice(0, 10)).toEqual(Array<string>(10).fill('Moons'));
    expect(names.slice(10).map((name) => Number.parseInt(name, 10) % 500)).toEqual([
      ...Array<number>(20).fill(499),
      ...Array<number>(20).fill(498),
    ]);
    const asc = await app.anonymous.movies.list.query({ query: 'moons', limit: 3, order: 'asc' });
    expect(asc.items.map((item) => item.name)).not.toContain('Moons');
  });

  test('goes page by page without gap or repeat', async () => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await app.anonymous.movies.list.query({ query: 'moons', limit: 7, ...(cursor && { cursor }) });
      ids.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor && ids.length < 50);
    const expected = await app.anonymous.movies.list.query({ query: 'moons', limit: 56 });
    expect(ids).toEqual(expected.items.map((item) => item.id).slice(0, ids.length));
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
