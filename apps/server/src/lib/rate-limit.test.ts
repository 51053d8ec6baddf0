import { openDb } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cloneDatabase, type TestDatabase } from '../testing/database.ts';
import { AppError } from './errors.ts';
import { toAppError } from './problems.ts';
import { createRateLimiter, type Limit, type RateLimiter } from './rate-limit.ts';

let database: TestDatabase;
let db: ReturnType<typeof openDb>;
beforeAll(async () => {
  database = await cloneDatabase();
  db = openDb({ url: database.url });
});
afterAll(async () => {
  await db.destroy();
  await database[Symbol.asyncDispose]();
});

const SECRET = 'a secret for the tests of limits, long enough';

/** A limiter as each process has one, and a time that stands still until it is moved. */
function start(nowMs = Date.parse('2026-11-20T12:00:00.250Z')) {
  const time = { nowMs };
  const clock = { now: () => new Date(time.nowMs) };
  const createOne = () => createRateLimiter({ db, clock, secret: SECRET });
  return { createOne, limits: createOne(), advance: (seconds: number) => (time.nowMs += seconds * 1000) };
}

/** `ok`, or after how many seconds to come back. */
async function told(taking: Promise<void>): Promise<'ok' | number> {
  try {
    await taking;
    return 'ok';
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== 'too_many_requests') throw error;
    return error.options.retryAfterSeconds ?? Number.NaN;
  }
}

async function outcome(limits: RateLimiter, name: string, subject: string, limit: Limit): Promise<'ok' | number> {
  return await told(limits.take(name, subject, limit));
}

const THREE_A_MINUTE: Limit = { windows: [{ count: 3, seconds: 60 }] };

test('so many are free in a window that slides, and the rest are told to the second when to come back', async () => {
  const { limits, advance } = start();
  const take = () => outcome(limits, 'slide', 'anna', THREE_A_MINUTE);
  expect(await take()).toBe('ok');
  advance(20);
  expect([await take(), await take(), await take()]).toEqual(['ok', 'ok', 40]);
  advance(39.5);
  expect(await take()).toBe(1);
  advance(0.5);
  // Only the first one has left the window.
  expect([await take(), await take()]).toEqual(['ok', 20]);
});

test('several tries count in their order, up to the one that is refused', async () => {
  const { createOne, advance } = start();
  const once: Limit = { windows: [{ count: 1, seconds: 60 }] };
  // Each asks the database: nobody remembers what was refused before.
  const takeAll = async (...subjects: string[]) =>
    await told(createOne().takeAll(subjects.map((subject) => ({ name: 'order', subject, limit: once }))));
  expect(await takeAll('first', 'second')).toBe('ok');
  advance(20);
  expect(await takeAll('third', 'second', 'fourth')).toBe(40);
  expect(await takeAll('third')).toBe(60);
  expect(await takeAll('fourth')).toBe('ok');
});

test('who is known to be blocked is refused, and what comes before is counted nevertheless', async () => {
  const { limits, createOne } = start();
  const once: Limit = { windows: [{ count: 1, seconds: 60 }] };
  const tries = (...subjects: string[]) => subjects.map((subject) => ({ name: 'known', subject, limit: once }));
  await limits.takeAll(tries('second'));
  for (const first of ['one', 'other']) {
    await expect(limits.takeAll(tries(first, 'second'))).rejects.toThrow(AppError);
    expect(await outcome(createOne(), 'known', first, once)).toBe(60);
  }
});

test('every one of several windows must have room', async () => {
  const { limits, advance } = start();
  const limit: Limit = {
    windows: [
      { count: 1, seconds: 60 },
      { count: 3, seconds: 3_600 },
    ],
  };
  const take = () => outcome(limits, 'windows', 'anna', limit);
  const answers = [];
  for (let minute = 0; minute < 4; minute += 1) {
    answers.push(await take(), await take());
    advance(60);
  }
  expect(answers).toEqual(['ok', 60, 'ok', 60, 'ok', 3_480, 3_420, 3_420]);
  advance(3_360);
  expect(await take()).toBe('ok');
});

test('delays double up to the longest, and are forgotten after a while', async () => {
  const { limits, advance } = start();
  const limit: Limit = { delays: { free: 3, firstSeconds: 30, longestSeconds: 200, forgottenAfterSeconds: 3_600 } };
  const take = () => outcome(limits, 'delays', 'anna', limit);
  expect([await take(), await take(), await take()]).toEqual(['ok', 'ok', 'ok']);
  const waits = [];
  for (let round = 0; round < 6; round += 1) {
    const wait = await take();
    waits.push(wait);
    // Asking again makes it no longer.
    expect(await take()).toBe(wait);
    advance(Number(wait));
    expect(await take()).toBe('ok');
  }
  expect(waits).toEqual([30, 60, 120, 200, 200, 200]);
  advance(3_600);
  expect([await take(), await take(), await take(), await take()]).toEqual(['ok', 'ok', 'ok', 30]);
});

test('names and subjects do not touch each other', async () => {
  const { limits } = start();
  const once: Limit = { windows: [{ count: 1, seconds: 60 }] };
  expect(await outcome(limits, 'apart', 'anna', once)).toBe('ok');
  expect(await outcome(limits, 'apart', 'anna', once)).toBe(60);
  expect(await outcome(limits, 'apart', 'bert', once)).toBe('ok');
  expect(await outcome(limits, 'apart.too', 'anna', once)).toBe('ok');
});

