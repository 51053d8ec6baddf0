import { isCinemaError } from '@online-cinema/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, type RestAnswer, startTestApp, type TestApp } from '../testing/app.ts';
import { listJobs } from '../testing/jobs.ts';
import { activationJob, passwordResetJob } from './jobs.ts';
import { tryTakeMail } from './limits.ts';

let app: TestApp;
let replicaUrl: string;
beforeAll(async () => {
  app = await startTestApp({
    RATE_LIMITS: 'on',
    REGISTRATIONS_PER_MINUTE: '10',
    REGISTRATIONS_PER_DAY: '100',
    TRUST_PROXY: '1',
    DOCS_ACCESS: 'authenticated',
  });
  replicaUrl = (await app.startReplica({ PROCESS: 'api' })).url ?? '';
});
afterAll(() => app[Symbol.asyncDispose]());

let visitors = 0;
/** Somewhere nobody has called from yet. */
const newIp = () => `198.18.${Math.floor((visitors += 1) / 250)}.${visitors % 250}`;
let names = 0;
const newEmail = () => `somebody${(names += 1)}@example.com`;

async function login(email: string, password: string, ip = newIp()): Promise<RestAnswer> {
  return await app.rest('POST', '/accounts/login', {
    body: { email, password },
    headers: { 'x-forwarded-for': ip },
  });
}

