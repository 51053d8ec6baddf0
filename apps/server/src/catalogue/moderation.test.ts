import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { tally } from '../testing/shop.ts';

let app: TestApp;
let moderator: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  moderator = await app.signIn({ role: 'moderator' });
});
afterAll(() => app[Symbol.asyncDispose]());

/** What a film needs, and more when given. */
function film(given: object = {}) {
  return { name: 'Heat', year: 1995, time: 170, imdb: 8.3, description: 'Two men.', certification: 'R', ...given };
}

const create = (given: object = {}, viewer = moderator) => app.rest('POST', '/movies', { viewer, body: film(given) });
const update = (ref: string, body: object) => app.rest('PATCH', `/movies/${ref}`, { viewer: moderator, body });
const namesOf = (list: { name: string }[]) => list.map(({ name }) => name);

async function auditOf(targetId: string) {
  const rows = app.db.selectFrom('auditEntries').where('targetId', '=', targetId).orderBy('id');
  return await rows.select(['action', 'actorId', 'targetKind', 'details']).execute();
}

async function countRows(table: 'movies' | 'stars' | 'genres'): Promise<number> {
  const row = await app.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirst();
  return Number(row?.count);
}

describe('a new film', () => {
  test('is there with all that was given, at the address that is answered', async () => {
    const given = {
      name: '  Léon:\u00a0 The   Professional ',
      year: 1994,
      time: 110,
      releaseDate: '1994-09-14',
      imdb: 8.5,
      votes: 1_200_000,
      metaScore: 64,
      gross: { amount: 1_955_300_000, currency: 'EUR' },
      budget: { amount: 1_600_000_000, currency: 'USD' },
      description: 'A girl, a plant, a man.\n\nAnd milk.',
      price: { amount: 999, currency: 'USD' },
      status: 'post_production',
      certification: 'R',
      genres: ['Crime', 'Drama', 'crime'],
      stars: ['Jean  Reno', 'Natalie Portman'],
      directors: ['Luc Besson'],
      countries: ['France'],
      languages: ['English', 'Italian'],
    };
    const { status, headers, body } = await app.rest('POST', '/movies', { viewer: moderator, body: given });
    expect(status, JSON.stringify(body)).toBe(201);
    const { certification, genres, stars, directors, countries, languages, ...plain } = given;
    expect(body).toMatchObject({
      ...plain,
      name: 'Léon: The Professional',
      slug: 'leon-the-professional-1994',
      owned: false,
    });
    expect(body.certification.name).toBe(certification);
    expect(namesOf(body.genres)).toEqual(['Crime', 'Drama']);
    expect(namesOf(body.stars)).toEqual(['Jean Reno', 'Natalie Portman']);
    expect([directors, countries, languages]).toEqual([
      namesOf(body.directors),
      namesOf(body.countries),
      namesOf(body.languages),
    ]);
    expect([genres.length, stars.length]).toEqual([3, 2]);
    expect(headers.get('location')).toBe(`/api/v1/movies/${body.id}`);
    const found = await app.anonymous.movies.get.query({ movieId: 'leon-the-professional-1994' });
    expect(found.id).toBe(body.id);
    // Searches and filters know it at once.
    expect((await app.anonymous.movies.list.query({ query: 'reno professional' })).items[0]?.id).toBe(body.id);
    expect(await auditOf(body.id)).toEqual([
      { action: 'movies.create', actorId: moderator.userId, targetKind: 'movie', details: {} },
    ]);
  });

  test('takes related rows by name in any case, and by id', async () => {
    const [genre, star] = [
      await moderator.client.genres.create.mutate({ name: 'Ökofilm' }),
      await moderator.client.stars.create.mutate({ name: 'Zoë Kravitz' }),
    ];
    const { body } = await create({
      time: 1,
      genres: ['öKOFILM', 'Drama'],
      stars: [star.id.toUpperCase(), 'Al Pacino'],
    });
    expect(body.genres[0]).toEqual({ id: genre.id, name: 'Ökofilm' });
    expect(body.stars[0]).toEqual({ id: star.id, name: 'Zoë Kravitz' });
    expect((await app.anonymous.genres.get.query({ genreId: genre.id })).movieCount).toBe(1);
  });

  test('is refused when it is there already; one that was withdrawn is in nobody’s way', async () => {
    const first = await create({ time: 2, stars: ['Somebody new'] });
    const stars = await countRows('stars');
    const again = await create({ time: 2, stars: ['Somebody else new'] });
    expect([again.status, again.body.reason]).toEqual([409, 'movie_exists']);
    // Not even a name is left of it.
    expect(await countRows('stars')).toBe(stars);
    await app.db.updateTable('movies').set({ withdrawnAt: new Date() }).where('id', '=', first.body.id).execute();
    const { status, body } = await create({ time: 2 });
    expect(status).toBe(201);
    expect(body.slug).not.toBe(first.body.slug);
  });

  test('names every id that is unknown, and what is left out has its default', async () => {
    const missing = '019a5a4e-7c00-7000-8000-0000000000ff';
    const refused = await create({ time: 3, certification: missing, genres: ['Drama', missing], directors: [missing] });
    expect([refused.status, refused.body.reason]).toEqual([400, 'unknown_id']);
    expect(refused.body.issues.map(({ path }: { path: unknown }) => path)).toEqual([
      ['genres', 1],
      ['directors', 0],
      ['certification'],
    ]);
    const { body } = await create({ time: 3 });
    expect(body).toMatchObject({
      price: null,
      gross: null,
      votes: 0,
      status: 'released',
      releaseDate: null,
      stars: [],
    });
  });

  test.for([
    ['year', { year: 1887 }],
    ['year', { year: new Date().getUTCFullYear() + 50 }],
    ['time', { time: 0 }],
    ['imdb', { imdb: 7.55 }],
    ['imdb', { imdb: 10.1 }],
    ['votes', { votes: 3_000_000_000 }],
    ['metaScore', { metaScore: 101 }],
    ['name', { name: ' \t ' }],
    ['name', { name: 'x'.repeat(251) }],
    ['name', { name: 'bell\u0007' }],
    ['description', { description: '' }],
    ['releaseDate', { releaseDate: '1995-02-30' }],
    ['status', { status: 'lost' }],
    ['certification', { certification: '' }],
    ['genres.0', { genres: ['x'.repeat(101)] }],
    ['price.currency', { price: { amount: 999, currency: 'EUR' } }],
    ['price.amount', { price: { amount: 49, currency: 'USD' } }],
    ['price.amount', { price: { amount: 100_000_000, currency: 'USD' } }],
    ['price.amount', { price: { amount: -1, currency: 'USD' } }],
    ['gross.currency', { gross: { amount: 1, currency: 'usd' } }],
    ['slug', { slug: 'my-own' }],
  ] as const)('is refused with a wrong %s: %j', async ([path, given]) => {
    const { status, body } = await create(given);
    expect([status, body.reason]).toEqual([400, 'invalid_input']);
    const paths = body.issues.map((issue: { path: string[] }) => issue.path.join('.'));
    expect(paths).toEqual([path]);
  });

  test('may cost nothing', async () => {
    const { body } = await create({ time: 4, price: { amount: 0, currency: 'USD' } });
    expect(body.price).toEqual({ amount: 0, currency: 'USD' });
  });
});

