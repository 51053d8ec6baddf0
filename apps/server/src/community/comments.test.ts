import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, type TestMovie } from '../testing/factories.ts';
import { tally } from '../testing/shop.ts';

const MISSING = '019a5a4e-7c00-7000-8000-0000000000ff';

let app: TestApp;
let [ann, ben, cleo, moderator]: Viewer[] = [];
beforeAll(async () => {
  app = await startTestApp();
  [ann, ben, cleo] = [await app.signIn(), await app.signIn(), await app.signIn()];
  moderator = await app.signIn({ role: 'moderator' });
});
afterAll(() => app[Symbol.asyncDispose]());

async function say(viewer: Viewer | undefined, { id: movieId }: { id: string }, text = 'Good.', parentId?: string) {
  return await viewer!.client.comments.create.mutate({ movieId, text, ...(parentId && { parentId }) });
}

async function post(viewer: Viewer | undefined, movie: TestMovie, body: object) {
  return await app.rest('POST', `/movies/${movie.slug}/comments`, { ...(viewer && { viewer }), body });
}

async function threadsOf(movie: TestMovie, viewer?: Viewer) {
  const { items } = await (viewer?.client ?? app.anonymous).comments.list.query({ movieId: movie.id });
  return items;
}

async function countOf(movie: TestMovie): Promise<number> {
  return (await ann!.client.movies.get.query({ movieId: movie.id })).commentCount;
}

async function noticesOf({ userId }: Pick<Viewer, 'userId'>, kind: string) {
  return await app.db
    .selectFrom('notifications')
    .where('userId', '=', userId)
    .where('kind', '=', kind)
    .select(['text', 'link'])
    .orderBy('createdAt')
    .execute();
}

