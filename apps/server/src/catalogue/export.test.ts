import { isCinemaError } from '@online-cinema/client';
import { CreateMovie } from '@online-cinema/contract/moderation';
import fc from 'fast-check';
import type { z } from 'zod';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { aFilm, exportFilms, exportText, importFile, toLines } from '../testing/imports.ts';

let app: TestApp;
let moderator: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  moderator = await app.signIn({ role: 'moderator' });
});
beforeEach(async () => {
  await app.db.deleteFrom('movies').execute();
});
afterAll(() => app[Symbol.asyncDispose]());

// Of every kind: quotes, separators, escapes, formulas, lines, other scripts, marks of direction.
const PIECES = [
  [
    '"',
    '""',
    ',',
    ';',
    '|',
    '\\',
    '\\|',
    '\\N',
    "'",
    "''",
    "'71",
    '=',
    '=1+1',
    '+',
    '-',
    '-2',
    '@',
    '\t',
    '{',
    '[',
    'null',
  ],
  ['\ufeff', '\u00a0', ' ', 'a', 'B', 'İstanbul', 'straße', 'Amélie', '東京物語', '🎬', '👩‍👩‍👧', 'עולם', '\u202eevil'],
].flat();
const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 5 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((pieces) => pieces.join(''));

/** What a schema takes, as it makes it. */
function accepted(schema: z.ZodType<string>, texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return texts
    .map((given) => schema.safeParse(given).data)
    .filter((read) => read !== undefined)
    .filter((read) => read.isWellFormed() && !read.includes('\0'));
}

const { name, description, certification } = CreateMovie.shape;
const names = fc.uniqueArray(accepted(certification, text), { maxLength: 4, selector: (each) => each.toLowerCase() });
const money = fc.option(
  fc.record({ amount: fc.nat({ max: 9_000_000_000 }), currency: fc.constantFrom('USD', 'JPY', 'KWD') }),
);
const hostileFilm: fc.Arbitrary<CreateMovie> = fc.record({
  name: accepted(name, text),
  year: fc.integer({ min: 1888, max: 2026 }),
  time: fc.integer({ min: 1, max: 32_767 }),
  releaseDate: fc.option(fc.constantFrom('1999-12-31', '2024-02-29')),
  imdb: fc.integer({ min: 0, max: 100 }).map((tenths) => tenths / 10),
  votes: fc.nat(),
  metaScore: fc.option(fc.nat({ max: 100 })),
  gross: money,
  budget: money,
  description: accepted(
    description,
    fc.array(fc.oneof(text, fc.constantFrom('\n', '\r\n', '\r'))).map((all) => all.join('')),
  ),
  price: fc.option(fc.record({ amount: fc.integer({ min: 50, max: 99_999 }), currency: fc.constant('USD') })),
  status: fc.constantFrom('released', 'in_production', 'post_production'),
  certification: accepted(certification, text),
  genres: names,
  stars: names,
  directors: names,
  countries: names,
  languages: names,
});

test('an import of an export changes nothing, and in an empty cinema it gives the same films', async () => {
  const films = fc.uniqueArray(hostileFilm, {
    minLength: 20,
    maxLength: 40,
    selector: ({ name, year, time }) => JSON.stringify([name, year, time]),
  });
  await fc.assert(
    fc.asyncProperty(films, async (given) => {
      await app.db.deleteFrom('movies').execute();
      expect(await importFile(moderator, toLines(given))).toMatchObject({ state: 'done', errors: [] });
      const exported = await exportFilms(moderator);
      // Names that are there already, in another case, stay as they are.
      expect(lowered(exported).toSorted()).toEqual(lowered(given).toSorted());

      for (const format of ['csv', 'ndjson'] as const) {
        const text = await exportText(moderator, format);
        const before = await stamps();
        expect(await importFile(moderator, text)).toMatchObject({
          state: 'done',
          counts: { created: 0, updated: 0, unchanged: given.length },
        });
        expect(await stamps()).toEqual(before);

        await app.db.updateTable('movies').set({ withdrawnAt: new Date() }).execute();
        expect(await exportFilms(moderator)).toEqual([]);
        expect((await importFile(moderator, text)).counts).toMatchObject({ created: given.length });
        const again = (await exportText(moderator, format)).split('\n');
        expect(again.toSorted()).toEqual(text.split('\n').toSorted());
      }
    }),
    { numRuns: 5, seed: 20_261_120, endOnFailure: true },
  );
});

