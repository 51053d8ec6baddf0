import { RELATED_KINDS } from '@online-cinema/contract/related';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import {
  type Asked,
  askedOf,
  type FilmPlan,
  filmPlan,
  insertFilms,
  insertNames,
  type NameIds,
} from '../testing/film-plans.ts';
import { facetsReference, listReference, type ReferenceFilm } from '../testing/reference-films.ts';

// More of them on request, with a seed of one's own: other films, other questions.
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 30);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_120);

let app: TestApp;
let ids: NameIds;
beforeAll(async () => {
  app = await startTestApp();
  ids = await insertNames(app.db);
});
afterAll(() => app[Symbol.asyncDispose]());

describe.for([1, 2])('of catalogue %i', (number) => {
  let films: ReferenceFilm[];
  beforeAll(async () => {
    await app.db.deleteFrom('movies').execute();
    films = await insertFilms(app.db, ids, samplePlans(300, SEED + number));
  });

  test('every list is the one made in memory, over the SDK and over REST, whatever the length of its pages', async () => {
    await check(fc.tuple(askedOf(ids), limits, fc.boolean()), async ([asked, pages, overRest]) => {
      const expected = listReference(films, asked);
      const walked = await walk(overRest ? askRest : askSdk, asked, pages);
      expect(walked.ids).toEqual(expected);
      expect(walked.totals).toEqual([expected.length, ...walked.totals.slice(1).map(() => null)]);
    });
  });

  test('every list of facets is the one made in memory', async () => {
    await check(askedOf(ids), async ({ sort: _sort, order: _order, ...filters }) => {
      const expected = facetsReference(films, filters);
      expect(await app.anonymous.movies.facets.query(filters)).toEqual(expected);
      expect((await app.rest('GET', `/movies/facets?${queryOf(filters)}`)).body).toEqual(expected);
    });
  });

  test('each name knows how many films it has in the lists', async () => {
    for (const kind of RELATED_KINDS) {
      const rows = await app.db.selectFrom(kind).select(['id', 'movieCount']).execute();
      const expected = rows.map(({ id }) => ({
        id,
        movieCount: films.filter(({ tags, isWithdrawn }) => !isWithdrawn && tags[kind].some((tag) => tag.id === id))
          .length,
      }));
      expect(rows).toEqual(expected);
    }
  });

  test('films that were there from the first page to the last come once and in their place, whatever is added', async () => {
    let seed = SEED + 1_000 * number;
    await check(
      fc.tuple(askedOf(ids), limits),
      async ([asked, pages]) => {
        const expected = listReference(films, asked);
        const known = new Set(films.map(({ id }) => id));
        const walked = await walk(askSdk, asked, pages, async (page) => {
          if (page > PAGES_WITH_NEW_FILMS) return;
          films = [...films, ...(await insertFilms(app.db, ids, samplePlans(5, (seed += 1))))];
        });
        expect(new Set(walked.ids).size).toBe(walked.ids.length);
        expect(walked.ids.filter((id) => known.has(id))).toEqual(expected);
      },
      Math.ceil(RUNS / 4),
    );
  });
});

// If they came all the time, each list would be longer than the one before, and seldom at its end.
const PAGES_WITH_NEW_FILMS = 5;

const limits = fc.array(fc.integer({ min: 8, max: 100 }), { minLength: 1, maxLength: 4 });

function samplePlans(count: number, seed: number): FilmPlan[] {
  return fc.sample(filmPlan, { numRuns: count, seed });
}

async function check<Value>(
  arbitrary: fc.Arbitrary<Value>,
  predicate: (value: Value) => Promise<void>,
  numRuns = RUNS,
): Promise<void> {
  await fc.assert(fc.asyncProperty(arbitrary, predicate), { numRuns, seed: SEED });
}

type Ask = (input: Asked & { limit: number; cursor?: string }) => Promise<{
  items: { id: string }[];
  nextCursor: string | null;
  total: number | null;
}>;

const askSdk: Ask = (input) => app.anonymous.movies.list.query(input);
const askRest: Ask = async (input) => (await app.rest('GET', `/movies?${queryOf(input)}`)).body;

function queryOf(input: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input)) {
    for (const each of [value].flat()) query.append(name, String(each));
  }
  return query.toString();
}

/** Reads a whole list; the lengths of its pages are taken in turn. */
async function walk(ask: Ask, asked: Asked, pages: number[], between?: (page: number) => Promise<void>) {
  const found: string[] = [];
  const totals: (number | null)[] = [];
  let cursor: string | undefined;
  do {
    const limit = pages[totals.length % pages.length] ?? 20;
    const page = await ask({ ...asked, limit, ...(cursor !== undefined && { cursor }) });
    expect(page.nextCursor === null || page.items.length === limit).toBe(true);
    found.push(...page.items.map((item) => item.id));
    totals.push(page.total);
    cursor = page.nextCursor ?? undefined;
    if (cursor !== undefined) await between?.(totals.length);
  } while (cursor !== undefined);
  return { ids: found, totals };
}
