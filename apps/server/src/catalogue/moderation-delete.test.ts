import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie, type TestMovie } from '../testing/factories.ts';
import { waitUntilDone } from '../testing/jobs.ts';
import { addVideo, localAddress } from '../testing/media.ts';
import { makePicture } from '../testing/pictures.ts';
import { openOrder, placeOrder, tally, untilQuiet } from '../testing/shop.ts';
import { noticeMails, removeObjectsJob } from './jobs.ts';

let app: TestApp;
let moderator: Viewer;
let admin: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  [moderator, admin] = [await app.signIn({ role: 'moderator' }), await app.signIn({ role: 'admin' })];
});
afterAll(() => app[Symbol.asyncDispose]());

const remove = (ref: string, query = '') => app.rest('DELETE', `/movies/${ref}${query}`, { viewer: moderator });
const isListed = async ({ id }: TestMovie) => (await app.rest('GET', `/movies/${id}`)).status === 200;
const rowOf = async ({ id }: TestMovie) =>
  await app.db.selectFrom('movies').where('id', '=', id).select('withdrawnAt').executeTakeFirst();

async function noticesOf({ userId }: Viewer) {
  const rows = app.db.selectFrom('notifications').where('userId', '=', userId).orderBy('id');
  return await rows.select(['kind', 'text', 'link', 'readAt', 'mailedAt']).execute();
}

async function mailsOf({ email }: Viewer, subject: string) {
  await waitUntilDone(app, noticeMails.name);
  return app.inbox
    .messages()
    .filter((mail) => mail.subject === subject && mail.to.some(({ address }) => address === email));
}

describe('a film nothing hangs on', () => {
  test('is deleted with its poster, its media and its counts, and that is on record', async () => {
    const film = await createMovie(app.db, { directors: ['Once Only'] });
    await addVideo(app, film.id);
    const image = new Blob([new Uint8Array(await makePicture('png'))]);
    const { posterUrl } = await moderator.client.movies.setPoster.mutate({ movieId: film.id, image });
    expect((await remove(film.slug)).status).toBe(204);
    expect(await rowOf(film)).toBeUndefined();
    await waitUntilDone(app, removeObjectsJob.name);
    expect((await fetch(localAddress(app, posterUrl))).status).toBe(404);
    for (const folder of ['media', 'posters']) {
      for await (const { key } of app.deps.storage.list(folder)) throw new Error(`${key} was left`);
    }
    const { items } = await app.anonymous.directors.list.query({ query: 'once only' });
    expect(items).toMatchObject([{ movieCount: 0 }]);
    const acts = app.db.selectFrom('auditEntries').where('targetId', '=', film.id).orderBy('id');
    expect(await acts.select(['action', 'details']).execute()).toMatchObject([
      { action: 'movies.setPoster' },
      { action: 'movies.delete', details: { withdrawn: false, cartCount: 0 } },
    ]);
    expect((await remove(film.id)).body.reason).toBe('not_found');
  });
});

describe('a film somebody has', () => {
  test('is never deleted, bought or given, with force or without', async () => {
    const given = await createMovie(app.db);
    const viewer = await app.signIn();
    await giveMovie(app.db, viewer.userId, given.id);
    const { film: bought, sessionId } = await openOrder(app, viewer);
    await fetch(`${app.stripe.url}/_control/sessions/${sessionId}/pay`, { method: 'POST' });
    await untilQuiet(app);
    // An admin took it back: the paid order is there still.
    await app.db.deleteFrom('libraryMovies').where('movieId', '=', bought.id).execute();
    for (const film of [given, bought]) {
      for (const query of ['', '?force=true']) {
        const { status, body } = await remove(film.id, query);
        expect([status, body.reason]).toEqual([409, 'movie_purchased']);
      }
      expect(await isListed(film)).toBe(true);
    }
  });
});

