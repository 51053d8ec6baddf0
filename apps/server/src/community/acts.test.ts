import { createCinemaClient } from '@online-cinema/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie, giveMovie } from '../testing/factories.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

test('a viewer likes a film, changes his mind and takes it back; each answer says how many think so', async () => {
  const [viewer, other] = [await app.signIn(), await app.signIn()];
  const { id: movieId, slug } = await createMovie(app.db);
  const set = (reaction: string) => app.rest('PUT', `/movies/${slug}/reaction`, { viewer, body: { reaction } });
  await other.client.reactions.set.mutate({ movieId, reaction: 'like' });

  expect(await set('like')).toMatchObject({ status: 200, body: { likeCount: 2, dislikeCount: 0 } });
  expect((await set('like')).body).toEqual({ likeCount: 2, dislikeCount: 0 });
  expect((await set('dislike')).body).toEqual({ likeCount: 1, dislikeCount: 1 });
  for (const _ of ['once', 'again']) {
    const cleared = await app.rest('DELETE', `/movies/${slug}/reaction`, { viewer });
    expect([cleared.status, cleared.body]).toEqual([204, undefined]);
  }
  expect(await app.anonymous.movies.get.query({ movieId })).toMatchObject({ likeCount: 1, dislikeCount: 0 });
});

test('the average of ratings is that of the last score of each viewer', async () => {
  const [viewer, other] = [await app.signIn(), await app.signIn()];
  const { id: movieId } = await createMovie(app.db, { imdb: 1 });
  const rate = (score: number) => app.rest('PUT', `/movies/${movieId}/rating`, { viewer, body: { score } });
  await other.client.ratings.set.mutate({ movieId, score: 8 });

  expect(await rate(1)).toMatchObject({ status: 200, body: { ratingAverage: 4.5, ratingCount: 2 } });
  expect((await rate(10)).body).toEqual({ ratingAverage: 9, ratingCount: 2 });
  for (const _ of ['once', 'again']) {
    const cleared = await app.rest('DELETE', `/movies/${movieId}/rating`, { viewer });
    expect(cleared).toMatchObject({ status: 200, body: { ratingAverage: 8, ratingCount: 1 } });
  }
  expect(await other.client.ratings.clear.mutate({ movieId })).toEqual({ ratingAverage: null, ratingCount: 0 });
});

test('a favourite is one however often it is added, and none however often it is removed', async () => {
  const viewer = await app.signIn();
  const { id: movieId } = await createMovie(app.db);
  const count = async () => (await app.anonymous.movies.get.query({ movieId })).favoriteCount;
  for (const _ of ['once', 'again']) {
    expect((await app.rest('PUT', `/favorites/${movieId}`, { viewer })).status).toBe(204);
    expect(await count()).toBe(1);
  }
  for (const _ of ['once', 'again']) {
    expect((await app.rest('DELETE', `/favorites/${movieId}`, { viewer })).status).toBe(204);
    expect(await count()).toBe(0);
  }
});

test('a film tells whoever is signed in what he thinks of it, and nobody else', async () => {
  const [viewer, other] = [await app.signIn(), await app.signIn()];
  const { id: movieId } = await createMovie(app.db);
  const before = await app.anonymous.movies.get.query({ movieId });
  const nothing = { owned: false, inCart: false, favorite: false, myReaction: null, myRating: null };
  expect(await viewer.client.movies.get.query({ movieId })).toEqual({ ...before, ...nothing });

  await viewer.client.reactions.set.mutate({ movieId, reaction: 'dislike' });
  await viewer.client.ratings.set.mutate({ movieId, score: 3 });
  await viewer.client.favorites.add.mutate({ movieId });
  await giveMovie(app.db, viewer.userId, movieId);

  const counters = { dislikeCount: 1, ratingCount: 1, ratingAverage: 3, favoriteCount: 1 };
  // Counters are no change of the film: `updatedAt` stays.
  const after = { ...before, ...counters };
  expect(await app.anonymous.movies.get.query({ movieId })).toEqual(after);
  expect(await other.client.movies.get.query({ movieId })).toEqual({ ...after, ...nothing });
  const own = { owned: true, inCart: false, favorite: true, myReaction: 'dislike', myRating: 3 };
  expect(await viewer.client.movies.get.query({ movieId })).toEqual({ ...after, ...own });
  expect((await app.rest('GET', `/movies/${movieId}`, { viewer })).body).toMatchObject(own);
});

const ACTS = [
  ['PUT', 'movies/*/reaction', { reaction: 'like' }],
  ['DELETE', 'movies/*/reaction', undefined],
  ['PUT', 'movies/*/rating', { score: 5 }],
  ['DELETE', 'movies/*/rating', undefined],
  ['PUT', 'favorites/*', undefined],
  ['DELETE', 'favorites/*', undefined],
] as const;

describe.for(ACTS)('%s /%s', ([method, path, body]) => {
  test('finds neither what is not there nor what was withdrawn', async () => {
    const viewer = await app.signIn();
    const { id } = await createMovie(app.db, { withdrawnAt: new Date() });
    for (const ref of [id, '019a5a4e-7c00-7000-8000-0000000000ff', 'no-such-film-1999']) {
      const answer = await app.rest(method, `/${path.replace('*', ref)}`, { viewer, ...(body && { body }) });
      expect([answer.status, answer.body.reason]).toEqual([404, 'not_found']);
    }
  });
});

test.for([
  ['reaction', { reaction: 'love' }],
  ['reaction', {}],
  ['rating', { score: 0 }],
  ['rating', { score: 11 }],
  ['rating', { score: 7.5 }],
  ['rating', { score: '7' }],
] as const)('a %s of %o is refused', async ([what, body]) => {
  const viewer = await app.signIn();
  const { id } = await createMovie(app.db);
  const answer = await app.rest('PUT', `/movies/${id}/${what}`, { viewer, body });
  expect([answer.status, answer.body.reason]).toEqual([400, 'invalid_input']);
});

test('sixty acts a minute are let through, all kinds together, and no more', async () => {
  const replica = await app.startReplica({ RATE_LIMITS: 'on' });
  const client = createCinemaClient({ baseUrl: replica.url! });
  const { email } = await app.signIn();
  await client.$session.signIn({ email, password: PASSWORD });
  const { id: movieId } = await createMovie(app.db);
  for (let count = 0; count < 20; count += 1) {
    await client.reactions.set.mutate({ movieId, reaction: 'like' });
    await client.ratings.set.mutate({ movieId, score: 5 });
    await client.favorites.add.mutate({ movieId });
  }
  const refusal = { data: { reason: 'too_many_requests', httpStatus: 429 } };
  await expect(client.reactions.clear.mutate({ movieId })).rejects.toMatchObject(refusal);
  expect((await client.movies.get.query({ movieId })).myReaction).toBe('like');
});
