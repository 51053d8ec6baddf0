import { setTimeout } from 'node:timers/promises';
import { isCinemaError } from '@online-cinema/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { registerVisitor, signInForTokens, tokenOf } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';
import { listJobs, waitUntilDone } from '../testing/jobs.ts';
import { activationJob } from './jobs.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(() => app.inbox.clear());
afterAll(() => app[Symbol.asyncDispose]());

const ACTIVATE = '/accounts/activate';
const RESEND = '/accounts/resend-activation';

test('the token of the mail opens the account once, and a second mail says so', async () => {
  const visitor = await registerVisitor(app, 'once@example.com');

  const answer = await app.rest('POST', ACTIVATE, { body: { token: visitor.token } });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ message: 'Your account is active.' });

  const mail = await app.inbox.waitFor({ to: visitor.email, subject: 'Your account is active' });
  expect(mail.messageId).toBe(`activated.${visitor.id}@cinema.test`);
  expect(mail.html).toContain('<strong id="email">once@example.com</strong>');
  expect(mail.html).toMatch(/<a\s+id="link"\s+href="http:\/\/cinema\.test\//);
  expect(mail.text).toContain('once@example.com');
  expect((await app.rest('POST', ACTIVATE, { body: { token: visitor.token } })).body.reason).toBe('invalid_token');
});

test('before activation a login is refused as not active, but only with the right password', async () => {
  const visitor = await registerVisitor(app, 'closed@example.com');
  const login = (password: string) => app.rest('POST', '/accounts/login', { body: { email: visitor.email, password } });

  const wrong = await login('Wrong-horse1');
  expect([wrong.status, wrong.body.reason]).toEqual([401, 'invalid_credentials']);
  const right = await login(visitor.password);
  expect([right.status, right.body.reason]).toEqual([403, 'not_active']);
  const signIn = app.anonymous.$session.signIn(visitor).catch((error: unknown) => error);
  expect(isCinemaError(await signIn)).toBe(true);

  await app.anonymous.accounts.activate.mutate({ token: visitor.token });
  expect((await login(visitor.password)).status).toBe(200);
});

test('fifty uses of one token at once open the account once', async () => {
  const visitor = await registerVisitor(app, 'race@example.com');
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => app.rest('POST', ACTIVATE, { body: { token: visitor.token } })),
  );
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  expect(answers.filter((answer) => answer.status === 400 && answer.body.reason === 'invalid_token')).toHaveLength(49);
  await app.inbox.waitFor({ to: visitor.email, subject: 'Your account is active' });
  const mails = app.inbox.messages().filter((mail) => mail.envelope.to.includes(visitor.email));
  expect(mails.map((mail) => mail.subject).sort()).toEqual(['Activate your account', 'Your account is active']);
});