describe('a comment', () => {
  test('is answered as it was typed, with its author, and counted in its film', async () => {
    const film = await createMovie(app.db);
    await ben!.client.profile.update.mutate({ firstName: 'Ben' });
    const { status, body } = await post(ben, film, { text: '  Twice is not enough.\n', spoiler: true });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      movieId: film.id,
      parentId: null,
      replyTo: null,
      author: { id: ben!.userId, displayName: 'Ben', avatarUrl: null },
      text: '  Twice is not enough.\n',
      spoiler: true,
      likeCount: 0,
      likedByMe: false,
      replyCount: 0,
      createdAt: expect.any(String),
      editedAt: null,
      isDeleted: false,
      isHidden: false,
    });
    expect(await countOf(film)).toBe(1);
    const { likedByMe: _, ...seen } = body;
    const page = await app.rest('GET', `/movies/${film.id}/comments`);
    expect(page.body).toEqual({ items: [{ ...seen, replies: [] }], nextCursor: null, total: 1 });
    expect(await threadsOf(film, ann)).toMatchObject([{ id: body.id, likedByMe: false, createdAt: expect.any(Date) }]);
  });

  test.for([
    '<script>alert(1)</script><img src=x onerror=alert(1)>&amp;"\'',
    '\u202Egnp.exe\u2066 \u2069 \u200Fمرحبا\u200E',
    'zero\u200Bwidth\uFEFF\u200D joiner 👩\u200D👩\u200D👧 e\u0301 \u00E9',
    "'; drop table comments; -- ${7*7} {{7*7}} %00 \\u0000 \u0007\u001B[31m",
    '🍿'.repeat(2_000),
  ])('keeps every character of %j', async (text) => {
    const film = await createMovie(app.db);
    const { id } = await say(ann, film, text);
    expect((await threadsOf(film)).map((comment) => comment.text)).toEqual([text]);
    const { body } = await app.rest('PATCH', `/comments/${id}`, {
      viewer: ann!,
      body: { text: `${text.slice(0, 100)}!` },
    });
    expect(body.text).toBe(`${text.slice(0, 100)}!`);
  });

  test.for([
    ['nothing', { text: '' }],
    ['only what nobody sees', { text: ' \n\u200B\u202E' }],
    ['too much', { text: 'x'.repeat(2_001) }],
    ['too much, beyond the basic plane', { text: '🍿'.repeat(2_001) }],
    ['NUL', { text: 'a\u0000b' }],
    ['half a character', '{"text":"a\\ud83c"}'],
    ['no text', {}],
    ['a number', { text: 5 }],
    ['a parent that is no id', { text: 'x', parentId: 'x1' }],
    ['a field of its row', { text: 'x', likeCount: 1_000 }],
  ] as const)('is refused with %s', async ([, body]) => {
    const film = await createMovie(app.db);
    const answer = await app.rest('POST', `/movies/${film.id}/comments`, { viewer: ann!, body });
    expect([answer.status, answer.body.reason]).toEqual([400, 'invalid_input']);
    expect(await countOf(film)).toBe(0);
  });

  test('is for who is signed in, about a film that is there', async () => {
    const [film, withdrawn] = [await createMovie(app.db), await createMovie(app.db, { withdrawnAt: new Date() })];
    expect((await post(undefined, film, { text: 'Hi' })).status).toBe(401);
    expect((await post(ann, withdrawn, { text: 'Hi' })).status).toBe(404);
    expect((await post(ann, { ...film, slug: 'no-such-film' }, { text: 'Hi' })).body.reason).toBe('not_found');
    for (const path of [
      `/movies/${withdrawn.id}/comments`,
      `/movies/${MISSING}/comments`,
      `/comments/${MISSING}/replies`,
    ]) {
      expect((await app.rest('GET', path)).body).toMatchObject({ status: 404, reason: 'not_found' });
    }
  });

  test('goes out of sight with its film', async () => {
    const film = await createMovie(app.db);
    const { id } = await say(ann, film);
    await app.db.updateTable('movies').set({ withdrawnAt: new Date() }).where('id', '=', film.id).execute();
    const answers = [
      await app.rest('GET', `/movies/${film.id}/comments`),
      await app.rest('GET', `/comments/${id}/replies`),
      await app.rest('PATCH', `/comments/${id}`, { viewer: ann!, body: { text: 'x' } }),
      await app.rest('PUT', `/comments/${id}/like`, { viewer: ben! }),
      await app.rest('DELETE', `/comments/${id}/like`, { viewer: ben! }),
      await app.rest('POST', `/comments/${id}/reports`, { viewer: ben!, body: { reason: 'spam' } }),
    ];
    expect(tally(answers)).toEqual({ not_found: 6 });
    await ann!.client.comments.delete.mutate({ commentId: id });
  });

  test('goes with its film when that is deleted', async () => {
    const film = await createMovie(app.db);
    const { id } = await say(ann, film);
    await say(ben, film, 'So it is.', id);
    await ben!.client.comments.report.mutate({ commentId: id, reason: 'spam' });
    expect((await app.rest('DELETE', `/movies/${film.id}`, { viewer: moderator! })).status).toBe(204);
    expect(await app.db.selectFrom('comments').where('movieId', '=', film.id).select('id').execute()).toEqual([]);
  });

  test('has no author when the account is closed', async () => {
    const [film, guest] = [await createMovie(app.db), await app.signIn()];
    await say(guest, film, 'Still true.');
    await app.db.updateTable('users').set({ isActive: false }).where('id', '=', guest.userId).execute();
    expect(await threadsOf(film)).toMatchObject([{ author: null, text: 'Still true.', isDeleted: false }]);
  });
});

