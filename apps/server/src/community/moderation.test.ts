import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, type TestMovie } from '../testing/factories.ts';
import { tally } from '../testing/shop.ts';

const MISSING = '019a5a4e-7c00-7000-8000-0000000000ff';

let app: TestApp;
let author: Viewer;
let moderator: Viewer;
let viewers: Viewer[];
let film: TestMovie;
beforeAll(async () => {
  app = await startTestApp();
  author = await app.signIn();
  moderator = await app.signIn({ role: 'moderator' });
  viewers = [];
  for (let count = 0; count < 7; count += 1) viewers.push(await app.signIn());
  film = await createMovie(app.db, { name: 'Brazil', year: 1985 });
});
afterAll(() => app[Symbol.asyncDispose]());

async function say(text: string, parentId?: string): Promise<string> {
  const input = { movieId: film.id, text, ...(parentId && { parentId }) };
  return (await author.client.comments.create.mutate(input)).id;
}

async function report(viewer: Viewer | undefined, commentId: string, body: object = { reason: 'abuse' }) {
  return await app.rest('POST', `/comments/${commentId}/reports`, { ...(viewer && { viewer }), body });
}

async function reportBy(count: number, commentId: string, from = 0): Promise<void> {
  for (const viewer of viewers.slice(from, from + count)) expect((await report(viewer, commentId)).status).toBe(201);
}

async function decide(commentId: string, decision: 'keep' | 'remove', note = 'As the rules say.') {
  return await app.rest('POST', `/moderation/reports/${commentId}`, { viewer: moderator, body: { decision, note } });
}

/** A comment as somebody sees it in the list; nothing when it is not there. */
async function look(commentId: string, viewer?: Viewer) {
  const { items } = await (viewer?.client ?? app.anonymous).comments.list.query({ movieId: film.id, limit: 100 });
  return items.flatMap((thread) => [thread, ...thread.replies]).find(({ id }) => id === commentId);
}

async function queue() {
  return (await moderator.client.moderation.queue.query({ limit: 100 })).items;
}

describe('a report', () => {
  test('is taken once from each viewer, with a reason, and not about the own comment', async () => {
    const id = await say('Questionable.');
    const taken = await report(viewers[0], id, { reason: 'illegal', note: 'See §5 <b>' });
    expect(taken.status).toBe(201);
    expect(taken.body).toEqual({
      id: expect.any(String),
      commentId: id,
      reason: 'illegal',
      note: 'See §5 <b>',
      createdAt: expect.any(String),
    });
    const answers = await Promise.all(Array.from({ length: 10 }, () => report(viewers[1], id)));
    expect(tally(answers)).toEqual({ abuse: 1, already_reported: 9 });
    expect(answers.find(({ status }) => status !== 201)?.status).toBe(409);
    const own = await report(author, id);
    expect([own.status, own.body.reason]).toEqual([403, 'own_comment']);
    expect((await report(undefined, id)).status).toBe(401);
    expect((await report(viewers[0], MISSING)).status).toBe(404);
    for (const body of [
      {},
      { reason: 'boring' },
      { reason: 'spam', note: ' ' },
      { reason: 'spam', note: 'x'.repeat(1_001) },
    ]) {
      expect((await report(viewers[2], id, body)).body.reason).toBe('invalid_input');
    }
    expect(await look(id)).toMatchObject({ text: 'Questionable.', isHidden: false });
    expect((await queue()).find(({ comment }) => comment.id === id)?.reportCount).toBe(2);
  });

  test('by a third viewer hides the comment, but for its author and the staff', async () => {
    const id = await say('Hidden soon.');
    const reply = await say('Nested.', id);
    await reportBy(2, id);
    expect((await look(id))?.isHidden).toBe(false);
    await Promise.all([report(viewers[2], id), reportBy(3, reply), report(viewers[2], id)]);
    const hidden = { isHidden: true, isDeleted: false, text: null, author: { id: author.userId } };
    expect([await look(id), await look(id, viewers[0]), await look(reply)]).toMatchObject([hidden, hidden, hidden]);
    expect(await look(id, author)).toMatchObject({ isHidden: true, text: 'Hidden soon.' });
    expect(await look(reply, moderator)).toMatchObject({ isHidden: true, text: 'Nested.' });
    const { items } = await app.anonymous.comments.replies.query({ commentId: id });
    expect(items).toMatchObject([hidden]);
    // What its author makes of it waits for the decision too.
    await author.client.comments.edit.mutate({ commentId: id, text: 'I never said that.' });
    expect(await look(id)).toMatchObject({ isHidden: true, text: null });
  });
});