test('a token that opens nothing is refused in the same words, whatever is wrong with it', async () => {
  const [used, late, waiting] = [
    await registerVisitor(app, 'used@example.com'),
    await registerVisitor(app, 'late@example.com'),
    await registerVisitor(app, 'waiting@example.com'),
  ];
  await app.anonymous.accounts.activate.mutate({ token: used.token });
  const { id } = await app.db
    .selectFrom('oneTimeTokens')
    .where('userId', '=', waiting.id)
    .select('id')
    .executeTakeFirstOrThrow();
  await app.db.updateTable('oneTimeTokens').set({ expiresAt: app.clock.now() }).where('userId', '=', late.id).execute();
  // A token for another purpose whose row exists.
  const reset = await app.db
    .insertInto('oneTimeTokens')
    .values({ userId: waiting.id, purpose: 'password_reset', expiresAt: new Date(Date.now() + 60_000) })
    .returning('id')
    .executeTakeFirstOrThrow();
  const tokens = {
    unknown: app.deps.oneTimeTokens.derive('activation', '019a5a4e-7c00-7000-8000-000000000001'),
    used: used.token,
    expired: late.token,
    'of another purpose': app.deps.oneTimeTokens.derive('password_reset', reset.id),
    'of another purpose, for this row': app.deps.oneTimeTokens.derive('password_reset', id),
    'of this purpose, for a row of another': app.deps.oneTimeTokens.derive('activation', reset.id),
    'with its first character changed': flip(waiting.token, 0),
    'with its last character changed': flip(waiting.token, waiting.token.length - 1),
    'with more behind it': `${waiting.token}AAAA`,
    'spelt otherwise': `${waiting.token}=`,
    'the id of the row': id,
    'an access token': (await signInForTokens(app, used.email)).accessToken,
    nonsense: 'x',
    'a null byte in disguise': '%00',
  };

  const bodies = new Map<string, unknown>();
  for (const [what, token] of Object.entries(tokens)) {
    const { status, body } = await app.rest('POST', ACTIVATE, { body: { token } });
    bodies.set(what, { status, ...body, requestId: '' });
  }
  expect(bodies.get('unknown')).toMatchObject({ status: 400, reason: 'invalid_token' });
  for (const [what, body] of bodies) expect(body, what).toEqual(bodies.get('unknown'));

  // None of the guesses burnt the real one.
  expect((await app.rest('POST', ACTIVATE, { body: { token: waiting.token } })).status).toBe(200);
});

test('a token is good for 24 hours', async () => {
  const early = await registerVisitor(app, 'early@example.com');
  app.clock.advance(86_400 - 60);
  expect((await app.rest('POST', ACTIVATE, { body: { token: early.token } })).status).toBe(200);

  const late = await registerVisitor(app, 'too-late@example.com');
  app.clock.advance(86_401);
  expect((await app.rest('POST', ACTIVATE, { body: { token: late.token } })).body.reason).toBe('invalid_token');
});

test('an account that an admin opened in between is active already', async () => {
  const visitor = await registerVisitor(app, 'between@example.com');
  await app.db
    .updateTable('users')
    .set({ isActive: true, activatedAt: new Date() })
    .where('id', '=', visitor.id)
    .execute();
  for (const _ of [1, 2]) {
    const answer = await app.rest('POST', ACTIVATE, { body: { token: visitor.token } });
    expect([answer.status, answer.body.reason]).toEqual([409, 'already_active']);
  }
  const overRpc = await app.anonymous.accounts.activate
    .mutate({ token: visitor.token })
    .catch((error: unknown) => error);
  expect(isCinemaError(overRpc, 'already_active')).toBe(true);
});

