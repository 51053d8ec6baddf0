import { createCinemaClient, isCinemaError } from '@online-cinema/client';
import { EventSource } from 'eventsource';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { LISTENER_NAME } from '../lib/listener.ts';
import { notify } from '../notices.ts';
import { PASSWORD, startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { startServerProcess } from '../testing/process.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

type Client = Viewer['client'];
type Heard = AsyncDisposable & { texts: string[]; ids: string[]; errors: unknown[]; starts: () => number; end(): void };

/** Listens until the test ends, and notes what comes. */
function listen(client: Client, input?: { lastEventId: string }): Heard {
  const [texts, ids, errors]: [string[], string[], unknown[]] = [[], [], []];
  let starts = 0;
  const subscription = client.notifications.onNew.subscribe(input, {
    onStarted: () => (starts += 1),
    onData: ({ id, data }) => {
      ids.push(id);
      texts.push(data.text);
    },
    onError: (error) => errors.push(error),
  });
  const end = () => subscription.unsubscribe();
  return { texts, ids, errors, starts: () => starts, end, [Symbol.asyncDispose]: async () => end() };
}

async function until(check: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: 15_000, interval: 20 });
}

async function started(heard: Heard, times = 1): Promise<void> {
  await until(() => expect(heard.starts()).toBeGreaterThanOrEqual(times));
}

async function say({ userId }: Viewer, ...texts: string[]): Promise<void> {
  for (const text of texts) await notify(app.db, [userId], { kind: 'comment_reply', text, link: null });
}

/** A client of another process, signed in as the same viewer. */
async function clientOf(url: string, { email }: Viewer): Promise<Client> {
  const client = createCinemaClient({ baseUrl: url, EventSource });
  // A process that has just started may be too busy at first, and says so.
  await until(() => client.$session.signIn({ email, password: PASSWORD }));
  return client;
}

async function openRaw(ticket: string): Promise<Response> {
  const params = encodeURIComponent(JSON.stringify({ ticket }));
  return await fetch(`${app.url}/trpc/notifications.onNew?connectionParams=${params}`);
}

/** Reads a stream until the text has come, or it ends. */
async function readUntil(response: Response, text: string): Promise<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let read = '';
  while (!read.includes(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    read += value;
  }
  await reader.cancel();
  return read;
}

describe('a stream', () => {
  test('tells what comes after it was opened, as the list does, in its order, and nothing of anybody else', async () => {
    const [viewer, other] = [await app.signIn(), await app.signIn()];
    await say(viewer, 'before');
    await using heard = listen(viewer.client);
    await started(heard);
    await say(other, 'not yours');
    await say(viewer, 'one', 'two', 'three');
    await until(() => expect(heard.texts).toEqual(['one', 'two', 'three']));
    expect(heard.ids).toEqual(['2', '3', '4']);
  });

  test('ends with its client, and leaves no connection open', async () => {
    const open = new Set<EventSource>();
    class CountedSource extends EventSource {
      constructor(url: string) {
        super(url);
        open.add(this);
      }
      override close(): void {
        open.delete(this);
        super.close();
      }
    }
    const { email } = await app.signIn();
    const client = createCinemaClient({ baseUrl: app.url, EventSource: CountedSource });
    await client.$session.signIn({ email, password: PASSWORD });
    let isOver = false;
    await new Promise<void>((resolve) => {
      client.notifications.onNew.subscribe(undefined, {
        onStarted: () => resolve(),
        onComplete: () => (isOver = true),
      });
    });
    expect([open.size, isOver]).toEqual([1, false]);
    client.$dispose();
    expect([open.size, isOver]).toEqual([0, true]);
  });

  test('on one process tells at once of what is done on another', async () => {
    const [viewer, other] = [await app.signIn(), await app.signIn()];
    const replica = await app.startReplica({ PROCESS: 'api' });
    const [there, others] = [await clientOf(replica.url!, viewer), await clientOf(replica.url!, other)];
    const { id: movieId } = await createMovie(app.db);
    const { id: parentId } = await viewer.client.comments.create.mutate({ movieId, text: 'Seen it twice.' });
    await using here = listen(viewer.client);
    await using elsewhere = listen(there);
    await Promise.all([started(here), started(elsewhere)]);
    await others.comments.create.mutate({ movieId, parentId, text: 'Three times.' });
    await others.comments.like.mutate({ commentId: parentId });
    await other.client.comments.create.mutate({ movieId, parentId, text: 'Four times.' });
    await until(() => expect([here.texts.length, elsewhere.texts.length]).toEqual([3, 3]));
    const told = (await viewer.client.notifications.list.query({})).items.toReversed();
    expect(told.map(({ kind }) => kind)).toEqual(['comment_reply', 'comment_like', 'comment_reply']);
    for (const heard of [here, elsewhere]) expect(heard.texts).toEqual(told.map(({ text }) => text));
  });

  test('goes on after an event that was named, however much has come since', async () => {
    const viewer = await app.signIn();
    await say(viewer, ...Array.from({ length: 130 }, (_, number) => `no. ${number + 1}`));
    await using heard = listen(viewer.client, { lastEventId: '10' });
    await until(() => expect(heard.texts).toHaveLength(120));
    expect(heard.texts).toEqual(Array.from({ length: 120 }, (_, number) => `no. ${number + 11}`));
    // From before the database was set back: what there is counts as heard.
    await using ahead = listen(viewer.client, { lastEventId: '999999' });
    await started(ahead);
    await say(viewer, 'new');
    await until(() => expect(ahead.texts).toEqual(['new']));
  });

  test('waits for what is not committed, and does not pass it by', async () => {
    const viewer = await app.signIn();
    await using heard = listen(viewer.client);
    await started(heard);
    const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>();
    const { promise: isWritten, resolve: noteWritten } = Promise.withResolvers<void>();
    const slow = app.db.transaction().execute(async (trx) => {
      await notify(trx, [viewer.userId], { kind: 'comment_reply', text: 'slow', link: null });
      noteWritten();
      await mayCommit;
    });
    await isWritten;
    const quick = say(viewer, 'quick');
    await until(async () => {
      const { rows } = await sql`select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%"notifications"%'`.execute(
        app.db,
      );
      expect(rows).toHaveLength(1);
    });
    commit();
    await Promise.all([slow, quick]);
    await until(() => expect(heard.texts).toEqual(['slow', 'quick']));
  });
});