const KEPT = ['name', 'description'];

/** Films in a form that is the same where names differ in case only. */
function lowered(films: CreateMovie[]): string[] {
  const fields = Object.keys(CreateMovie.shape) as (keyof CreateMovie)[];
  return films.map((film) => {
    const texts = fields.map((field) => [field, JSON.stringify(film[field])] as const);
    return texts.map(([field, value]) => (KEPT.includes(field) ? value : value.toLowerCase())).join(' ');
  });
}

async function stamps() {
  return await app.db.selectFrom('movies').select(['id', 'updatedAt', 'tagIds', 'search']).orderBy('id').execute();
}

test('no cell of a CSV is a formula', async () => {
  const hostile = ['=cmd', '+1', '-1', '@SUM(A1)', "'=1", '\t=1'];
  await importFile(moderator, toLines(hostile.map((name, time) => aFilm({ name, time: time + 1, genres: [name] }))));
  const { body } = await app.rest('GET', '/movies/export', { viewer: moderator });
  const cells = String(body).split(/[\r\n,]+/);
  expect(cells.filter((cell) => /^"?[=+\-@\t]/.test(cell))).toEqual([]);
  expect(cells).toContain("'=cmd");
});

test('it comes as a file over REST, and in the same pieces from the SDK, however many films there are', async () => {
  const films = Array.from({ length: 1_100 }, (_, index) => aFilm({ name: `Film ${index}`, stars: ['Ann', 'Bob'] }));
  expect(await importFile(moderator, toLines(films))).toMatchObject({ state: 'done', counts: { created: 1_100 } });
  await createMovie(app.db, { name: 'Withdrawn', withdrawnAt: new Date() });
  const day = app.clock.now().toISOString().slice(0, 10);
  for (const [format, type] of [
    ['csv', 'text/csv; charset=utf-8'],
    ['ndjson', 'application/x-ndjson; charset=utf-8'],
  ] as const) {
    const { status, headers, body } = await app.rest('GET', `/movies/export?format=${format}`, { viewer: moderator });
    expect([status, headers.get('content-type')]).toEqual([200, type]);
    expect(headers.get('content-disposition')).toBe(`attachment; filename="movies-${day}.${format}"`);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(await exportText(moderator, format)).toBe(body);
  }
  const head = await app.rest('HEAD', '/movies/export?format=ndjson', { viewer: moderator });
  expect([head.status, head.headers.get('content-type'), head.body]).toEqual([
    200,
    'application/x-ndjson; charset=utf-8',
    undefined,
  ]);
  let pieces = 0;
  for await (const _ of await moderator.client.movies.export.query({})) pieces += 1;
  // What is written at once may arrive at once.
  expect(pieces).toBeGreaterThan(1);
  expect((await exportFilms(moderator)).map(({ name }) => name).toSorted()).toEqual(
    films.map(({ name }) => name).toSorted(),
  );
});

test('an empty catalogue is a header, or nothing', async () => {
  expect(await exportText(moderator, 'csv')).toMatch(/^name,year,.*\r\n$/);
  expect(await exportText(moderator, 'ndjson')).toBe('');
  expect(await importFile(moderator, await exportText(moderator, 'csv'))).toMatchObject({
    state: 'rejected',
    errors: [{ row: null, column: null, message: 'The file has no rows.' }],
  });
});

test('who may not have it is told so, over the SDK too, and a session is renewed for it', async () => {
  const viewer = await app.signIn();
  const error = await viewer.client.movies.export.query({}).catch((thrown: unknown) => thrown);
  expect(isCinemaError(error, 'not_allowed')).toBe(true);
  const other = await app.signIn({ role: 'moderator' });
  app.clock.advance(3_600);
  expect(await exportText(other, 'csv')).toContain('name,year');
});