describe('a film in carts', () => {
  test('stays, and the staff hears of it in the app and by mail, once in an hour', async () => {
    const film = await createMovie(app.db, { name: 'Wanted <b>&</b> held', year: 1999 });
    const [one, two, banned] = [await app.signIn(), await app.signIn(), await app.signIn({ role: 'moderator' })];
    await app.db.updateTable('users').set({ isActive: false }).where('id', '=', banned.userId).execute();
    for (const { client } of [one, two]) await client.cart.add.mutate({ movieId: film.id });
    const answers = await Promise.all(Array.from({ length: 10 }, () => remove(film.id)));
    expect(tally(answers)).toEqual({ movie_in_carts: 10 });
    expect(answers[0]?.body).toMatchObject({ status: 409, cartCount: 2, pendingOrderCount: 0 });
    expect(await isListed(film)).toBe(true);
    for (const staff of [moderator, admin]) {
      const [mail, ...others] = await mailsOf(staff, 'Film in carts cannot be deleted');
      expect(others).toEqual([]);
      expect(mail?.html).toContain('Wanted &lt;b&gt;&amp;&lt;/b&gt; held (1999) cannot be deleted: it is in 2 carts.');
      expect(mail?.html).toContain(`href="${app.config.publicUrl}/movies/${film.slug}"`);
      expect(await noticesOf(staff)).toEqual([
        {
          kind: 'movie_in_carts',
          text: 'Wanted <b>&</b> held (1999) cannot be deleted: it is in 2 carts.',
          link: `/movies/${film.slug}`,
          readAt: null,
          mailedAt: expect.any(Date),
        },
      ]);
    }
    expect([await noticesOf(one), await noticesOf(banned)]).toEqual([[], []]);

    // An hour later.
    const anHourAgo = new Date(app.clock.now().getTime() - 3_600_000);
    await app.db.updateTable('movies').set({ deleteRefusedAt: anHourAgo }).where('id', '=', film.id).execute();
    await remove(film.id);
    expect(await noticesOf(admin)).toHaveLength(2);
  });

  test('is withdrawn by force: it leaves the carts, and their owners are told', async () => {
    const film = await createMovie(app.db, { name: 'Going', year: 1998 });
    const other = await createMovie(app.db);
    const owner = await app.signIn();
    for (const { id } of [film, other]) await owner.client.cart.add.mutate({ movieId: id });
    expect((await remove(film.slug, '?force=true')).status).toBe(204);
    expect((await rowOf(film))?.withdrawnAt).toBeInstanceOf(Date);
    expect(await isListed(film)).toBe(false);
    expect((await owner.client.cart.get.query()).items.map(({ movie }) => movie.id)).toEqual([other.id]);
    expect(await noticesOf(owner)).toMatchObject([
      { kind: 'movie_left_cart', text: 'Going (1998) is no longer sold. It has left your cart.', link: '/cart' },
    ]);
    expect(await mailsOf(owner, 'A film left your cart')).toHaveLength(1);
    const again = await app.rest('POST', '/cart/items', { viewer: owner, body: { movieId: film.id } });
    expect(again.status).toBe(404);
  });

  test('a mail that can not be sent now is sent later, and no other twice', async () => {
    const film = await createMovie(app.db);
    const owners = [await app.signIn(), await app.signIn()];
    for (const { client } of owners) await client.cart.add.mutate({ movieId: film.id });
    await moderator.client.movies.delete.mutate({ movieId: film.id, force: true });
    await waitUntilDone(app, noticeMails.name);
    const rows = app.db.selectFrom('notifications').where(
      'userId',
      'in',
      owners.map(({ userId }) => userId),
    );
    const noticeIds = (await rows.select('id').execute()).map(({ id }) => id);
    await app.db.updateTable('notifications').set({ mailedAt: null }).where('id', 'in', noticeIds).execute();
    const sent: string[] = [];
    const send = (deliver: boolean) => async (letter: { to: string }) => {
      if (!deliver && letter.to === owners[0]?.email) throw new Error('the mailbox is full');
      sent.push(letter.to);
    };
    const signal = new AbortController().signal;
    const run = (deliver: boolean) =>
      noticeMails.run(
        { ...app.deps, mailer: { ...app.deps.mailer, send: send(deliver) } },
        { kind: 'movie_left_cart', noticeIds },
        signal,
      );
    await expect(run(false)).rejects.toThrow('1 mails could not be sent');
    await run(true);
    await run(true);
    expect(sent).toEqual([owners[1]?.email, owners[0]?.email]);
  });
});

describe('a film in orders', () => {
  test('that wait for payment stays; by force it is withdrawn, and who pays has it', async () => {
    const viewer = await app.signIn();
    const { film, sessionId } = await openOrder(app, viewer);
    const refused = await remove(film.id);
    expect(refused.body).toMatchObject({ reason: 'movie_in_carts', cartCount: 0, pendingOrderCount: 1 });
    expect((await remove(film.id, '?force=true')).status).toBe(204);
    await fetch(`${app.stripe.url}/_control/sessions/${sessionId}/pay`, { method: 'POST' });
    await untilQuiet(app);
    expect((await viewer.client.library.list.query({})).items.map(({ movie }) => movie.id)).toEqual([film.id]);
  });

  test('that came to nothing is withdrawn, so that they can be looked at', async () => {
    const viewer = await app.signIn();
    const film = await createMovie(app.db);
    const order = await placeOrder(viewer, [film]);
    await app.db
      .updateTable('orders')
      .set({ status: 'canceled', canceledAt: new Date() })
      .where('id', '=', order.id)
      .execute();
    expect((await remove(film.id)).status).toBe(204);
    expect((await rowOf(film))?.withdrawnAt).toBeInstanceOf(Date);
    const shown = await viewer.client.orders.get.query({ orderId: order.id });
    expect(shown.items).toMatchObject([{ movieId: film.id, slug: film.slug }]);
  });
});

describe('a race', () => {
  test('with carts ends with the film in none of them, or with the film there', async () => {
    const viewers = await Promise.all(Array.from({ length: 6 }, () => app.signIn()));
    for (const query of ['', '?force=true', '', '?force=true']) {
      const film = await createMovie(app.db);
      const [removed, ...added] = await Promise.all([
        remove(film.id, query),
        ...viewers.map((viewer) => app.rest('POST', '/cart/items', { viewer, body: { movieId: film.id } })),
      ]);
      const inCarts = await app.db.selectFrom('cartItems').where('movieId', '=', film.id).select('userId').execute();
      const isGone = removed.status === 204;
      expect(isGone || removed.body.reason === 'movie_in_carts').toBe(true);
      expect(inCarts.length).toBe(isGone ? 0 : 6);
      for (const { status } of added) expect([201, 404]).toContain(status);
      expect(await isListed(film)).toBe(!isGone);
    }
  });

  test('with an order ends with the film ordered, or out of the cart', async () => {
    for (let round = 0; round < 6; round += 1) {
      const viewer = await app.signIn();
      const film = await createMovie(app.db);
      await viewer.client.cart.add.mutate({ movieId: film.id });
      const [removed, ordered] = await Promise.all([
        remove(film.id, '?force=true'),
        app.rest('POST', '/orders', { viewer, body: {} }),
      ]);
      expect(removed.status).toBe(204);
      expect([201, 409]).toContain(ordered.status);
      expect((await viewer.client.cart.get.query()).items).toEqual([]);
      // Who is told that it left the cart did not order it.
      expect(await noticesOf(viewer)).toHaveLength(ordered.status === 201 ? 0 : 1);
    }
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => /procedure failed|the database refused/.test(line))).toEqual([]);
});