describe('many at once', () => {
  test('of one film make it once, and the others are told so', async () => {
    const given = { name: 'Fifty at once', genres: ['Thriller', 'Race'], stars: ['First New', 'Second New'] };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        create({
          ...given,
          stars: index % 2 ? given.stars : given.stars.toReversed().map((name) => name.toUpperCase()),
        }),
      ),
    );
    expect(tally(answers)).toEqual({ 201: 1, movie_exists: 49 });
  });

  test('of films that differ in time only have addresses of their own, and share their names', async () => {
    const [genres, stars] = [await countRows('genres'), await countRows('stars')];
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => {
        const names = Array.from({ length: 8 }, (_each, star) => `Crowd ${(star * 7 + index) % 8}`);
        return create({ name: 'The crowd', time: 100 + index, genres: ['Crowd film'], stars: names });
      }),
    );
    expect(tally(answers)).toEqual({ 201: 30 });
    const slugs = answers.map(({ body }) => body.slug as string);
    expect(new Set(slugs).size).toBe(30);
    expect(slugs).toEqual(expect.arrayContaining(['the-crowd-1995', 'the-crowd-1995-2', 'the-crowd-1995-9']));
    expect([await countRows('genres'), await countRows('stars')]).toEqual([genres + 1, stars + 8]);
    const { items } = await app.anonymous.genres.list.query({ query: 'crowd film' });
    expect(items).toMatchObject([{ name: 'Crowd film', movieCount: 30 }]);
  });

  test('changes of the same films, with the same names in all orders, are all done', async () => {
    const films = await Promise.all([1, 2, 3].map((time) => create({ name: 'Changing', time })));
    const names = ['Anna', 'Bert', 'Cora', 'Dora'];
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const turned = names.map((__, at) => names[(at + index) % 4]!);
        return update(films[index % 3]!.body.id, { stars: turned.slice(0, 1 + (index % 4)), genres: turned.slice(2) });
      }),
    );
    expect(tally(answers)).toEqual({ 200: 40 });
    const counted = await app.db
      .selectFrom('stars')
      .where('name', 'in', names)
      .select((eb) => [
        'movieCount',
        eb
          .selectFrom('movieStars')
          .whereRef('movieStars.starId', '=', 'stars.id')
          .select((link) => link.fn.countAll<number>().as('count'))
          .as('links'),
      ])
      .execute();
    for (const { movieCount, links } of counted) expect(movieCount).toBe(Number(links));
  });
});

