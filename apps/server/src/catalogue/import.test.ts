import { request } from 'node:http';
import { isCinemaError } from '@online-cinema/client';
import { MOVIE_COLUMNS, type ImportStatus } from '@online-cinema/contract/imports';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { aFilm, exportFilms, importFile, toLines } from '../testing/imports.ts';
import { importSweepJob } from './import-jobs.ts';
import { removeObjectsJob } from './jobs.ts';
import { waitUntilDone } from '../testing/jobs.ts';

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

const HEADER = MOVIE_COLUMNS.join(',');
/** A row of our columns; what is not said is plain. */
function row(cells: Partial<Record<(typeof MOVIE_COLUMNS)[number], string>> = {}): string {
  const plain = { name: 'Heat', year: '1995', time: '170', imdb: '8.3', description: 'x', certification: 'R' };
  return MOVIE_COLUMNS.map((column) => ({ ...plain, ...cells })[column as 'name'] ?? '').join(',');
}

const counts = { rows: 1, checked: 1, failed: 0, created: 0, updated: 0, unchanged: 0 };

describe('our columns', () => {
  test('make a film with all that belongs to it, which is found by it at once', async () => {
    const cells = {
      releaseDate: '1995-12-15',
      votes: '700000',
      metaScore: '76',
      grossAmount: '18743681800',
      grossCurrency: 'USD',
      priceAmount: '999',
      priceCurrency: 'USD',
      description: '"Two men, one ""heat"".\r\nA long night."',
      genres: 'Crime|Noir\\|Black|crime',
      stars: 'Al Pacino|Robert De Niro',
      directors: 'Michael Mann',
    };
    const status = await importFile(moderator, `\ufeff${HEADER}\r\n${row(cells)}\r\n`);
    expect(status).toMatchObject({ state: 'done', counts: { ...counts, created: 1 }, errors: [], progress: 1 });
    const film = await app.anonymous.movies.get.query({ movieId: 'heat-1995' });
    expect(film).toMatchObject({
      name: 'Heat',
      time: 170,
      releaseDate: '1995-12-15',
      gross: { amount: 18_743_681_800, currency: 'USD' },
      budget: null,
      price: { amount: 999, currency: 'USD' },
      description: 'Two men, one "heat".\r\nA long night.',
      certification: { name: 'R' },
      genres: [{ name: 'Crime' }, { name: 'Noir|Black' }],
      stars: [{ name: 'Al Pacino' }, { name: 'Robert De Niro' }],
    });
    for (const query of ['pacino', 'long night']) {
      expect((await app.anonymous.movies.list.query({ query })).items).toHaveLength(1);
    }
    expect((await app.anonymous.movies.list.query({ director: 'michael mann' })).items).toHaveLength(1);
  });

  test('update the film of that name, year and time, keep its address, and leave what is the same as it is', async () => {
    await importFile(moderator, [HEADER, row(), row({ name: 'Ronin', genres: 'Crime' })].join('\n'));
    const before = await stamps();
    const again = [
      row({ genres: 'CRIME|Drama', priceAmount: '500', priceCurrency: 'USD' }),
      row({ name: 'Ronin', genres: 'cRIME' }),
    ];
    const status = await importFile(moderator, [HEADER, ...again, row({ time: '171' })].join('\n'));
    expect(status.counts).toEqual({ ...counts, rows: 3, checked: 3, created: 1, updated: 1, unchanged: 1 });
    const heat = await app.anonymous.movies.get.query({ movieId: 'heat-1995' });
    expect(heat).toMatchObject({ price: { amount: 500 }, genres: [{ name: 'Crime' }, { name: 'Drama' }] });
    const after = await stamps();
    expect(after['heat-1995-2']).toBeDefined();
    expect(after['ronin-1995']).toEqual(before['ronin-1995']);
    expect(after['heat-1995']?.getTime()).toBeGreaterThan(before['heat-1995']?.getTime() ?? 0);
  });
});

