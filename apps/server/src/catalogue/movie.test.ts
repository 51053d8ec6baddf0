import { createCinemaClient } from '@online-cinema/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie, giveMovie } from '../testing/factories.ts';
import { addVideo } from '../testing/media.ts';
import { refreshMovies } from './movie-writes.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

test('a film is found by its id and by its slug, in capitals too', async () => {
  const film = await createMovie(app.db, { name: 'Amélie', year: 2001 });
  const byId = await app.anonymous.movies.get.query({ movieId: film.id });
  expect(byId).toMatchObject({ id: film.id, slug: film.slug, name: 'Amélie', year: 2001 });
  for (const movieId of [film.slug, film.slug.toUpperCase(), film.id.toUpperCase()]) {
    expect(await app.anonymous.movies.get.query({ movieId })).toEqual(byId);
  }
});

test('a card is a film without its description, its counters but the rating, and more than three stars', async () => {
  const stars = ['Ada Quill', 'Bo Stern', 'Cy Young', 'Di Fox'];
  const { id } = await createMovie(app.db, { stars, countries: ['Peru'], languages: ['Quechua'] });
  const money = { grossAmount: 7, grossCurrency: 'EUR', budgetAmount: 8, budgetCurrency: 'PEN', metaScore: 61 };
  await app.db.updateTable('movies').set(money).where('id', '=', id).execute();
  const film = await app.anonymous.movies.get.query({ movieId: id });
  const { description: _d, likeCount: _l, dislikeCount: _i, favoriteCount: _f, commentCount: _c, ...card } = film;
  const { items } = await app.anonymous.movies.list.query({ star: 'Di Fox' });
  expect(items).toEqual([{ ...card, stars: film.stars.slice(0, 3) }]);
  expect(film.stars.map(({ name }) => name)).toEqual(stars);
});

test('everything about a film is told', async () => {
  const film = await createMovie(app.db, {
    name: 'The Long Night',
    description: 'It is long.',
    imdb: 8.1,
    votes: 1234,
    priceAmount: 1299,
    directors: ['Ann Second', 'Bob First'],
  });
  await app.db
    .updateTable('movies')
    .set({
      releaseDate: '1999-12-31',
      metaScore: 77,
      grossAmount: 9_007_199_254_740_991,
      grossCurrency: 'USD',
      budgetAmount: 0,
      budgetCurrency: 'JPY',
      ratingSum: 17,
      ratingCount: 2,
    })
    .where('id', '=', film.id)
    .execute();
  for (const [position, name] of ['Star D', 'Star B', 'Star C', 'Star A'].entries())
    await addStar(film.id, name, position);

  const { body } = await app.rest('GET', `/movies/${film.slug}`);

  expect(body).toMatchObject({
    id: film.id,
    description: 'It is long.',
    imdb: 8.1,
    votes: 1234,
    metaScore: 77,
    releaseDate: '1999-12-31',
    price: { amount: 1299, currency: 'USD' },
    gross: { amount: 9_007_199_254_740_991, currency: 'USD' },
    budget: { amount: 0, currency: 'JPY' },
    ratingAverage: 8.5,
    ratingCount: 2,
    status: 'released',
    certification: { name: 'PG-13' },
    genres: [{ name: 'Drama' }],
    directors: [{ name: 'Ann Second' }, { name: 'Bob First' }],
    stars: [{ name: 'Star D' }, { name: 'Star B' }, { name: 'Star C' }, { name: 'Star A' }],
    countries: [],
    languages: [],
    hasVideo: false,
    trailer: null,
    posterUrl: expect.stringMatching(`^http://cinema.test/posters/${film.id}.svg\\?v=`),
  });
  expect(new Date(body.createdAt).getTime()).toBeGreaterThan(0);
  const card = (await app.rest('GET', '/movies?query=long+night')).body.items[0];
  expect(card.stars.map((star: { name: string }) => star.name)).toEqual(['Star D', 'Star B', 'Star C']);
  expect(card).not.toHaveProperty('description');
});

