import { cloneDatabase, type TestDatabase } from '@online-cinema/server/testing/database';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateCatalogue } from './generate-catalogue.ts';

// Enough for the way large catalogues go, whose indexes are made at the end.
const FILMS = 5_500;

let database: TestDatabase;
let again: TestDatabase;
let indexesBefore: unknown[];
beforeAll(async () => {
  [database, again] = [await cloneDatabase(), await cloneDatabase()];
  indexesBefore = await rows(database, INDEXES);
  await generateCatalogue(database.url, { films: FILMS, seed: 7 });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await again[Symbol.asyncDispose]();
});

const INDEXES = "select indexdef from pg_indexes where tablename ~ '^movie' order by indexdef";

test('a catalogue has what writes by hand would have given it: search, tags, counts and indexes', async () => {
  const wrong = await rows(
    database,
    `select id from movies
     where search <> movie_search_document(id) or tag_ids <> movie_tag_ids(id) or cardinality(tag_ids) < 5`,
  );
  expect(wrong).toEqual([]);
  for (const kind of ['genres', 'stars', 'directors', 'certifications', 'countries', 'languages']) {
    const miscounted = await rows(
      database,
      `select name from ${kind} named where movie_count <> (
         select count(*) from movies where tag_ids @> array[named.id] and withdrawn_at is null)`,
    );
    expect(miscounted).toEqual([]);
  }
  expect(await rows(database, INDEXES)).toEqual(indexesBefore);
  expect(await rows(database, 'select count(*)::int from movies')).toEqual([{ count: FILMS }]);
});

test('the same seed gives the same catalogue, to the last id', async () => {
  await generateCatalogue(again.url, { films: FILMS, seed: 7 });
  const fingerprint = `select md5(string_agg(movies::text, '' order by id)) as films from movies`;
  const people = `select md5(string_agg(links::text, '' order by links)) as stars from movie_stars links`;
  expect(await rows(again, fingerprint)).toEqual(await rows(database, fingerprint));
  expect(await rows(again, people)).toEqual(await rows(database, people));
});

test('a catalogue that has films is left alone', async () => {
  await expect(generateCatalogue(database.url, { films: 10 })).rejects.toThrow('There are films already');
});

async function rows({ url }: TestDatabase, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