describe('a reply', () => {
  test('joins the thread of what it answers, however deep that is', async () => {
    const film = await createMovie(app.db);
    const top = await say(ann, film, 'First.');
    const reply = await say(ben, film, 'Second.', top.id);
    const answer = await say(cleo, film, 'Third.', reply.id);
    expect(reply).toMatchObject({ parentId: top.id, replyTo: null });
    expect(answer).toMatchObject({ parentId: top.id, replyTo: { id: reply.id, author: { id: ben!.userId } } });
    const [thread, ...others] = await threadsOf(film);
    expect(others).toEqual([]);
    expect(thread).toMatchObject({ replyCount: 2, replies: [{ text: 'Second.' }, { text: 'Third.' }] });
    expect(await countOf(film)).toBe(3);
    expect((await app.anonymous.comments.replies.query({ commentId: reply.id })).items).toEqual([]);
  });

  test('belongs to the film of its parent, which must be there', async () => {
    const [film, other] = [await createMovie(app.db), await createMovie(app.db)];
    const top = await say(ann, film);
    const reply = await say(ben, film, 'Yes.', top.id);
    for (const parentId of [top.id, reply.id]) {
      const refused = await post(ben, other, { text: 'Here?', parentId });
      expect([refused.status, refused.body.reason]).toEqual([400, 'wrong_parent']);
    }
    expect((await post(ben, film, { text: 'Here?', parentId: MISSING })).status).toBe(404);
    await ann!.client.comments.delete.mutate({ commentId: top.id });
    expect((await post(ben, film, { text: 'Here?', parentId: top.id })).status).toBe(404);
    // The thread goes on.
    expect((await post(cleo, film, { text: 'Here.', parentId: reply.id })).body.parentId).toBe(top.id);
    expect(await countOf(other)).toBe(0);
  });

  test('is told to whom it answers, once, and never to its own author', async () => {
    const [film, author, friend] = [
      await createMovie(app.db, { name: 'Heat', year: 1995 }),
      await app.signIn(),
      await app.signIn(),
    ];
    const top = await say(author, film, 'First.');
    const reply = await say(friend, film, '<b>Bold</b>', top.id);
    await say(author, film, 'Third.', reply.id);
    await say(author, film, 'Myself.', top.id);
    expect(await noticesOf(author, 'comment_reply')).toEqual([
      { text: 'There is a reply to your comment on Heat (1995).', link: `/movies/${film.slug}#comment-${reply.id}` },
    ]);
    expect(await noticesOf(friend, 'comment_reply')).toHaveLength(1);
  });
});

describe('the threads of a film', () => {
  test('come newest, oldest or most liked first, each with its first three replies', async () => {
    const film = await createMovie(app.db);
    const [one, two, three] = [await say(ann, film, '1'), await say(ben, film, '2'), await say(ann, film, '3')];
    for (const viewer of [ann!, ben!]) await viewer.client.comments.like.mutate({ commentId: two.id });
    await ann!.client.comments.like.mutate({ commentId: one.id });
    for (const text of ['a', 'b', 'c', 'd', 'e']) await say(cleo, film, text, three.id);
    const textsBy = async (sort: string) => {
      const { body } = await app.rest('GET', `/movies/${film.slug}/comments?sort=${sort}`);
      return body.items.map(({ text }: { text: string }) => text).join('');
    };
    expect([await textsBy('newest'), await textsBy('oldest'), await textsBy('top')]).toEqual(['321', '123', '213']);
    const [last, middle] = await threadsOf(film, ann);
    expect(last).toMatchObject({ replyCount: 5, replies: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] });
    expect(middle).toMatchObject({ likeCount: 2, likedByMe: true, replyCount: 0, replies: [] });
    const replies = await app.rest('GET', `/comments/${three.id}/replies?limit=2`);
    expect(replies.body).toMatchObject({ total: 5, items: [{ text: 'a' }, { text: 'b' }] });
    const more = await app.rest('GET', `/comments/${three.id}/replies?limit=3&cursor=${replies.body.nextCursor}`);
    expect(more.body).toMatchObject({
      total: null,
      nextCursor: null,
      items: [{ text: 'c' }, { text: 'd' }, { text: 'e' }],
    });
    expect((await app.rest('GET', `/movies/${film.id}/comments?sort=best`)).status).toBe(400);
  });

  test.for(['newest', 'oldest', 'top'] as const)(
    'are read page by page, %s first, without gap or repeat while others write',
    async (sort) => {
      const film = await createMovie(app.db);
      const before: string[] = [];
      for (let count = 0; count < 23; count += 1) before.push((await say(ann, film, String(count))).id);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await app.anonymous.comments.list.query({
          movieId: film.id,
          sort,
          limit: 5,
          ...(cursor && { cursor }),
        });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
        const late = await say(ben, film, 'Meanwhile.');
        await say(cleo, film, 'Meanwhile too.', before[seen.length % 23]);
        await say(cleo, film, 'Meanwhile three.', late.id);
      } while (cursor !== undefined);
      expect(new Set(seen).size).toBe(seen.length);
      expect(before.filter((id) => !seen.includes(id))).toEqual([]);
    },
  );

  test('take a cursor only where it comes from', async () => {
    const [film, other] = [await createMovie(app.db), await createMovie(app.db)];
    for (const text of ['1', '2']) await say(ann, film, text);
    const { nextCursor } = (await app.rest('GET', `/movies/${film.id}/comments?limit=1`)).body;
    for (const path of [
      `/movies/${other.id}/comments?cursor=${nextCursor}`,
      `/movies/${film.id}/comments?sort=oldest&cursor=${nextCursor}`,
      `/movies/${film.id}/comments?sort=top&cursor=${nextCursor}`,
      `/movies/${film.id}/comments?cursor=x`,
    ]) {
      expect((await app.rest('GET', path)).body.reason).toBe('invalid_cursor');
    }
  });
});