test('many at once, in two processes, are counted as many one after another', async () => {
  const { createOne } = start();
  const processes = [createOne(), createOne()] as const;
  const limit: Limit = { windows: [{ count: 7, seconds: 60 }] };
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => outcome(processes[index % 2 ? 0 : 1], 'crowd', 'anna', limit)),
  );
  expect(answers.filter((answer) => answer === 'ok')).toHaveLength(7);
  expect(answers.filter((answer) => answer !== 'ok')).toEqual(Array(93).fill(60));
});

test('many wrong tries at once are no more than the free ones', async () => {
  const { limits } = start();
  const limit: Limit = { delays: { free: 5, firstSeconds: 30, longestSeconds: 900, forgottenAfterSeconds: 3_600 } };
  const answers = await Promise.all(Array.from({ length: 50 }, () => outcome(limits, 'guesses', 'anna', limit)));
  expect(answers.filter((answer) => answer === 'ok')).toHaveLength(5);
  expect(answers.filter((answer) => answer !== 'ok')).toEqual(Array(45).fill(30));
});

test('a process whose clock is behind is not refused while there is room', async () => {
  const { limits, advance } = start();
  const delays: Limit = { delays: { free: 5, firstSeconds: 30, longestSeconds: 900, forgottenAfterSeconds: 3_600 } };
  for (const [name, limit] of Object.entries({ windows: THREE_A_MINUTE, delays })) {
    expect(await outcome(limits, `behind.${name}`, 'anna', limit)).toBe('ok');
    advance(-0.001);
    expect(await outcome(limits, `behind.${name}`, 'anna', limit)).toBe('ok');
  }
});

test('who must not be told learns it as false', async () => {
  const { limits } = start();
  const once: Limit = { windows: [{ count: 1, seconds: 60 }] };
  expect([await limits.tryTake('quiet', 'anna', once), await limits.tryTake('quiet', 'anna', once)]).toEqual([
    true,
    false,
  ]);
});

test('a try given back is free again, and only one', async () => {
  const { limits } = start();
  const take = () => outcome(limits, 'back', 'anna', THREE_A_MINUTE);
  expect([await take(), await take(), await take(), await take()]).toEqual(['ok', 'ok', 'ok', 60]);
  await limits.giveBack('back', 'anna');
  expect([await take(), await take()]).toEqual(['ok', 60]);
  await limits.giveBack('back', 'nobody');
  expect(await outcome(limits, 'back', 'nobody', THREE_A_MINUTE)).toBe('ok');
});

test('what is cleared is free at once, in another process a few seconds later', async () => {
  const { createOne, advance } = start();
  const [near, far] = [createOne(), createOne()];
  const once: Limit = { windows: [{ count: 1, seconds: 600 }] };
  expect(await outcome(near, 'clear', 'anna', once)).toBe('ok');
  expect([await outcome(near, 'clear', 'anna', once), await outcome(far, 'clear', 'anna', once)]).toEqual([600, 600]);
  await near.clear('clear', 'anna');
  expect(await outcome(near, 'clear', 'anna', once)).toBe('ok');
  await near.clear('clear', 'anna');
  advance(5);
  expect(await outcome(far, 'clear', 'anna', once)).toBe('ok');
});

test('the table holds no subject that could be read', async () => {
  const { limits } = start();
  await limits.take('secrets', 'anna@example.com', THREE_A_MINUTE);
  const rows = await db.selectFrom('rateLimits').where('name', '=', 'secrets').selectAll().execute();
  expect(rows).toHaveLength(1);
  expect(rows[0]?.subject).toHaveLength(32);
  expect(Buffer.from(rows[0]?.subject ?? '').toString('latin1')).not.toContain('anna');
});

test('whoever is blocked anyway is refused without asking the database; nobody else passes without it', async () => {
  await using own = await cloneDatabase();
  const ownDb = openDb({ url: own.url });
  try {
    const limits = createRateLimiter({ db: ownDb, clock: { now: () => new Date(0) }, secret: SECRET });
    const once: Limit = { windows: [{ count: 1, seconds: 60 }] };
    expect(await outcome(limits, 'memory', 'anna', once)).toBe('ok');
    expect(await outcome(limits, 'memory', 'anna', once)).toBe(60);
    await sql`drop table rate_limits`.execute(ownDb);
    expect(await outcome(limits, 'memory', 'anna', once)).toBe(60);
    await expect(limits.take('memory', 'bert', once)).rejects.toThrow('rate_limits');
    await expect(limits.tryTake('memory', 'bert', once)).rejects.toThrow('rate_limits');
  } finally {
    await ownDb.destroy();
  }
});

test('with its database away the limiter is unavailable', async () => {
  const away = openDb({ url: 'postgres://cinema@127.0.0.1:1/cinema' });
  const limits = createRateLimiter({ db: away, clock: { now: () => new Date(0) }, secret: SECRET });
  const refusal = await limits.take('away', 'anna', THREE_A_MINUTE).catch(toAppError);
  expect(refusal).toMatchObject({ reason: 'unavailable' });
  await away.destroy();
});
