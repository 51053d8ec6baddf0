import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { LISTENER_NAME } from '../lib/listener.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';

let app: TestApp;
let otherUrl: string;
let moderator: Viewer;
beforeAll(async () => {
  app = await startTestApp({ ANSWER_MEMORY_MB: '8' });
  otherUrl = (await app.startReplica({ PROCESS: 'api' })).url ?? '';
  moderator = await app.signIn({ role: 'moderator' });
});
afterAll(() => app[Symbol.asyncDispose]());

let genre: { id: string; name: string };
let names = 0;
beforeEach(async () => {
  const values = { name: `Genre ${(names += 1)}` };
  genre = await unheard((trx) =>
    trx.insertInto('genres').values(values).returning(['id', 'name']).executeTakeFirstOrThrow(),
  );
  await settle();
});

// A word takes milliseconds; the memory would forget by itself after ten seconds.
const PATIENT = { timeout: 5_000 };

async function nameAt(url: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(`${url}/api/v1/genres/${genre.id}`, { headers });
  return ((await answer.json()) as { name: string }).name;
}

/** Changes something so that nobody is told. */
async function unheard<Result>(change: (trx: Db) => Promise<Result>): Promise<Result> {
  return await app.db.transaction().execute(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    return await change(trx);
  });
}

async function renameUnheard(name: string): Promise<void> {
  await unheard((trx) => trx.updateTable('genres').set({ name }).where('id', '=', genre.id).execute());
}

/** Waits until all that was told has been heard, so that what is read from now on stays remembered. */
async function settle(): Promise<void> {
  await vi.waitFor(async () => {
    const known = await Promise.all([app.url, otherUrl].map((url) => nameAt(url)));
    const name = `Genre ${(names += 1)}`;
    await renameUnheard(name);
    expect(await Promise.all([app.url, otherUrl].map((url) => nameAt(url)))).toEqual(known);
    app.clock.advance(60);
    genre.name = name;
    for (const url of [app.url, otherUrl]) expect(await nameAt(url)).toBe(name);
  }, PATIENT);
}

/** Does something while nobody can read a genre. */
async function whileLocked(act: () => Promise<void>): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    await sql`lock table genres in access exclusive mode`.execute(trx);
    await act();
  });
}