describe('asking for the mail again', () => {
  async function resend(email: string) {
    const response = await fetch(`${app.url}/api/v1${RESEND}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email }),
    });
    const headers = Object.fromEntries(response.headers);
    return {
      status: response.status,
      text: await response.text(),
      headers: { ...headers, date: '', 'x-request-id': '' },
    };
  }

  test('is answered alike for an unknown, a waiting and an active address, but only the waiting one gets a mail', async () => {
    const waiting = await registerVisitor(app, 'asks@example.com');
    const active = await app.signIn();
    app.inbox.clear();

    const [unknown, pending, known] = [
      await resend('nobody@example.com'),
      await resend(waiting.email),
      await resend(active.email),
    ];
    expect(unknown.status).toBe(200);
    expect(pending).toEqual(unknown);
    expect(known).toEqual(unknown);

    const [one, other] = [
      await app.anonymous.accounts.resendActivation.mutate({ email: 'nobody@example.com' }),
      await app.anonymous.accounts.resendActivation.mutate({ email: active.email }),
    ];
    expect(one).toEqual(other);
    await waitUntilDone(app, 'accounts.activation');
    await waitUntilDone(app, 'accounts.activation-mail');
    const receivers = app.inbox.messages().flatMap((mail) => mail.envelope.to);
    expect(receivers).toEqual(['asks@example.com']);
  });

  test('the new token replaces the old one', async () => {
    const visitor = await registerVisitor(app, 'replace@example.com');
    app.inbox.clear();
    await app.rest('POST', RESEND, { body: { email: ' Replace@example.com ' } });
    const token = tokenOf(await app.inbox.waitFor({ to: visitor.email }));

    expect(token).not.toBe(visitor.token);
    expect((await app.rest('POST', ACTIVATE, { body: { token: visitor.token } })).body.reason).toBe('invalid_token');
    expect((await app.rest('POST', ACTIVATE, { body: { token } })).status).toBe(200);
  });

  test('while the account is being opened ends in an open account, and in no fault', async () => {
    for (let round = 0; round < 10; round++) {
      const visitor = await registerVisitor(app, `both${round}@example.com`);
      const [activation, ...resends] = await Promise.all([
        // Who asks for a mail waits that long: somewhere in between they meet.
        setTimeout(100 + round * 10).then(() => app.rest('POST', ACTIVATE, { body: { token: visitor.token } })),
        ...Array.from({ length: 5 }, () => app.rest('POST', RESEND, { body: { email: visitor.email } })),
      ]);
      expect(resends.map((answer) => answer.status)).toEqual(Array(5).fill(200));
      // Either the token was used first, or it was replaced first.
      expect([200, 400]).toContain(activation.status);
      const user = await app.db.selectFrom('users').where('id', '=', visitor.id).select('isActive').executeTakeFirst();
      expect(user?.isActive).toBe(activation.status === 200);
    }
  });

  test('a token that was replaced before its mail was sent is not mailed any more', async () => {
    await using slow = await startTestApp({ PROCESS: 'api' });
    const email = 'twice@example.com';
    const { id: userId } = await slow.anonymous.accounts.register.mutate({ email, password: PASSWORD });
    const { signal } = new AbortController();
    await activationJob.run(slow.deps, { userId }, signal);
    await activationJob.run(slow.deps, { userId }, signal);
    expect(await listJobs(slow, 'accounts.activation-mail')).toHaveLength(3);
    await slow.startReplica({ PROCESS: 'worker' });
    const mail = await slow.inbox.waitFor({ to: email });
    await waitUntilDone(slow, 'accounts.activation-mail');
    await slow.anonymous.accounts.activate.mutate({ token: tokenOf(mail) });
    expect(slow.inbox.messages().filter(({ subject }) => subject === 'Activate your account')).toHaveLength(1);
  });

  test('a mail whose link would be too old is not sent', async () => {
    await using slow = await startTestApp({ PROCESS: 'api' });
    await slow.anonymous.accounts.register.mutate({ email: 'old@example.com', password: PASSWORD });
    slow.clock.advance(86_401);
    await slow.anonymous.accounts.register.mutate({ email: 'new@example.com', password: PASSWORD });
    await slow.startReplica({ PROCESS: 'worker' });
    await slow.inbox.waitFor({ to: 'new@example.com' });
    expect(slow.inbox.messages().flatMap((mail) => mail.envelope.to)).toEqual(['new@example.com']);
  });
});

function flip(token: string, index: number): string {
  const other = token[index] === 'A' ? 'B' : 'A';
  return token.slice(0, index) + other + token.slice(index + 1);
}

test('somebody who was deactivated can not come back by an activation mail', async () => {
  const visitor = await registerVisitor(app, 'deactivated@example.com');
  await app.rest('POST', ACTIVATE, { body: { token: visitor.token } });
  await app.db.updateTable('users').set({ isActive: false }).where('id', '=', visitor.id).execute();

  await app.rest('POST', '/accounts/resend-activation', { body: { email: visitor.email } });
  await waitUntilDone(app, 'accounts.activation');

  const tokens = await app.db.selectFrom('oneTimeTokens').where('userId', '=', visitor.id).select('id').execute();
  expect(tokens).toEqual([]);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