describe('what breaks a stream loses and repeats nothing', () => {
  test('its connection, in the middle of much', async () => {
    const viewer = await app.signIn();
    const texts = Array.from({ length: 60 }, (_, number) => `no. ${number + 1}`);
    await using server = await startServerProcess({
      PUBLIC_URL: app.config.publicUrl,
      DATABASE_URL: app.config.databaseUrl,
      DATA_DIR: app.config.dataDir,
      PROCESS: 'api',
    });
    const port = new URL(server.url).port;
    await using heard = listen(await clientOf(server.url, viewer));
    await started(heard);
    await say(viewer, ...texts.slice(0, 20));
    await until(() => expect(heard.texts).toHaveLength(20));
    // The whole process, so that nothing says goodbye; another one takes its place.
    server.child.kill('SIGKILL');
    await server.exited;
    await say(viewer, ...texts.slice(20, 40));
    await using next = await startServerProcess({
      PUBLIC_URL: app.config.publicUrl,
      DATABASE_URL: app.config.databaseUrl,
      DATA_DIR: app.config.dataDir,
      PROCESS: 'api',
      PORT: port,
    });
    expect(next.url).toBe(server.url);
    await say(viewer, ...texts.slice(40));
    await until(() => expect(heard.texts.length).toBeGreaterThanOrEqual(60));
    expect(heard.texts).toEqual(texts);
    expect(heard.errors).toEqual([]);
  }, 60_000);

  test('before its first event', async () => {
    const viewer = await app.signIn();
    const replica = await app.startReplica({ PROCESS: 'api' });
    const { port } = new URL(replica.url!);
    await using heard = listen(await clientOf(replica.url!, viewer));
    await started(heard);
    // It says so to its readers, and does not wait for them.
    await replica.stop();
    await say(viewer, 'in between');
    await app.startReplica({ PROCESS: 'api', PORT: port });
    await until(() => expect(heard.texts).toEqual(['in between']));
    expect(heard.errors).toEqual([]);
  });

  test('the connection that listens', async () => {
    const viewer = await app.signIn();
    await using heard = listen(viewer.client);
    await started(heard);
    await say(viewer, 'first');
    await until(() => expect(heard.texts).toEqual(['first']));
    const { rows } = await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = ${LISTENER_NAME}`.execute(app.db);
    expect(rows.length).toBeGreaterThan(0);
    await say(viewer, 'while deaf');
    await until(() => expect(heard.texts).toEqual(['first', 'while deaf']));
    await say(viewer, 'after');
    await until(() => expect(heard.texts).toEqual(['first', 'while deaf', 'after']));
    expect(heard.starts()).toBe(1);
  });
});

describe('a ticket', () => {
  test('opens one stream, once, by many at once', async () => {
    const viewer = await app.signIn();
    const answer = await app.rest('POST', '/notifications/ticket', { viewer });
    expect(answer).toMatchObject({ status: 200, body: { expiresIn: 30, lastEventId: '0' } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const opened = await Promise.all(Array.from({ length: 10 }, () => openRaw(answer.body.ticket)));
    await say(viewer, 'for one');
    const read = await Promise.all(opened.map((response) => readUntil(response, 'for one')));
    expect(read.filter((text) => text.includes('for one'))).toHaveLength(1);
    expect(read.filter((text) => text.includes('"reason":"not_authenticated"'))).toHaveLength(9);
    expect(opened[0]!.headers.get('content-type')).toBe('text/event-stream');
    expect(app.logs.join('')).not.toContain(answer.body.ticket);
  });

  test('is good for thirty seconds, and ends with its session', async () => {
    const viewer = await app.signIn();
    const refused = async (ticket: string) => {
      expect(await readUntil(await openRaw(ticket), 'reason')).toContain('"reason":"not_authenticated"');
    };
    const { ticket: late } = await viewer.client.notifications.ticket.mutate({});
    app.clock.advance(31);
    await refused(late);
    const { ticket: ended } = await viewer.client.notifications.ticket.mutate({});
    await viewer.client.$session.signOut();
    await refused(ended);
    // Links of other kinds, made from the same id.
    const { id } = await app.db
      .insertInto('streamTickets')
      .values(await aTicketRow())
      .returning('id')
      .executeTakeFirstOrThrow();
    await refused(app.deps.oneTimeTokens.derive('data_export', id));
    expect(await readUntil(await openRaw(app.deps.oneTimeTokens.derive('stream', id)), 'connected')).toContain(
      'connected',
    );
  });

  async function aTicketRow(): Promise<{ sessionId: string; expiresAt: Date }> {
    const { userId } = await app.signIn();
    const session = await app.db
      .selectFrom('sessions')
      .where('userId', '=', userId)
      .select('id')
      .executeTakeFirstOrThrow();
    return { sessionId: session.id, expiresAt: new Date(app.clock.now().getTime() + 30_000) };
  }

  test('is for one stream of five at once', async () => {
    const viewer = await app.signIn();
    const open = async () => await openRaw((await viewer.client.notifications.ticket.mutate({})).ticket);
    const streams = await Promise.all(Array.from({ length: 5 }, open));
    expect(await readUntil(await open(), 'reason')).toContain('"reason":"too_many_requests"');
    await streams[0]!.body!.cancel();
    await until(async () => expect(await readUntil(await open(), 'event: ')).not.toContain('serialized-error'));
    await Promise.all(streams.slice(1).map((stream) => stream.body!.cancel()));
  });

  test('is refused for an event that is none', async () => {
    const viewer = await app.signIn();
    const answer = await app.rest('POST', '/notifications/ticket', { viewer, body: { lastEventId: '-1' } });
    expect([answer.status, answer.body.reason]).toEqual([400, 'invalid_input']);
    await using heard = listen(viewer.client, { lastEventId: 'x' });
    await until(() => expect(heard.errors.some((error) => isCinemaError(error, 'invalid_input'))).toBe(true));
  });
});

describe('a session that ends', () => {
  test('ends its streams at once, and those of no other', async () => {
    const viewer = await app.signIn();
    const leaving = await clientOf(app.url, viewer);
    await using gone = listen(leaving);
    await using stays = listen(viewer.client);
    await Promise.all([started(gone), started(stays)]);
    await leaving.$session.signOut();
    await until(() => expect(gone.errors.some((error) => isCinemaError(error, 'not_authenticated'))).toBe(true));
    await say(viewer, 'to who stays');
    await until(() => expect(stays.texts).toEqual(['to who stays']));
    expect([gone.texts, stays.errors]).toEqual([[], []]);
  });

  test('by the staff too', async () => {
    const [viewer, admin] = [await app.signIn(), await app.signIn({ role: 'admin' })];
    await using heard = listen(viewer.client);
    await started(heard);
    await admin.client.admin.users.deactivate.mutate({ userId: viewer.userId });
    await until(() => expect(heard.errors).toHaveLength(1));
  });

  test('is not gone on with as somebody else', async () => {
    const [viewer, other] = [await app.signIn(), await app.signIn()];
    await using heard = listen(viewer.client);
    await started(heard);
    await viewer.client.$session.signOut();
    await viewer.client.$session.signIn({ email: other.email, password: PASSWORD });
    await until(() => expect(heard.errors).toHaveLength(1));
    await say(other, 'not for who was here before');
    expect(heard.texts).toEqual([]);
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