test('what was read once is read again without the database, over REST and RPC', async () => {
  const input = (id: string) =>
    encodeURIComponent(JSON.stringify({ 0: { json: { genreId: id } }, 1: { json: { genreId: id } } }));
  const batch = `${app.url}/trpc/genres.get,genres.get?batch=1&input=${input(genre.id)}`;
  const single = `${app.url}/trpc/genres.get?input=${encodeURIComponent(JSON.stringify({ json: { genreId: genre.id } }))}`;
  const addresses = [`${app.url}/api/v1/genres/${genre.id}`, batch, single];
  const read = async (address: string) => {
    const answer = await fetch(address);
    const { date: _date, 'x-request-id': _id, ...headers } = Object.fromEntries(answer.headers);
    // Of some answers the length is known before, of others not.
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...compared } = headers;
    return { status: answer.status, text: await answer.text(), headers: compared };
  };
  for (const address of addresses) {
    app.deps.answers.clear();
    const first = await read(address);
    expect([first.status, first.text]).toEqual([200, expect.stringContaining(genre.name)]);
    await whileLocked(async () => expect(await read(address)).toEqual(first));
  }
  // What one face has read the other knows.
  await whileLocked(async () => {
    for (const address of addresses) expect((await read(address)).status).toBe(200);
    const known = await fetch(addresses[0] ?? '');
    const etag = known.headers.get('etag') ?? '';
    expect((await fetch(addresses[0] ?? '', { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect(await app.anonymous.genres.get.query({ genreId: genre.id })).toMatchObject({ name: genre.name });
  });
});

test('calls that are refused are refused as ever, beside remembered ones too', async () => {
  const good = { json: { genreId: genre.id } };
  await nameAt(app.url);
  const ask = async (query: string) => {
    const answer = await fetch(`${app.url}/trpc/${query}`);
    return { status: answer.status, body: await answer.json() };
  };
  const mixed = JSON.stringify({ 0: good, 1: { json: { genreId: 'x', more: 1 } } });
  const { status, body } = await ask(`genres.get,genres.get?batch=1&input=${encodeURIComponent(mixed)}`);
  expect(status).toBe(207);
  expect(body).toMatchObject([
    { result: { data: { json: genre } } },
    { error: { json: { data: { reason: 'invalid_input' } } } },
  ]);
  const many = Array.from({ length: 11 }, () => 'genres.get').join(',');
  const inputs = JSON.stringify(Object.fromEntries(many.split(',').map((_, index) => [index, good])));
  expect((await ask(`${many}?batch=1&input=${encodeURIComponent(inputs)}`)).status).toBe(400);
  for (const input of ['null', '[]', '{"json":null}', '{"json":[]}', '{"json":{},"meta":{"values":{"id":["Date"]}}}'])
    expect((await ask(`genres.get?input=${encodeURIComponent(input)}`)).status).toBe(400);
});

test('who changed something sees it at once, with a token and without; so does everybody soon', async () => {
  for (const url of [app.url, otherUrl]) expect(await nameAt(url)).toBe(genre.name);
  const name = `${genre.name}, renamed`;
  const { status } = await app.rest('PATCH', `/genres/${genre.id}`, { viewer: moderator, body: { name } });
  expect(status).toBe(200);
  expect(await nameAt(app.url)).toBe(name);
  const authorization = `Bearer ${await moderator.client.$session.accessToken()}`;
  for (const url of [app.url, otherUrl]) expect(await nameAt(url, { authorization })).toBe(name);
  await vi.waitFor(async () => expect(await nameAt(otherUrl)).toBe(name), PATIENT);
});

test('a change that nobody tells of is seen by who says who he is, and after ten seconds by all', async () => {
  expect(await nameAt(app.url)).toBe(genre.name);
  await renameUnheard('Unheard of');
  expect(await nameAt(app.url)).toBe(genre.name);
  const authorization = `Bearer ${await moderator.client.$session.accessToken()}`;
  expect(await nameAt(app.url, { authorization })).toBe('Unheard of');
  app.clock.advance(11);
  expect(await nameAt(app.url)).toBe('Unheard of');
});

test('counters are a second late at most, and clear nothing', async () => {
  const film = await unheard((trx) => createMovie(trx));
  const likes = async () => (await app.rest('GET', `/movies/${film.id}`)).body.likeCount;
  await settle();
  expect(await likes()).toBe(0);
  await app.db.updateTable('movies').set({ likeCount: 1, ratingSum: 9, ratingCount: 1 }).execute();
  await whileLocked(async () => expect(await nameAt(app.url)).toBe(genre.name));
  app.clock.advance(1.001);
  expect(await likes()).toBe(1);
});

test.for<[string, RawBuilder<unknown>]>([
  ['a film', sql`update movies set name = name`],
  ['the films of a genre', sql`update movie_genres set position = position`],
  ['a name', sql`update stars set name = name`],
  ['a trailer', sql`delete from media_assets`],
])('%s that is changed behind the server is told of', async ([, change]) => {
  expect(await nameAt(app.url)).toBe(genre.name);
  const name = `${genre.name}, told by the way`;
  await renameUnheard(name);
  await change.execute(app.db);
  await vi.waitFor(async () => expect(await nameAt(app.url)).toBe(name), PATIENT);
});

test('many who ask at once for what nobody knows are one to the database', async () => {
  app.deps.answers.clear();
  const asking: Promise<string>[] = [];
  await whileLocked(async () => {
    for (let count = 0; count < 40; count += 1) asking.push(nameAt(app.url));
    const waiting = sql<{ count: number }>`select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    await vi.waitFor(async () => expect((await waiting.execute(app.db)).rows).toEqual([{ count: 1 }]), PATIENT);
    await fetch(`${app.url}/livez`);
    expect((await waiting.execute(app.db)).rows).toEqual([{ count: 1 }]);
  });
  expect(new Set(await Promise.all(asking))).toEqual(new Set([genre.name]));
});

test('who can hear no more remembers nothing, and begins anew when he hears again', async () => {
  const listening = sql<{ pid: number }>`select pid from pg_stat_activity
    where datname = current_database() and application_name = ${LISTENER_NAME}`;
  const lost = () => app.logs.filter((line) => line.includes('notices of the database are not heard')).length;
  const before = lost();
  await sql`select pg_terminate_backend(pid) from (${listening}) listening`.execute(app.db);
  await vi.waitFor(() => expect(lost()).toBe(before + 2), PATIENT);
  await renameUnheard('Changed in the silence');
  for (const url of [app.url, otherUrl]) expect(await nameAt(url)).toBe('Changed in the silence');

  await settle();
  const name = `${genre.name}, told again`;
  await app.db.updateTable('genres').set({ name }).where('id', '=', genre.id).execute();
  for (const url of [app.url, otherUrl]) await vi.waitFor(async () => expect(await nameAt(url)).toBe(name), PATIENT);
});
