import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { addVideo } from '../testing/media.ts';
import { openOrder, placeOrder, untilQuiet } from '../testing/shop.ts';

let app: TestApp;
let admin: Viewer;
let viewer: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  admin = await app.signIn({ role: 'admin' });
});
beforeEach(async () => {
  viewer = await app.signIn();
});
afterAll(() => app[Symbol.asyncDispose]());

const MISSING = '019a5a4e-7c00-7000-8000-0000000000ff';
const REASON = 'The premiere broke off.';

const give = (userId: string, movie: string, by = admin) =>
  app.rest('PUT', `/admin/users/${userId}/library/${movie}`, { viewer: by, body: { reason: REASON } });
const takeBack = (userId: string, movie: string) =>
  app.rest('DELETE', `/admin/users/${userId}/library/${movie}?reason=${encodeURIComponent(REASON)}`, { viewer: admin });
const owned = async () => (await viewer.client.library.list.query({})).items.map(({ movie }) => movie.id);
const acts = async () =>
  (await admin.client.admin.audit.list.query({ targetId: viewer.userId })).items.map(({ action, details }) => [
    action,
    details,
  ]);

test('a cart is shown to admins as its owner sees it', async () => {
  const film = await createMovie(app.db);
  await viewer.client.cart.add.mutate({ movieId: film.id });
  expect(await admin.client.admin.carts.get.query({ userId: viewer.userId })).toEqual(
    await viewer.client.cart.get.query(),
  );
  for (const [id, status, reason] of [
    [MISSING, 404, 'not_found'],
    ['ada', 400, 'invalid_input'],
  ] as const) {
    const answer = await app.rest('GET', `/admin/users/${id}/cart`, { viewer: admin });
    expect([answer.status, answer.body.reason]).toEqual([status, reason]);
  }
});

test('a film that is given is owned, leaves the cart, and is on record once, however often it is given', async () => {
  const [film, other] = [await createMovie(app.db), await createMovie(app.db)];
  for (const { id } of [film, other]) await viewer.client.cart.add.mutate({ movieId: id });

  const answers = await Promise.all(Array.from({ length: 5 }, () => give(viewer.userId, film.slug)));

  expect(answers.map(({ status, body }) => [status, body])).toEqual(Array(5).fill([204, undefined]));
  expect(await owned()).toEqual([film.id]);
  expect((await viewer.client.cart.get.query()).items.map(({ movie }) => movie.id)).toEqual([other.id]);
  expect(await acts()).toEqual([['users.grantMovie', { movieId: film.id, reason: REASON }]]);
  expect((await viewer.client.movies.get.query({ movieId: film.id })).owned).toBe(true);
});

test('a film that is taken back is gone, and so is the address under which it was being watched', async () => {
  const film = await createMovie(app.db);
  await addVideo(app, film.id);
  await give(viewer.userId, film.id);
  const { src } = await viewer.client.playback.start.mutate({ movieId: film.id });
  const media = () => fetch(`${app.url}${new URL(src).pathname}`, { method: 'HEAD' });
  expect((await media()).status).toBe(200);

  expect((await takeBack(viewer.userId, film.id)).status).toBe(204);

  expect((await media()).status).toBe(403);
  expect(await owned()).toEqual([]);
  expect((await acts())[0]).toEqual(['users.revokeMovie', { movieId: film.id, reason: REASON }]);
  const again = await takeBack(viewer.userId, film.id);
  expect([again.status, again.body.reason]).toEqual([404, 'not_found']);
  expect(await acts()).toHaveLength(2);
});

test('what was bought is not taken back, and giving it changes nothing', async () => {
  const { film, sessionId } = await openOrder(app, viewer);
  // It might be paid any moment.
  const early = await give(viewer.userId, film.id);
  expect([early.status, early.body.reason]).toEqual([409, 'in_pending_order']);
  app.stripe.pay(sessionId);
  await untilQuiet(app);

  expect((await give(viewer.userId, film.id)).status).toBe(204);
  const answer = await takeBack(viewer.userId, film.id);

  expect([answer.status, answer.body.reason]).toEqual([409, 'not_granted']);
  expect(await owned()).toEqual([film.id]);
  expect(await acts()).toEqual([]);
});

test('an order and a gift at once never both have the film', async () => {
  for (let round = 0; round < 8; round += 1) {
    const film = await createMovie(app.db);
    const [gift] = await Promise.all([give(viewer.userId, film.id), placeOrder(viewer, [film]).catch(() => null)]);
    const { items } = await viewer.client.orders.list.query({ status: 'pending', limit: 100 });
    const isOrdered = items.some((order) => order.items.some(({ movieId }) => movieId === film.id));
    const isOwned = (await owned()).includes(film.id);
    expect([gift.status, isOwned, isOrdered]).toEqual(isOwned ? [204, true, false] : [409, false, true]);
  }
});

test('nothing is given to nobody, nothing that is not there, and nothing without a reason', async () => {
  const film = await createMovie(app.db);
  const withdrawn = await createMovie(app.db, { withdrawnAt: new Date() });
  for (const [userId, movie] of [
    [MISSING, film.id],
    [viewer.userId, MISSING],
    [viewer.userId, withdrawn.id],
  ] as const) {
    const answer = await give(userId, movie);
    expect([answer.status, answer.body.reason]).toEqual([404, 'not_found']);
    expect((await takeBack(userId, movie)).status).toBe(404);
  }
  const path = `/admin/users/${viewer.userId}/library/${film.id}`;
  for (const body of [{}, { reason: ' ' }, { reason: 'x'.repeat(501) }]) {
    expect((await app.rest('PUT', path, { viewer: admin, body })).status).toBe(400);
  }
  expect((await app.rest('DELETE', path, { viewer: admin })).status).toBe(400);
  const moderator = await app.signIn({ role: 'moderator' });
  expect((await give(viewer.userId, film.id, moderator)).status).toBe(403);
  expect(await owned()).toEqual([]);
});
