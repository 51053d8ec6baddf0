import { RELATED_KINDS } from '@online-cinema/contract/related';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { listJobs, waitUntilDone } from '../testing/jobs.ts';
import { tally } from '../testing/shop.ts';
import { personRenamedJob } from './jobs.ts';

let app: TestApp;
let moderator: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  moderator = await app.signIn({ role: 'moderator' });
});
afterAll(() => app[Symbol.asyncDispose]());

const MISSING = '019a5a4e-7c00-7000-8000-0000000000ff';
const film = <Given extends object>(given: Given) => ({
  name: 'Film',
  year: 2001,
  time: 100,
  imdb: 5,
  description: 'It has names.',
  certification: 'PG',
  ...given,
});
const rest = (method: string, path: string, body?: object) =>
  app.rest(method, path, { viewer: moderator, ...(body && { body }) });

describe.for(RELATED_KINDS)('%s', (kind) => {
  test('are made, read, renamed and deleted, and each act is on record', async () => {
    const made = await rest('POST', `/${kind}`, { name: '  Été   Noir ' });
    expect([made.status, made.headers.get('location')]).toEqual([201, `/api/v1/${kind}/${made.body.id}`]);
    expect(made.body).toEqual({ id: made.body.id, name: 'Été Noir', movieCount: 0 });
    const { id } = made.body as { id: string };
    expect((await app.rest('GET', `/${kind}/${id}`)).body).toEqual(made.body);
    const listed = await app.rest('GET', `/${kind}?query=ete`);
    expect(listed.body).toEqual({ items: [made.body], nextCursor: null, total: 1 });

    const other = await rest('POST', `/${kind}`, { name: 'Zweiter' });
    for (const name of ['Été Noir', 'été NOIR']) {
      expect(await rest('POST', `/${kind}`, { name })).toMatchObject({ status: 409, body: { reason: 'name_taken' } });
      expect(await rest('PATCH', `/${kind}/${other.body.id}`, { name })).toMatchObject({
        status: 409,
        body: { reason: 'name_taken' },
      });
    }
    const renamed = await rest('PATCH', `/${kind}/${id}`, { name: 'ÉTÉ NOIR' });
    expect(renamed).toMatchObject({ status: 200, body: { ...made.body, name: 'ÉTÉ NOIR' } });
    expect((await rest('DELETE', `/${kind}/${id}`)).status).toBe(204);
    for (const [method, body] of [['GET'], ['PATCH', { name: 'X' }], ['DELETE']] as const) {
      expect(await rest(method, `/${kind}/${id}`, body)).toMatchObject({ status: 404, body: { reason: 'not_found' } });
    }
    const acts = app.db.selectFrom('auditEntries').where('targetId', '=', id).orderBy('id').select('action');
    const done = ['create', 'rename', 'delete'].map((act) => `${kind}.${act}`);
    expect((await acts.execute()).map(({ action }) => action)).toEqual(done);
  });

  test('fifty of one name at once make one', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => rest('POST', `/${kind}`, { name: index % 2 ? 'At once' : 'AT ONCE' })),
    );
    expect(tally(answers)).toEqual({ 201: 1, name_taken: 49 });
  });

  test.for(['', '   ', 'x'.repeat(201), 'a\u0000b', 'a\u0007b', '\u200B\u2060', 7, null])(
    'refuse the name %j',
    async (name) => {
      expect((await rest('POST', `/${kind}`, { name })).status).toBe(400);
    },
  );
});

describe('a list', () => {
  test('is sorted as people sort, and paged without gap or repeat', async () => {
    const names = ['zebra', 'Äpfel', 'apple', 'Écran', 'Eagle', 'Part 10', 'Part 2', '_odd', '%percent'];
    for (const name of names) await rest('POST', '/languages', { name });
    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await app.anonymous.languages.list.query({ limit: 2, ...(cursor && { cursor }) });
      pages.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const shown = pages.filter((name) => names.includes(name));
    expect(shown.slice(2)).toEqual(['Äpfel', 'apple', 'Eagle', 'Écran', 'Part 2', 'Part 10', 'zebra']);
    expect(shown.slice(0, 2).sort()).toEqual(['%percent', '_odd']);
    const page = await app.anonymous.languages.list.query({ limit: 2 });
    const elsewhere = await app.rest('GET', `/countries?cursor=${page.nextCursor}`);
    expect([elsewhere.status, elsewhere.body.reason]).toEqual([400, 'invalid_cursor']);
  });

  test('is filtered by any part of a name, short ones by the beginning of a word', async () => {
    for (const name of ['Zoë Kravitz', 'Lenny Kravitz', 'Penélope Cruz', '100% Wolf']) {
      await rest('POST', '/stars', { name });
    }
    const found = async (query: string) =>
      (await app.anonymous.stars.list.query({ query })).items.map(({ name }) => name);
    expect(await found('kravitz')).toEqual(['Lenny Kravitz', 'Zoë Kravitz']);
    expect(await found('RAVI')).toEqual(['Lenny Kravitz', 'Zoë Kravitz']);
    expect(await found('zoe k')).toEqual(['Zoë Kravitz']);
    expect(await found('Pene')).toEqual(['Penélope Cruz']);
    expect(await found('cr')).toEqual(['Penélope Cruz']);
    expect(await found('ru')).toEqual([]);
    for (const query of ['%', '_', "'", '%%%', '\\', '👻', '(', 'a'.repeat(200)]) {
      const { status, body } = await app.rest('GET', `/stars?query=${encodeURIComponent(query)}`);
      expect([status, body.items]).toEqual([200, []]);
    }
    expect((await app.rest('GET', '/stars?query=%00')).status).toBe(400);
    expect((await app.rest('GET', '/stars?query=')).body.total).toBeGreaterThan(3);
  });
});