test('JSON has the fields of a new film, and says only what it wants to', async () => {
  const { name, year, time, imdb, description, certification } = aFilm({ name: 'Arrival' });
  const lines = `\n{"name":"Arrival"${JSON.stringify({ year, time, imdb, description, certification }).replace('{', ',')}\r\n  \n`;
  expect((await importFile(moderator, lines)).counts).toEqual({ ...counts, created: 1 });
  expect(await exportFilms(moderator)).toEqual([aFilm({ name })]);
});

describe('the Movie Theater columns', () => {
  const THEATER = 'names,date_x,score,genre,overview,crew,orig_title,status,orig_lang,budget_x,revenue,country';
  const CREED =
    'Creed III,03/02/2023 ,73.0,"Drama,\u00a0Action","After dominating the boxing world, Adonis thrives.",' +
    '"Michael B. Jordan, Adonis Creed, Tessa Thompson, Bianca Taylor, Michael B. Jordan, Himself",Creed III, Released,' +
    '" English, Spanish",75000000.0,271616668.25,AU';

  test('are understood', async () => {
    const status = await importFile(moderator, `${THEATER}\n${CREED}\n`);
    expect(status).toMatchObject({ state: 'done', counts: { created: 1 } });
    expect(await exportFilms(moderator)).toEqual([
      aFilm({
        name: 'Creed III',
        year: 2023,
        time: 90,
        releaseDate: '2023-03-02',
        imdb: 7.3,
        description: 'After dominating the boxing world, Adonis thrives.',
        certification: 'Not Rated',
        genres: ['Drama', 'Action'],
        stars: ['Michael B. Jordan', 'Tessa Thompson'],
        languages: ['English', 'Spanish'],
        countries: ['Australia'],
        budget: { amount: 7_500_000_000, currency: 'USD' },
        gross: { amount: 27_161_666_825, currency: 'USD' },
      }),
    ]);
    expect((await importFile(moderator, `${THEATER}\n${CREED}\n`)).counts).toMatchObject({ unchanged: 1 });
  });

  test('leave alone what they do not tell of a film that is there', async () => {
    const known = {
      name: 'Creed III',
      year: 2023,
      time: 116,
      certification: 'PG-13',
      directors: ['Michael B. Jordan'],
      price: { amount: 999, currency: 'USD' },
      metaScore: 73,
      votes: 5,
    };
    await importFile(moderator, toLines([aFilm(known)]));
    expect((await importFile(moderator, `${THEATER}\n${CREED}\n`)).counts).toMatchObject({ created: 0, updated: 1 });
    expect(await exportFilms(moderator)).toEqual([expect.objectContaining({ ...known, imdb: 7.3 })]);
  });

  test('are refused cell by cell', async () => {
    const wrong = 'x,2023-03-02,101,,,,,Rumored,,many,1e9,"US, Oz"';
    const { errors } = await importFile(moderator, `${THEATER}\n${CREED}\n${wrong}`);
    const columns = ['score', 'budget_x', 'revenue', 'date_x', 'status', 'country', 'overview'];
    expect(new Set(errors.map(({ column }) => column))).toEqual(new Set(columns));
    expect(errors).toContainEqual({ row: 2, column: 'date_x', message: 'Must be a day: MM/DD/YYYY.' });
    expect(errors).toContainEqual({ row: 2, column: 'country', message: '"Oz" is no code of a country, like US.' });
    const long = await importFile(moderator, `${THEATER}\n${CREED.replace(/,\w\w$/, `,${'X'.repeat(500_000)}`)}`);
    expect(long.errors).toMatchObject([{ column: 'country', message: expect.stringMatching(/^"X{999}…$/) }]);
  });
});

test('a dry run tells what would be done, and writes nothing', async () => {
  await importFile(moderator, toLines([aFilm({ name: 'Same' }), aFilm({ name: 'Other' })]));
  const before = await exportFilms(moderator);
  const films = [
    aFilm({ name: 'Same' }),
    aFilm({ name: 'Other', imdb: 1 }),
    aFilm({ name: 'New', stars: ['Nobody Yet'] }),
  ];
  const status = await importFile(moderator, toLines(films), { dryRun: true });
  expect(status).toMatchObject({ state: 'done', dryRun: true, counts: { created: 1, updated: 1, unchanged: 1 } });
  expect(await exportFilms(moderator)).toEqual(before);
  expect(await app.db.selectFrom('stars').where('name', '=', 'Nobody Yet').selectAll().execute()).toEqual([]);
});

describe('what is wrong is told by row and column, and nothing is written', () => {
  const wrong = (r: number | null, column: string | null, message: unknown = expect.any(String)) => ({
    row: r,
    column,
    message,
  });
  const json = (film: object) => toLines([aFilm({ name: 'Well' }), film]);
  const well = row({ name: 'Well' });
  const files: [string, string | Uint8Array<ArrayBuffer>, ReturnType<typeof wrong>[]][] = [
    ['nothing but space', ' \n\n', [wrong(null, null, 'The file is empty.')]],
    ['a header without rows', HEADER, [wrong(null, null, 'The file has no rows.')]],
    ['a long header', 'x,'.repeat(700_000), [wrong(null, null, 'A row has at most 1 MB.')]],
    [
      'another table',
      'a,b\n1,2',
      [wrong(null, null, expect.stringMatching(/missing: name, year, .*unknown.*"a", "b"/))],
    ],
    ['a column too few', HEADER.replace(',stars', ''), [wrong(null, null, 'These columns are missing: stars.')]],
    ['a column twice', `${HEADER},name`, [wrong(null, null, expect.stringContaining('there twice: "name"'))]],
    ['a cell too many', `${HEADER}\n${well}\n${row()},x`, [wrong(2, null, 'The row has 22 cells, and the header 21.')]],
    [
      'an open quote',
      `${HEADER}\n${well}\n${row({ name: '"Heat' })}`,
      [wrong(2, null, 'A quote is opened and not closed.')],
    ],
    [
      'a stray quote',
      `${HEADER}\n${well}\n${row({ name: 'He"at' })}`,
      [wrong(2, null, expect.stringContaining('quote'))],
    ],
    ['a long record', `${HEADER}\n${well}\n${'x,'.repeat(700_000)}`, [wrong(2, null, 'A row has at most 1 MB.')]],
    [
      'a long line',
      `${toLines([aFilm({ name: 'x' })])}{"name":"${'x'.repeat(1_000_001)}"}`,
      [wrong(2, null, 'A row has at most 1 MB.')],
    ],
    [
      'what is no UTF-8',
      Buffer.concat([Buffer.from(`${HEADER}\n${well}\n`), Buffer.from(row({ name: 'Amélie' }), 'latin1')]),
      [wrong(2, 'name', 'This is not UTF-8.')],
    ],
    ['a NUL', `${HEADER}\n${well}\n${row({ description: 'a\0b' })}`, [wrong(2, 'description')]],
    ['half a pair', json(aFilm({ name: 'x' })).replace('"x"', String.raw`"\ud800"`), [wrong(2, 'name')]],
    [
      'cells of every kind',
      `${HEADER}\n${well}\n${row({ year: 'MCM', time: '0', imdb: '11', status: 'lost', releaseDate: '1.1.2000', grossAmount: '5', genres: '|' })}`,
      [
        wrong(2, 'year', 'Must be a number.'),
        ...['time', 'releaseDate', 'imdb', 'grossCurrency', 'status'].map((column) => wrong(2, column)),
        wrong(2, 'genres'),
        wrong(2, 'genres'),
      ],
    ],
    [
      'a name that is an id',
      json(aFilm({ name: 'x', genres: [crypto.randomUUID()] })),
      [wrong(2, 'genres', 'Must be a name.')],
    ],
    ['no JSON', '{"name":', [wrong(1, null, 'This is not JSON.')]],
    ['a list', `${json({}).split('\n')[0]}\n[1]`, [wrong(2, null)]],
    [
      'fields of another kind',
      json({ ...aFilm({ name: 'x' }), imdb: '7', price: { amount: 1.5, currency: 'USD' }, id: 1, tags: [] }),
      [
        wrong(2, 'imdb'),
        wrong(2, 'price.amount'),
        wrong(2, 'id', 'Unknown field.'),
        wrong(2, 'tags', 'Unknown field.'),
      ],
    ],
    ['keys that are traps', `${json({}).split('\n')[0]}\n{"__proto__":1}`, [wrong(2, null)]],
    [
      'the same film twice',
      toLines([aFilm({ name: 'x' }), aFilm({ name: 'y' }), aFilm({ name: ' x' })]),
      [wrong(3, null, 'This is the film of row 1 again.')],
    ],
    ['a year to come', json(aFilm({ name: 'x', year: 2_100 })), [wrong(2, 'year')]],
    [
      'a price nobody can pay',
      json(aFilm({ name: 'x', price: { amount: 1, currency: 'USD' } })),
      [wrong(2, 'priceAmount')],
    ],
    [
      'another currency',
      json(aFilm({ name: 'x', price: { amount: 900, currency: 'EUR' } })),
      [wrong(2, 'priceCurrency')],
    ],
  ];

  test.for(files)('%s', async ([, file, errors]) => {
    const status = await importFile(moderator, file);
    expect(status).toMatchObject({ state: 'rejected', counts: { created: 0, updated: 0 }, progress: 1 });
    expect(status.errors).toEqual(errors);
    expect(status.errorCount).toBe(errors.length);
    expect(await exportFilms(moderator)).toEqual([]);
  });

  test('in a word, however long what is wrong', async () => {
    const long = 'x'.repeat(500_000);
    const status = await importFile(moderator, `${toLines([aFilm({ name: 'x', [long]: 1 })])}`);
    expect(status.errors).toEqual([{ row: 1, column: `${long.slice(0, 100)}…`, message: 'Unknown field.' }]);
  });

  test('a thousand times, and how many there are in all', async () => {
    const films = Array.from({ length: 1_500 }, (_, index) =>
      aFilm({ name: `Film ${index}`, imdb: index % 2 ? 5 : 11 }),
    );
    const status = await importFile(moderator, toLines([...films, ...films]));
    expect(status).toMatchObject({ errorCount: 2_250, counts: { rows: null, checked: 3_000, failed: 2_250 } });
    expect(status.errors).toHaveLength(1_000);
    expect(status.errors.at(-1)).toMatchObject({ row: 1_750 });
  });
});

describe('an upload', () => {
  test('is on record, and its file is gone when it has ended', async () => {
    const { jobId } = await importFile(moderator, toLines([aFilm({ name: 'x' })]), { dryRun: true });
    const acts = await app.db.selectFrom('auditEntries').where('targetId', '=', jobId).selectAll().execute();
    expect(acts).toMatchObject([{ action: 'movies.import', actorId: moderator.userId, details: { dryRun: true } }]);
    await waitUntilDone(app, removeObjectsJob.name);
    expect(await storedFiles()).toEqual([]);
  });

  test('is taken raw over REST, with its options in the query', async () => {
    const body = toLines([aFilm({ name: 'x' })]);
    const headers = { 'content-type': 'application/x-ndjson; charset=utf-8' };
    const { status, body: started } = await app.rest('POST', '/movies/import?dryRun=true', {
      viewer: moderator,
      body,
      headers,
    });
    expect(status).toBe(202);
    const told = await app.rest('GET', `/movies/import/${started.jobId}`, { viewer: moderator });
    expect(told.body).toMatchObject({ jobId: started.jobId, dryRun: true });
    expect((await app.rest('GET', `/movies/import/${crypto.randomUUID()}`, { viewer: moderator })).status).toBe(404);
    await expectEnd(started.jobId);
  });

  test('of another type, without content or too large is refused, and nothing is kept of it', async () => {
    const send = async (type: string, body: string) =>
      (await app.rest('POST', '/movies/import', { viewer: moderator, body, headers: { 'content-type': type } })).body;
    expect(await send('application/json', '{}')).toMatchObject({ status: 415, reason: 'unsupported_media_type' });
    expect(await send('text/csv', '')).toMatchObject({ status: 400, reason: 'invalid_input' });
    const token = (await moderator.client.$session.accessToken()) ?? '';
    expect(await sendInChunks(token, 501)).toBe(413);
    const error = await app.anonymous.movies.import
      .mutate({ file: new Blob(['x']) })
      .catch((thrown: unknown) => thrown);
    expect(isCinemaError(error, 'not_authenticated')).toBe(true);
    await waitUntilDone(app, removeObjectsJob.name);
    expect(await storedFiles()).toEqual([]);
  });
});

test('two of the same films at once make each film once, and nobody fails', async () => {
  const films = Array.from({ length: 600 }, (_, index) =>
    aFilm({ name: `Film ${index % 300}`, time: 90 + Math.floor(index / 300), stars: [`Star ${index % 7}`] }),
  );
  const [one, other] = await Promise.all([
    importFile(moderator, toLines(films)),
    importFile(moderator, toLines(films.toReversed())),
  ]);
  expect([one.state, other.state]).toEqual(['done', 'done']);
  expect(one.counts.created + other.counts.created).toBe(600);
  expect(await exportFilms(moderator)).toHaveLength(600);
});

test('the sweep ends what does not get on and removes what nobody works on, a day later', async () => {
  const { id } = await app.db
    .insertInto('imports')
    .values({ storageKey: 'imports/lost', byteCount: 1, dryRun: false, createdAt: app.clock.now() })
    .returning('id')
    .executeTakeFirstOrThrow();
  await app.deps.storage.put('imports/orphan', Buffer.from('x'));
  const sweep = () => importSweepJob.run(app.deps, {}, new AbortController().signal);
  await sweep();
  expect(await storedFiles()).toEqual(['imports/orphan']);
  expect((await moderator.client.movies.importStatus.query({ jobId: id })).state).toBe('waiting');
  app.clock.advance(86_400 + 60);
  await sweep();
  expect(await storedFiles()).toEqual([]);
  expect(await moderator.client.movies.importStatus.query({ jobId: id })).toMatchObject({
    state: 'failed',
    errorCount: 1,
  });
});

async function expectEnd(jobId: string): Promise<void> {
  await expect.poll(async () => (await status(jobId)).state, { timeout: 10_000 }).toBe('done');
}

async function status(jobId: string): Promise<ImportStatus> {
  return await moderator.client.movies.importStatus.query({ jobId });
}

async function stamps(): Promise<Record<string, Date>> {
  const rows = await app.db.selectFrom('movies').select(['slug', 'updatedAt']).execute();
  return Object.fromEntries(rows.map(({ slug, updatedAt }) => [slug, updatedAt]));
}

async function storedFiles(): Promise<string[]> {
  const keys = [];
  for await (const { key } of app.deps.storage.list('imports')) keys.push(key);
  return keys;
}

/** Sends so many pieces of 100,000 bytes without saying how many there will be; the status of the answer. */
async function sendInChunks(token: string, count: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    const sent = request(
      `${app.url}/api/v1/movies/import`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv', 'transfer-encoding': 'chunked' },
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    for (let piece = 0; piece < count; piece += 1) sent.write(Buffer.alloc(100_000, 'x'));
    sent.end();
  });
}