describe('changing a comment', () => {
  test('is up to its author', async () => {
    const film = await createMovie(app.db);
    const { id } = await say(ann, film, 'Befor.');
    for (const viewer of [ben!, moderator!]) {
      const refused = await app.rest('PATCH', `/comments/${id}`, { viewer, body: { text: 'Mine.' } });
      expect([refused.status, refused.body.reason]).toEqual([403, 'not_author']);
    }
    const same = await ann!.client.comments.edit.mutate({ commentId: id, text: 'Befor.' });
    expect(same.editedAt).toBeNull();
    const { status, body } = await app.rest('PATCH', `/comments/${id}`, { viewer: ann!, body: { text: 'Before.' } });
    expect([status, body.text, body.spoiler, typeof body.editedAt]).toEqual([200, 'Before.', false, 'string']);
    expect(await ann!.client.comments.edit.mutate({ commentId: id, spoiler: true })).toMatchObject({
      text: 'Before.',
      spoiler: true,
    });
    expect(await threadsOf(film)).toMatchObject([{ text: 'Before.', spoiler: true, editedAt: expect.any(Date) }]);
  });

  test('finds none that is missing or deleted', async () => {
    const film = await createMovie(app.db);
    const { id } = await say(ann, film);
    await say(ben, film, 'Stays.', id);
    await ann!.client.comments.delete.mutate({ commentId: id });
    for (const commentId of [MISSING, id]) {
      expect((await app.rest('PATCH', `/comments/${commentId}`, { viewer: ann!, body: { text: 'x' } })).status).toBe(
        404,
      );
      expect((await app.rest('DELETE', `/comments/${commentId}`, { viewer: ann! })).status).toBe(404);
      expect((await app.rest('PUT', `/comments/${commentId}/like`, { viewer: ben! })).status).toBe(404);
      expect((await app.rest('DELETE', `/comments/${commentId}/like`, { viewer: ben! })).status).toBe(404);
      const report = await app.rest('POST', `/comments/${commentId}/reports`, {
        viewer: ben!,
        body: { reason: 'spam' },
      });
      expect(report.status).toBe(404);
    }
  });
});