async function callRpc(url: string, procedure: string, input: object, ip: string) {
  const answer = await fetch(`${url}/trpc/${procedure}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': ip },
    body: JSON.stringify({ json: input }),
  });
  const body = (await answer.json()) as { error?: { json: { data: Record<string, unknown> } } };
  return { status: answer.status, headers: answer.headers, data: body.error?.json.data };
}

/** How often each status was answered. */
function tally(answers: { status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function bare({ status, body }: RestAnswer): object {
  return { status, ...body, requestId: undefined, retryAfterSeconds: undefined };
}

test('twenty logins a minute may come from an address, over both faces and both processes together', async () => {
  const ip = newIp();
  const input = () => ({ email: newEmail(), password: 'Wrong-horse1' });
  const answers = await Promise.all(
    Array.from({ length: 60 }, async (_, index) =>
      index % 2
        ? await login(newEmail(), 'Wrong-horse1', ip)
        : await callRpc(replicaUrl, 'accounts.login', input(), ip),
    ),
  );
  expect(tally(answers)).toEqual({ 401: 20, 429: 40 });

  const { email } = await app.signIn();
  const byRest = await login(email, PASSWORD, ip);
  expect([byRest.status, byRest.body.reason]).toEqual([429, 'too_many_requests']);
  const wait = Number(byRest.headers.get('retry-after'));
  expect(byRest.body.retryAfterSeconds).toBe(wait);
  expect(wait).toBeLessThanOrEqual(60);
  const byRpc = await callRpc(app.url, 'accounts.login', { email, password: PASSWORD }, ip);
  expect([byRpc.status, byRpc.data?.['reason']]).toEqual([429, 'too_many_requests']);
  expect(byRpc.headers.get('retry-after')).toBe(String(byRpc.data?.['retryAfterSeconds']));

  expect((await login(email, PASSWORD)).status).toBe(200);
  app.clock.advance(wait);
  expect((await login(email, PASSWORD, ip)).status).toBe(200);
});

test('of IPv6 it is the network that counts', async () => {
  for (let host = 1; host <= 20; host += 1) {
    expect((await login(newEmail(), 'Wrong-horse1', `2001:db8:0:7::${host.toString(16)}`)).status).toBe(401);
  }
  expect((await login(newEmail(), 'Wrong-horse1', '2001:db8:0:7:ffff::1')).status).toBe(429);
  expect((await login(newEmail(), 'Wrong-horse1', '2001:db8:0:8::1')).status).toBe(401);
});

test('without a proxy to trust, nobody gets further by naming other addresses', async () => {
  await using direct = await startTestApp({ RATE_LIMITS: 'on' });
  const statuses = [];
  for (let index = 1; index <= 21; index += 1) {
    const answer = await direct.rest('POST', '/accounts/login', {
      body: { email: newEmail(), password: 'Wrong-horse1' },
      headers: { 'x-forwarded-for': newIp() },
    });
    statuses.push(answer.status);
  }
  expect(statuses).toEqual([...Array(20).fill(401), 429]);
});

test('five wrong passwords delay the next try, of an unknown address just as of a known one', async () => {
  const { email: known } = await app.signIn();
  const unknown = newEmail();
  const failSixTimes = async (email: string) => {
    const answers = [];
    for (let index = 0; index < 6; index += 1) answers.push(await login(email, 'Wrong-horse1'));
    return answers;
  };
  const ofKnown = await failSixTimes(known);
  const ofUnknown = await failSixTimes(unknown);
  expect(ofKnown.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429]);
  expect(ofUnknown.map(bare)).toEqual(ofKnown.map(bare));
  for (const { headers } of [ofKnown[5]!, ofUnknown[5]!]) {
    const wait = Number(headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(30);
  }
  // The right one has to wait as well, or a guesser would learn which it is.
  expect((await login(known, PASSWORD)).status).toBe(429);
  app.clock.advance(30);
  expect((await login(known, PASSWORD)).status).toBe(200);
  // And it makes the wrong ones forgotten.
  for (let index = 0; index < 5; index += 1) expect((await login(known, 'Wrong-horse1')).status).toBe(401);
});

test('whoever holds a session guesses its password no faster', async () => {
  const viewer = await app.signIn();
  const change = async (oldPassword: string) =>
    await app.rest('POST', '/accounts/change-password', { viewer, body: { oldPassword, newPassword: 'Other-horse2' } });
  for (let index = 0; index < 5; index += 1) expect((await change('Wrong-horse1')).status).toBe(400);
  expect((await change(PASSWORD)).status).toBe(429);
  app.clock.advance(30);
  expect((await change(PASSWORD)).status).toBe(200);
});

test('the delay grows to a quarter of an hour and no further', async () => {
  const { email } = await app.signIn();
  for (let index = 0; index < 5; index += 1) await login(email, 'Wrong-horse1');
  const delays = [];
  for (let index = 0; index < 7; index += 1) {
    const delay = Number((await login(email, 'Wrong-horse1')).headers.get('retry-after'));
    delays.push(delay);
    app.clock.advance(delay);
    expect((await login(email, 'Wrong-horse1')).status).toBe(401);
  }
  // Seconds pass while the test runs, but not so many.
  expect(delays.map((delay) => [30, 60, 120, 240, 480, 900].find((full) => delay <= full))).toEqual([
    30, 60, 120, 240, 480, 900, 900,
  ]);
  app.clock.advance(900);
  expect((await login(email, PASSWORD)).status).toBe(200);
});

test('fifty guesses at once, at two processes, are five', async () => {
  const { email } = await app.signIn();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      callRpc(index % 2 ? app.url : replicaUrl, 'accounts.login', { email, password: `Wrong-horse${index}` }, newIp()),
    ),
  );
  expect(tally(answers)).toEqual({ 401: 5, 429: 45 });
});

test('the SDK names the reason', async () => {
  const { client, email } = await app.signIn();
  for (let index = 0; index < 5; index += 1) await login(email, 'Wrong-horse1');
  const refusal = await client.accounts.login.mutate({ email, password: PASSWORD }).catch((error: unknown) => error);
  expect(isCinemaError(refusal, 'too_many_requests')).toBe(true);
});

test('the documentation has the same door: guesses there and at the login count together', async () => {
  const { email } = await app.signIn();
  const open = async (password: string, ip = newIp()) =>
    await fetch(`${app.url}/docs`, {
      headers: {
        authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`,
        'x-forwarded-for': ip,
      },
    });
  for (let index = 0; index < 3; index += 1) expect((await open('Wrong-horse1')).status).toBe(401);
  for (let index = 0; index < 2; index += 1) expect((await login(email, 'Wrong-horse1')).status).toBe(401);
  const refused = await open(PASSWORD);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await login(email, PASSWORD)).status).toBe(429);

  const ip = newIp();
  for (let index = 0; index < 20; index += 1) await login(newEmail(), 'Wrong-horse1', ip);
  expect((await open(PASSWORD, ip)).status).toBe(429);
});

