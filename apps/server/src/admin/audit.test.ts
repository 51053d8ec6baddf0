import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '../audit.ts';
import { accountDeletionJob } from '../privacy/jobs.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { waitUntilDone } from '../testing/jobs.ts';

let app: TestApp;
let admin: Viewer;
beforeAll(async () => {
  app = await startTestApp({ TRUST_PROXY: 'true' });
  admin = await app.signIn({ role: 'admin' });
});
afterAll(() => app[Symbol.asyncDispose]());

const TARGET = { kind: 'movie', id: '019a5a4e-7c00-7000-8000-00000000000a' };

test('every act says who did what to whom, when and from where', async () => {
  const viewer = await app.signIn();
  const headers = { 'x-forwarded-for': '2001:db8::7' };
  const path = `/admin/users/${viewer.userId}`;
  await app.rest('POST', `${path}/change-role`, { viewer: admin, body: { role: 'moderator' }, headers });
  await app.rest('POST', `${path}/deactivate`, { viewer: admin, headers });
  await app.rest('POST', `${path}/activate`, { viewer: admin, headers });
  const made = await app.rest('POST', '/admin/users', {
    viewer: admin,
    body: { email: 'made@a.example', role: 'user' },
  });

  const { status, body } = await app.rest('GET', `/admin/audit?targetId=${viewer.userId}`, { viewer: admin });

  const entry = {
    id: expect.any(String),
    at: expect.stringMatching(/^\d{4}-/),
    actor: { id: admin.userId, role: 'admin', email: admin.email },
    target: { kind: 'user', id: viewer.userId },
    ip: '2001:db8::7',
    details: {},
  };
  expect(status).toBe(200);
  expect(body.items).toEqual([
    { ...entry, action: 'users.activate' },
    { ...entry, action: 'users.deactivate' },
    { ...entry, action: 'users.changeRole', details: { from: 'user', to: 'moderator' } },
  ]);
  const creation = await admin.client.admin.audit.list.query({ targetId: made.body.id });
  expect(creation.items).toMatchObject([{ action: 'users.create', details: { role: 'user' }, ip: '127.0.0.1' }]);
});

test('an act that fails leaves no entry, and an entry that fails leaves no act', async () => {
  const viewer = await app.signIn();
  const path = `/admin/users/${viewer.userId}/deactivate`;
  await sql
    .raw(
      `create function refuse() returns trigger language plpgsql as $$ begin raise 'full' using errcode = '53100'; end $$;
       create trigger refuse before insert on audit_entries for each row execute function refuse();`,
    )
    .execute(app.db);
  try {
    expect((await app.rest('POST', path, { viewer: admin })).status).toBe(500);
  } finally {
    await sql`drop function refuse cascade`.execute(app.db);
    app.logs.length = 0;
  }
  await viewer.client.accounts.me.query();

  const failing = app.db.transaction().execute(async (trx) => {
    await audit(trx, { actor: null, action: 'movies.delete', target: TARGET });
    throw new Error('not after all');
  });
  await expect(failing).rejects.toThrow('not after all');
  expect((await admin.client.admin.audit.list.query({ targetId: TARGET.id })).total).toBe(0);
});

test('an act of nobody who is signed in has no actor; an actor who is gone has no address', async () => {
  const details = { note: 'from the shell', snake_case: 1, yes: true, none: null };
  await audit(app.db, { actor: null, action: 'movies.delete', target: TARGET, details });
  const gone = { userId: '019a5a4e-7c00-7000-8000-00000000000b', role: 'moderator', ip: 'unknown' } as const;
  await audit(app.db, { actor: gone, action: 'movies.update', target: TARGET });
  const { items } = await admin.client.admin.audit.list.query({ targetId: TARGET.id });
  expect(items).toMatchObject([
    { action: 'movies.update', actor: { id: gone.userId, role: 'moderator', email: null }, ip: null },
    { action: 'movies.delete', actor: null, ip: null, details },
  ]);
});

test('the list is filtered by actor and action, and paged', async () => {
  const other = await app.signIn({ role: 'admin' });
  const made: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    const user = await other.client.admin.users.create.mutate({ email: `page${count}@a.example`, role: 'user' });
    made.unshift(user.id);
  }
  await other.client.admin.users.activate.mutate({ userId: made[0]! });
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const filter = { actorId: other.userId, action: 'users.create', limit: 2 };
    const page = await admin.client.admin.audit.list.query({ ...filter, ...(cursor && { cursor }) });
    expect(page.total).toBe(cursor ? null : 5);
    seen.push(...page.items.map(({ target }) => target.id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(seen).toEqual(made);
});

describe('what was written stays, although the application owns the table', () => {
  test.for([
    `update audit_entries set ip = '10.0.0.1'`,
    `update audit_entries set ip = null where false`,
    `delete from audit_entries`,
    `truncate audit_entries`,
    `truncate audit_entries cascade`,
    `insert into audit_entries select * from audit_entries on conflict (id) do update set action = 'users.nothing'`,
    `merge into audit_entries a using (select 1) s on true when matched then delete`,
    `with gone as (delete from audit_entries returning id) select count(*) from gone`,
    `begin; set local session_replication_role = replica; delete from audit_entries; commit`,
  ])('%s', async (statement) => {
    const { owner } = (
      await sql<{ owner: boolean }>`
        select tableowner = current_user as owner from pg_tables where tablename = 'audit_entries'`.execute(app.db)
    ).rows[0]!;
    expect(owner).toBe(true);
    const before = await sql`select * from audit_entries order by id`.execute(app.db);
    expect(before.rows.length).toBeGreaterThan(0);
    await app.db.connection().execute(async (connection) => {
      await expect(sql.raw(statement).execute(connection)).rejects.toThrow('audit entries are written once');
      await sql`rollback`.execute(connection);
    });
    expect((await sql`select * from audit_entries order by id`.execute(app.db)).rows).toEqual(before.rows);
  });

  test('and when an actor is deleted, his entries are as they were', async () => {
    const actor = await app.signIn({ role: 'admin' });
    await actor.client.admin.users.create.mutate({ email: 'outlives@a.example', role: 'user' });
    await app.db.updateTable('users').set({ deletesAt: app.clock.now() }).where('id', '=', actor.userId).execute();
    await app.deps.queue.enqueue(app.db, accountDeletionJob, {});
    await waitUntilDone(app, accountDeletionJob.name);
    const { items } = await admin.client.admin.audit.list.query({ actorId: actor.userId });
    expect(items).toMatchObject([{ action: 'users.create', actor: { id: actor.userId, email: null } }]);
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