describe('deleting a comment', () => {
  test('without replies leaves nothing of it', async () => {
    const film = await createMovie(app.db);
    const { id } = await say(ann, film);
    await ben!.client.comments.like.mutate({ commentId: id });
    expect((await app.rest('DELETE', `/comments/${id}`, { viewer: ben! })).body.reason).toBe('not_author');
    expect((await app.rest('DELETE', `/comments/${id}`, { viewer: ann! })).status).toBe(204);
    expect(await threadsOf(film)).toEqual([]);
    expect(await countOf(film)).toBe(0);
  });

  test('with replies leaves a tombstone, which goes with the last of them', async () => {
    const film = await createMovie(app.db);
    const top = await say(ann, film, 'Gone soon.');
    const [one, two] = [await say(ben, film, '1', top.id), await say(cleo, film, '2', top.id)];
    const answer = await say(ann, film, '3', one.id);
    await ben!.client.comments.like.mutate({ commentId: top.id });
    await ann!.client.comments.delete.mutate({ commentId: top.id });
    const [tombstone] = await threadsOf(film, ben);
    expect(tombstone).toMatchObject({
      isDeleted: true,
      text: null,
      author: null,
      likeCount: 0,
      likedByMe: false,
      replyCount: 3,
    });
    expect(await countOf(film)).toBe(3);

    await ben!.client.comments.delete.mutate({ commentId: one.id });
    expect((await app.anonymous.comments.replies.query({ commentId: top.id })).items).toMatchObject([
      { id: two.id },
      { id: answer.id, replyTo: null },
    ]);
    await cleo!.client.comments.delete.mutate({ commentId: two.id });
    await ann!.client.comments.delete.mutate({ commentId: answer.id });
    expect(await threadsOf(film)).toEqual([]);
    expect(await countOf(film)).toBe(0);
  });

  test('is for moderators too, and on record when it was not their own', async () => {
    const film = await createMovie(app.db);
    const [theirs, own] = [await say(ann, film), await say(moderator, film)];
    for (const { id } of [theirs, own]) {
      expect((await app.rest('DELETE', `/comments/${id}`, { viewer: moderator! })).status).toBe(204);
    }
    const entries = await app.db
      .selectFrom('auditEntries')
      .where('action', '=', 'comments.delete')
      .selectAll()
      .execute();
    expect(entries).toMatchObject([
      { actorId: moderator!.userId, targetKind: 'comment', targetId: theirs.id, details: { movieId: film.id } },
    ]);
  });
});

describe('liking a comment', () => {
  test('counts once, as does taking it back, and is answered to who did', async () => {
    const film = await createMovie(app.db);
    const { id } = await say(ann, film);
    const shown = async (viewer?: Viewer) => {
      const [comment] = await threadsOf(film, viewer);
      return [comment?.likeCount, comment?.likedByMe];
    };
    for (const _ of [1, 2]) expect((await app.rest('PUT', `/comments/${id}/like`, { viewer: ben! })).status).toBe(204);
    expect([await shown(ben), await shown(ann), await shown()]).toEqual([
      [1, true],
      [1, false],
      [1, undefined],
    ]);
    for (const _ of [1, 2])
      expect((await app.rest('DELETE', `/comments/${id}/like`, { viewer: ben! })).status).toBe(204);
    expect(await shown(ben)).toEqual([0, false]);
    expect((await app.rest('PUT', `/comments/${id}/like`)).status).toBe(401);
  });

  test('is told to the author once for each person, and not when he likes it himself', async () => {
    const [film, author] = [await createMovie(app.db, { name: 'Ronin', year: 1998 }), await app.signIn()];
    const { id: commentId } = await say(author, film);
    for (const viewer of [author, ben!, cleo!]) {
      await viewer.client.comments.like.mutate({ commentId });
      await viewer.client.comments.unlike.mutate({ commentId });
      await viewer.client.comments.like.mutate({ commentId });
    }
    const notice = {
      text: 'Somebody likes your comment on Ronin (1998).',
      link: `/movies/${film.slug}#comment-${commentId}`,
    };
    expect(await noticesOf(author, 'comment_like')).toEqual([notice, notice]);
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => line.includes('procedure failed') || line.includes('the database refused'))).toEqual(
    [],
  );
});
