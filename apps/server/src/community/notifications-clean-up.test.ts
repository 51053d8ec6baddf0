import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { waitUntilDone } from '../testing/jobs.ts';
import { notificationsCleanUpJob } from './notifications-clean-up-jobs.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

async function cleanUp(): Promise<void> {
  await app.deps.queue.enqueue(app.db, notificationsCleanUpJob, {});
  await waitUntilDone(app, notificationsCleanUpJob.name);
}

test('what was read goes after ninety days, what was not after a year, and a stream goes on where it was', async () => {
  const viewer = await app.signIn();
  const told = async (text: string, daysAgo: number, { isRead = false, inApp = true } = {}) =>
    await sql`
      insert into notifications (id, user_id, kind, text, created_at, read_at, in_app)
      select uuidv7(-age), ${viewer.userId}, 'comment_reply', ${text}, now() - age,
        case when ${isRead} then now() - age end, ${inApp}
      from make_interval(days => ${daysAgo}) age`.execute(app.db);
  // More than are looked at in one go.
  await sql`
    insert into notifications (id, user_id, kind, text, created_at, read_at)
    select uuidv7(interval '-91 days'), ${viewer.userId}, 'comment_like', 'One of many', now() - interval '91 days', now()
    from generate_series(1, 1200)`.execute(app.db);
  await told('read long ago', 91, { isRead: true });
  await told('for a mail only', 91, { inApp: false });
  await told('read lately', 89, { isRead: true });
  await told('not read', 364);
  await told('never read', 366);
  await viewer.client.notifications.ticket.mutate({});
  const { lastEventId } = await viewer.client.notifications.ticket.mutate({});
  app.clock.advance(60);

  await cleanUp();
  await cleanUp();

  const left = await app.db.selectFrom('notifications').select('text').orderBy('eventId').execute();
  expect(left).toEqual([{ text: 'read lately' }, { text: 'not read' }]);
  expect(await app.db.selectFrom('streamTickets').select('id').execute()).toEqual([]);
  const metrics = (await app.deps.metrics.expose()).text;
  expect(metrics).toContain('cinema_clean_up_deleted_total{kind="notifications"} 1203');
  expect((await viewer.client.notifications.ticket.mutate({})).lastEventId).toBe(lastEventId);
});