describe('the queue', () => {
  test('is for moderators', async () => {
    expect((await app.rest('GET', '/moderation/reports', { viewer: author })).status).toBe(403);
    expect((await app.rest('GET', '/moderation/reports')).status).toBe(401);
  });

  test('holds what most have reported first, then what waits longest, with reasons and notes, and nobody named', async () => {
    await app.db.deleteFrom('moderationCases').execute();
    const [first, second, third] = [await say('1'), await say('2'), await say('3')];
    await report(viewers[0], second, { reason: 'spam', note: 'An advert.' });
    await report(viewers[0], first);
    await report(viewers[1], third, { reason: 'spoiler', note: 'Rosebud.' });
    await report(viewers[2], third, { reason: 'spoiler' });
    await report(viewers[3], third, { reason: 'abuse', note: 'Rude.' });

    const { status, body } = await app.rest('GET', '/moderation/reports?limit=2', { viewer: moderator });

    expect(status).toBe(200);
    expect(body).toMatchObject({ total: 3, nextCursor: expect.any(String) });
    expect(body.items[0]).toEqual({
      comment: expect.objectContaining({ id: third, text: '3', isHidden: true }),
      movie: { id: film.id, slug: film.slug, name: 'Brazil', year: 1985 },
      reportCount: 3,
      reasons: [
        { reason: 'spoiler', count: 2 },
        { reason: 'abuse', count: 1 },
      ],
      notes: [
        { reason: 'abuse', note: 'Rude.', createdAt: expect.any(String) },
        { reason: 'spoiler', note: 'Rosebud.', createdAt: expect.any(String) },
      ],
      firstReportedAt: expect.any(String),
    });
    for (const { userId } of viewers) expect(JSON.stringify(body)).not.toContain(userId);
    expect(body.items[1].comment.id).toBe(second);
    const next = await app.rest('GET', `/moderation/reports?limit=2&cursor=${body.nextCursor}`, { viewer: moderator });
    expect(next.body).toMatchObject({ nextCursor: null, items: [{ comment: { id: first }, notes: [] }] });

    await author.client.comments.delete.mutate({ commentId: second });
    expect(
      (await queue()).map(({ comment, firstReportedAt }) => [comment.id, firstReportedAt instanceof Date]),
    ).toEqual([
      [third, true],
      [first, true],
    ]);
  });
});

describe('a decision', () => {
  test('to keep shows the comment again, and only as many other viewers hide it anew', async () => {
    const id = await say('Fine.');
    await reportBy(3, id);
    const { status, body } = await decide(id, 'keep', 'Harsh, but about the film.');
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.any(String),
      commentId: id,
      decision: 'keep',
      note: 'Harsh, but about the film.',
      reportCount: 3,
      decidedAt: expect.any(String),
    });
    expect(await look(id)).toMatchObject({ text: 'Fine.', isHidden: false });
    expect((await queue()).some(({ comment }) => comment.id === id)).toBe(false);
    expect((await report(viewers[0], id)).body.reason).toBe('already_reported');
    await reportBy(2, id, 3);
    expect((await look(id))?.isHidden).toBe(false);
    expect((await queue()).find(({ comment }) => comment.id === id)?.reportCount).toBe(2);
    await reportBy(1, id, 5);
    expect((await look(id))?.isHidden).toBe(true);
    expect((await decide(id, 'keep')).body.reportCount).toBe(3);
  });

  test('to remove deletes it as its author would', async () => {
    const [lone, thread] = [await say('Alone.'), await say('With replies.')];
    await say('Stays.', thread);
    const before = (await author.client.movies.get.query({ movieId: film.id })).commentCount;
    for (const id of [lone, thread]) {
      await reportBy(1, id);
      expect((await decide(id, 'remove')).status).toBe(200);
      expect((await decide(id, 'keep')).body.reason).toBe('decided');
    }
    expect(await look(lone)).toBeUndefined();
    expect(await look(thread)).toMatchObject({
      isDeleted: true,
      text: null,
      author: null,
      replies: [{ text: 'Stays.' }],
    });
    expect((await author.client.movies.get.query({ movieId: film.id })).commentCount).toBe(before - 2);
  });

  test('is made once, about what was reported, by moderators, with a note', async () => {
    const [id, untouched] = [await say('Disputed.'), await say('Nobody minds.')];
    await reportBy(3, id);
    const path = `/moderation/reports/${id}`;
    for (const body of [
      { decision: 'keep' },
      { note: 'x' },
      { decision: 'burn', note: 'x' },
      { decision: 'keep', note: '' },
    ]) {
      expect((await app.rest('POST', path, { viewer: moderator, body })).status).toBe(400);
    }
    const body = { decision: 'keep', note: 'Mine.' };
    expect((await app.rest('POST', path, { viewer: author, body })).status).toBe(403);
    expect((await app.rest('POST', path, { body })).status).toBe(401);
    for (const commentId of [untouched, MISSING]) expect((await decide(commentId, 'keep')).status).toBe(404);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => decide(id, n % 2 ? 'keep' : 'remove')));
    expect(tally(answers)).toEqual({ 200: 1, decided: 9 });
  });

  test('is on record, its note where it can be changed', async () => {
    const id = await say('Noted.');
    await reportBy(1, id);
    const { body } = await decide(id, 'remove', 'Ada Lovelace wrote this.');
    const entry = await app.db
      .selectFrom('auditEntries')
      .where('targetId', '=', id)
      .selectAll()
      .executeTakeFirstOrThrow();
    expect(entry).toMatchObject({ actorId: moderator.userId, action: 'moderation.decide', targetKind: 'comment' });
    expect(entry.details).toEqual({ decision: 'remove', caseId: body.id, reportCount: 1 });
    const row = await app.db.selectFrom('moderationCases').where('id', '=', body.id).selectAll().executeTakeFirst();
    expect(row).toMatchObject({ note: 'Ada Lovelace wrote this.', decidedBy: moderator.userId, decision: 'remove' });
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => line.includes('procedure failed') || line.includes('the database refused'))).toEqual(
    [],
  );
});