test('a film nobody rated or sells says so with null', async () => {
  const film = await createMovie(app.db, { priceAmount: null });
  expect(await app.anonymous.movies.get.query({ movieId: film.id })).toMatchObject({
    price: null,
    ratingAverage: null,
    ratingCount: 0,
    releaseDate: null,
    metaScore: null,
    gross: null,
    budget: null,
  });
});

test('a film with videos says so', async () => {
  const film = await createMovie(app.db);
  await addVideo(app, film.id);
  await addVideo(app, film.id, { kind: 'trailer' });
  expect(await app.anonymous.movies.get.query({ movieId: film.slug })).toMatchObject({
    hasVideo: true,
    trailer: `http://cinema.test/api/v1/movies/${film.id}/trailer/play`,
  });
});

describe('not there', () => {
  test.for([
    ['an unknown slug', 'nothing-2001'],
    ['an unknown id', '019a5a4e-7c00-7000-8000-000000000001'],
    ['the letters of an id without its dashes', '019a5a4e7c00700080000000000001'],
    ['the longest slug', 'a'.repeat(300)],
  ])('%s', async ([, ref]) => {
    const answer = await app.rest('GET', `/movies/${ref}`);
    expect(answer.status).toBe(404);
    expect(answer.body.reason).toBe('not_found');
  });

  test('a withdrawn film, for its owner too', async () => {
    const film = await createMovie(app.db, { withdrawnAt: new Date() });
    const owner = await app.signIn();
    await giveMovie(app.db, owner.userId, film.id);
    for (const ref of [film.id, film.slug]) {
      expect((await app.rest('GET', `/movies/${ref}`)).status).toBe(404);
      expect((await app.rest('GET', `/movies/${ref}`, { viewer: owner })).status).toBe(404);
    }
  });
});

test.for(['heat_1995', 'heat--1995', '-heat', 'heat-', 'he%20at', 'h%C3%A9at', '%25', "'", 'a'.repeat(301), 'a%2fb'])(
  'an address that can be none of a film is refused: %s',
  async (ref) => {
    const { status } = await app.rest('GET', `/movies/${ref}`);
    expect(status).toBe(400);
  },
);

describe('what a viewer has to do with a film', () => {
  test('is told to who is signed in, each for himself', async () => {
    const [owner, shopper] = [await app.signIn(), await app.signIn()];
    const film = await createMovie(app.db);
    await giveMovie(app.db, owner.userId, film.id);
    await shopper.client.cart.add.mutate({ movieId: film.id });
    expect(await owner.client.movies.get.query({ movieId: film.id })).toMatchObject({ owned: true, inCart: false });
    expect(await shopper.client.movies.get.query({ movieId: film.slug })).toMatchObject({ owned: false, inCart: true });
    const { body } = await app.rest('GET', `/movies/${film.id}`);
    expect(body).not.toHaveProperty('owned');
    expect(body).not.toHaveProperty('inCart');
  });

  test.for(['Bearer x', 'Bearer a.b.c', 'Bearer', 'Basic dTpw', 'x'.repeat(3_000)])(
    'a wrong token is refused, not taken for nobody: %s',
    async (authorization) => {
      const film = await createMovie(app.db);
      const answer = await app.rest('GET', `/movies/${film.id}`, { headers: { authorization } });
      expect(answer.status).toBe(401);
      expect(answer.body.reason).toBe('not_authenticated');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    },
  );

  test('a token is worth nothing once its session has ended', async () => {
    const film = await createMovie(app.db);
    const { email } = await app.signIn();
    const client = createCinemaClient({ baseUrl: app.url });
    await client.$session.signIn({ email, password: PASSWORD });
    const headers = { authorization: `Bearer ${await client.$session.accessToken()}` };
    expect((await app.rest('GET', `/movies/${film.id}`, { headers })).status).toBe(200);
    await client.$session.signOut();
    expect((await app.rest('GET', `/movies/${film.id}`, { headers })).status).toBe(401);
  });
});

async function addStar(movieId: string, name: string, position: number): Promise<void> {
  const star = await app.db.insertInto('stars').values({ name }).returning('id').executeTakeFirstOrThrow();
  await app.db.insertInto('movieStars').values({ movieId, starId: star.id, position }).execute();
  await refreshMovies(app.db, [movieId]);
}