test('ten registrations a minute and a hundred a day may come from an address', async () => {
  const ip = newIp();
  const register = async () =>
    await app.rest('POST', '/accounts/register', {
      // Refused, for the sake of speed; it counts as well as any other.
      body: { email: newEmail(), password: 'weak' },
      headers: { 'x-forwarded-for': ip },
    });
  for (let minute = 0; minute < 10; minute += 1) {
    const answers = await Promise.all(Array.from({ length: 11 }, register));
    expect(tally(answers)).toEqual({ 400: 10, 429: 1 });
    app.clock.advance(60);
  }
  const refused = await register();
  expect([refused.status, refused.body.reason]).toEqual([429, 'too_many_requests']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(80_000);
  app.clock.advance(86_400);
  expect((await register()).status).toBe(400);
});

test('an operator may choose how many registrations and logins come from an address', async () => {
  await using own = await startTestApp({ RATE_LIMITS: 'on', REGISTRATIONS_PER_MINUTE: '2', LOGINS_PER_MINUTE: '3' });
  const statuses: number[] = [];
  const tries = ['register', 'register', 'register', 'login', 'login', 'login', 'login'];
  for (const path of tries) {
    const body = { email: newEmail(), password: 'weak' };
    statuses.push((await own.rest('POST', `/accounts/${path}`, { body })).status);
  }
  expect(statuses).toEqual([400, 400, 429, 401, 401, 401, 429]);
});

const MAILS = [
  ['activation', '/accounts/resend-activation', activationJob.name],
  ['password-reset', '/accounts/request-password-reset', passwordResetJob.name],
] as const;

test.for(MAILS)(
  'a mail for %s is sent to an address once a minute and five times an hour, and no answer tells',
  async ([, path, queue]) => {
    const email = newEmail();
    const answers: RestAnswer[] = [];
    const ask = async () => {
      answers.push(
        await app.rest('POST', path, {
          body: { email },
          headers: { 'x-forwarded-for': newIp() },
        }),
      );
      return (await listJobs(app, queue)).length;
    };
    const before = (await listJobs(app, queue)).length;
    const sent = [];
    for (let minute = 0; minute < 7; minute += 1) {
      sent.push((await ask()) - before, (await ask()) - before);
      app.clock.advance(60);
    }
    expect(sent).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 5, 5, 5]);
    app.clock.advance(3_600);
    expect((await ask()) - before).toBe(6);
    for (const answer of answers) expect(bare(answer)).toEqual(bare(answers[0]!));
    expect(answers[0]?.status).toBe(200);
  },
);

test.for(MAILS)(
  'six hundred a minute and three thousand a day may ask for %s from one network',
  async ([kind, path]) => {
    const ip = newIp();
    const ask = async () =>
      await app.rest('POST', path, { body: { email: newEmail() }, headers: { 'x-forwarded-for': ip } });
    const askOften = async (count: number) =>
      await Promise.all(Array.from({ length: count }, () => tryTakeMail(app.deps, kind, { email: newEmail(), ip })));
    await askOften(599);
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 429]);
    app.clock.advance(60);
    const { rows } = await sql`
    update rate_limits set hits = array_cat(hits, array_fill(hits[1], array[2399]))
    where name = ${`${kind}-mail.ip`} and cardinality(hits) = 600 returning 1`.execute(app.db);
    expect(rows).toHaveLength(1);
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect([refused.status, refused.body.reason]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(80_000);
  },
);

test('the table holds neither addresses of mail nor of machines', async () => {
  const rows = await app.db.selectFrom('rateLimits').select(['name', 'subject']).execute();
  expect(new Set(rows.map(({ name }) => name))).toContain('password');
  for (const { subject } of rows) expect(subject).toHaveLength(32);
});

test('while the limiter has no answer nobody gets in, whatever the password', async () => {
  const { email } = await app.signIn();
  const answer = await app.db.transaction().execute(async (trx) => {
    await sql`lock table rate_limits`.execute(trx);
    return await login(email, PASSWORD);
  });
  expect([answer.status, answer.body.reason]).toEqual([503, 'unavailable']);
  expect(answer.headers.has('retry-after')).toBe(true);
  expect((await login(email, PASSWORD)).status).toBe(200);
});

test('fifty who register one address at once are told that it is taken, not that they are too many', async () => {
  await using own = await startTestApp({ RATE_LIMITS: 'on' });
  const body = { email: 'popular@example.com', password: 'Popcorn-demo1' };
  const answers = await Promise.all(Array.from({ length: 50 }, () => own.rest('POST', '/accounts/register', { body })));
  const statuses = answers.map((answer) => answer.status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(statuses.filter((status) => status === 409)).toHaveLength(49);
});