describe('what films have', () => {
  test('is not deleted, not even when the only one was withdrawn', async () => {
    const made = await moderator.client.movies.create.mutate(
      film({
        name: 'Holding on',
        certification: 'Held',
        genres: ['Held'],
        stars: ['Held'],
        directors: ['Held'],
        countries: ['Held'],
        languages: ['Held'],
      }),
    );
    for (const isWithdrawn of [false, true]) {
      if (isWithdrawn) {
        await app.db.updateTable('movies').set({ withdrawnAt: new Date() }).where('id', '=', made.id).execute();
      }
      for (const kind of RELATED_KINDS) {
        const { items } = (await app.rest('GET', `/${kind}?query=held`)).body;
        expect(items).toMatchObject([{ name: 'Held', movieCount: isWithdrawn ? 0 : 1 }]);
        const { status, body } = await rest('DELETE', `/${kind}/${items[0].id}`);
        expect([kind, status, body.reason]).toEqual([kind, 409, 'in_use']);
      }
    }
  });

  test('and is deleted at that moment is made again, or refused: never half there', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { id } = await moderator.client.genres.create.mutate({ name: `Fleeting ${round}` });
      const body = film({ name: `Fleeting ${round}`, genres: [`fleeting ${round}`] });
      const [deleted, made] = await Promise.all([rest('DELETE', `/genres/${id}`), rest('POST', '/movies', body)]);
      expect(made.status).toBe(201);
      expect(deleted.status === 204 || deleted.body.reason === 'in_use').toBe(true);
      expect(made.body.genres[0].id === id).toBe(deleted.status === 409);
      expect((await app.anonymous.genres.get.query({ genreId: made.body.genres[0].id })).movieCount).toBe(1);
    }
  });
});

describe('a renamed person', () => {
  const isFound = async (query: string, id: string) =>
    (await app.anonymous.movies.list.query({ query })).items.some((item) => item.id === id);

  test.for(['stars', 'directors'] as const)('of the %s is found by the new name at once', async (kind) => {
    const made = await rest('POST', '/movies', film({ name: `A film with ${kind}`, [kind]: ['Ludmilla Oldname'] }));
    const [{ id }] = made.body[kind];
    await rest('PATCH', `/${kind}/${id}`, { name: 'Ludmilla Newname' });
    expect([await isFound('oldname', made.body.id), await isFound('newname', made.body.id)]).toEqual([false, true]);
    expect((await app.anonymous.movies.get.query({ movieId: made.body.id }))[kind]).toEqual([
      { id, name: 'Ludmilla Newname' },
    ]);
    await rest('DELETE', `/movies/${made.body.id}`);
    await rest('DELETE', `/${kind}/${id}`);
  });

  test('with many films: the others follow by a job', async () => {
    const { id } = await moderator.client.directors.create.mutate({ name: 'Prolific Firstname' });
    const films = [];
    for (let number = 0; number < 201; number += 1) films.push(await createMovie(app.db));
    const links = films.map((each) => ({ movieId: each.id, directorId: id, position: 0 }));
    await app.db.insertInto('movieDirectors').values(links).execute();
    await personRenamedJob.run(app.deps, { kind: 'directors', id }, new AbortController().signal);
    const last = films
      .map((each) => each.id)
      .sort()
      .at(-1)!;
    expect(await isFound('prolific firstname', last)).toBe(true);
    expect((await app.anonymous.directors.get.query({ directorId: id })).movieCount).toBe(201);
    await moderator.client.directors.rename.mutate({ directorId: id, name: 'Prolific Secondname' });
    await waitUntilDone(app, personRenamedJob.name);
    expect((await app.anonymous.movies.list.query({ query: 'prolific secondname' })).total).toBe(201);
    expect((await app.anonymous.movies.list.query({ query: 'firstname' })).total).toBe(0);
  });

  test('while films with him are written and changed: every film is found in the end', async () => {
    const { id } = await moderator.client.stars.create.mutate({ name: 'Racing Zero' });
    const writes = Array.from({ length: 12 }, (_, number) =>
      rest('POST', '/movies', film({ name: `Race ${number}`, stars: [id] })),
    );
    const renames = Array.from({ length: 6 }, (_, number) =>
      rest('PATCH', `/stars/${id}`, { name: `Racing n${number}` }),
    );
    expect(tally(await Promise.all([...writes, ...renames]))).toEqual({ 201: 12, 200: 6 });
    await waitUntilDone(app, personRenamedJob.name);
    const { name } = await app.anonymous.stars.get.query({ starId: id });
    expect((await app.anonymous.movies.list.query({ query: name })).total).toBe(12);
  });
});

test('nothing of all this was a fault of the server', async () => {
  expect(app.logs.filter((line) => /procedure failed|the database refused/.test(line))).toEqual([]);
  expect((await listJobs(app, personRenamedJob.name)).every(({ retryCount }) => retryCount === 0)).toBe(true);
  expect((await rest('GET', `/genres/${MISSING}`)).status).toBe(404);
});