describe('a change', () => {
  test('writes what is given, clears what is null, and leaves the rest and the address', async () => {
    const { body: before } = await create({
      name: 'Before',
      genres: ['Drama', 'Crime'],
      stars: ['One Star', 'Two Stars'],
      metaScore: 50,
      price: { amount: 500, currency: 'USD' },
    });
    const { status, body } = await update(before.slug, {
      name: 'After',
      metaScore: null,
      price: null,
      genres: ['Crime', 'Western'],
      directors: [],
      certification: 'G',
      votes: 0,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ ...before, ...body, slug: before.slug, name: 'After', metaScore: null, price: null });
    expect(namesOf(body.genres)).toEqual(['Crime', 'Western']);
    expect(body.stars).toEqual(before.stars);
    expect(body.posterUrl).not.toBe(before.posterUrl);
    expect((await auditOf(before.id)).at(-1)).toMatchObject({
      action: 'movies.update',
      details: { fields: 'name, metaScore, price, certification, genres' },
    });
    const found = async (query: string) =>
      (await app.anonymous.movies.list.query({ query })).items.some(({ id }) => id === before.id);
    expect([await found('before'), await found('after')]).toEqual([false, true]);
  });

  test('that changes nothing is neither written nor put on record', async () => {
    const { body: before } = await create({
      name: 'Still',
      genres: ['Drama'],
      price: { amount: 500, currency: 'USD' },
    });
    const { body } = await update(before.id, {
      name: 'Still',
      imdb: 8.3,
      genres: ['DRAMA'],
      price: { amount: 500, currency: 'USD' },
    });
    expect(body).toEqual(before);
    expect((await update(before.id, {})).body).toEqual(before);
    expect(await auditOf(before.id)).toHaveLength(1);
  });

  test('of what no drawing shows leaves the address of the drawn poster', async () => {
    const { body: before } = await create({ name: 'Drawn' });
    const { body } = await update(before.id, { votes: 17, description: 'Another.' });
    expect(body.posterUrl).toBe(before.posterUrl);
    expect((await update(before.id, { genres: ['Western'] })).body.posterUrl).not.toBe(before.posterUrl);
  });

  test('to a film that is there is refused, also when two become the same at once', async () => {
    const films = await Promise.all([1, 2, 3].map((time) => create({ name: 'Alike', time })));
    const [one, two, three] = films.map(({ body }) => body.id as string);
    expect((await update(one!, { time: 2 })).body.reason).toBe('movie_exists');
    expect(tally(await Promise.all([update(two!, { time: 9 }), update(three!, { time: 9 })]))).toEqual({
      200: 1,
      movie_exists: 1,
    });
  });

  test('of a film that is not there, or was withdrawn, is refused, and makes no names', async () => {
    const withdrawn = await createMovie(app.db, { withdrawnAt: new Date() });
    const stars = await countRows('stars');
    for (const ref of [withdrawn.id, withdrawn.slug, 'no-such-film', '019a5a4e-7c00-7000-8000-0000000000ff']) {
      const { status, body } = await update(ref, { stars: ['Never Made'] });
      expect([status, body.reason]).toEqual([404, 'not_found']);
    }
    expect(await countRows('stars')).toBe(stars);
  });

  test('is refused with what no film may have', async () => {
    const { body } = await create({ name: 'Refused' });
    expect((await update(body.id, { price: { amount: 1, currency: 'USD' } })).body.issues).toEqual([
      { path: ['price', 'amount'], message: 'At least $0.50, or nothing.' },
    ]);
    expect((await update(body.id, { name: null })).status).toBe(400);
    expect((await update(body.id, { certification: '019a5a4e-7c00-7000-8000-0000000000ff' })).body.reason).toBe(
      'unknown_id',
    );
  });
});

test('the SDK takes and gives the same', async () => {
  const made = await moderator.client.movies.create.mutate({ ...film({ name: 'By SDK' }), stars: ['Jean Reno'] });
  expect(made.createdAt).toBeInstanceOf(Date);
  const changed = await moderator.client.movies.update.mutate({ movieId: made.slug, releaseDate: '1995-12-15' });
  expect(changed).toMatchObject({ id: made.id, releaseDate: '1995-12-15', stars: made.stars });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => line.includes('procedure failed') || line.includes('the database refused'))).toEqual(
    [],
  );
});
