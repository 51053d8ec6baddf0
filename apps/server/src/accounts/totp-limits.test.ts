import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';
import { tally } from '../testing/shop.ts';
import { challengeFor, codeOf, completeLogin, refusalOf, signInCarefully, wrongCodeOf } from '../testing/totp.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ RATE_LIMITS: 'on', LOGINS_PER_MINUTE: '1000' });
});
afterAll(() => app[Symbol.asyncDispose]());

test('five wrong codes end a challenge, and the account waits before a new one is good', async () => {
  const viewer = await signInCarefully(app);
  const code = wrongCodeOf(app, viewer.secret);
  const challenge = await challengeFor(app, viewer);
  for (let tries = 0; tries < 5; tries += 1) {
    expect(refusalOf(await completeLogin(app, { challenge, code }))).toEqual([401, 'invalid_code', undefined]);
  }
  const right = { challenge, code: codeOf(app, viewer.secret) };
  expect(refusalOf(await completeLogin(app, right))).toEqual([401, 'invalid_code', true]);

  const other = await challengeFor(app, viewer);
  const early = await completeLogin(app, { ...right, challenge: other });
  expect([early.status, early.body.reason]).toEqual([429, 'too_many_requests']);
  const wait = Number(early.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(30);
  app.clock.advance(wait);
  expect(refusalOf(await completeLogin(app, { ...right, challenge }))).toEqual([401, 'invalid_code', true]);
  expect((await completeLogin(app, { challenge: other, code: codeOf(app, viewer.secret) })).status).toBe(200);
});

test('of fifty guesses at once on a challenge five are looked at', async () => {
  const viewer = await signInCarefully(app);
  const challenge = await challengeFor(app, viewer);
  const guess = { challenge, code: wrongCodeOf(app, viewer.secret) };
  const answers = await Promise.all(Array.from({ length: 50 }, () => completeLogin(app, guess)));
  expect(tally(answers)).toEqual({ invalid_code: 50 });
  expect(answers.filter(({ body }) => body.challengeEnded)).toHaveLength(45);
});

test('ten challenges give no more guesses than one', async () => {
  const viewer = await signInCarefully(app);
  const challenges: string[] = [];
  while (challenges.length < 10) challenges.push(await challengeFor(app, viewer));
  const code = wrongCodeOf(app, viewer.secret);
  const answers = await Promise.all(challenges.map((challenge) => completeLogin(app, { challenge, code })));
  expect(tally(answers)).toEqual({ invalid_code: 5, too_many_requests: 5 });
});

test('recovery codes are guessed no more often', async () => {
  const viewer = await signInCarefully(app);
  const challenge = await challengeFor(app, viewer);
  const guess = { challenge, recoveryCode: 'aaaaa-aaaaa' };
  for (let tries = 0; tries < 5; tries += 1) await completeLogin(app, guess);
  const right = { challenge, recoveryCode: viewer.recoveryCodes[0] };
  expect(refusalOf(await completeLogin(app, right))).toEqual([401, 'invalid_code', true]);
});

test('a right code makes the wrong ones before it forgotten', async () => {
  const viewer = await signInCarefully(app);
  for (let round = 0; round < 2; round += 1) {
    const challenge = await challengeFor(app, viewer);
    const code = wrongCodeOf(app, viewer.secret);
    for (let tries = 0; tries < 4; tries += 1) await completeLogin(app, { challenge, code });
    expect((await completeLogin(app, { challenge, code: codeOf(app, viewer.secret) })).status).toBe(200);
    app.clock.advance(60);
  }
});

test('who holds a session guesses no more often either, and a call that comes too early does not count', async () => {
  const viewer = await app.signIn();
  const enable = (code: string) => app.rest('POST', '/accounts/totp/enable', { viewer, body: { code } });
  for (let tries = 0; tries < 7; tries += 1) expect((await enable('123456')).body.reason).toBe('totp_not_set_up');
  const { secret } = await viewer.client.accounts.totp.setup.mutate();
  for (let tries = 0; tries < 5; tries += 1) expect((await enable(wrongCodeOf(app, secret))).status).toBe(400);
  expect((await enable(codeOf(app, secret))).status).toBe(429);
});

test('nor does he guess the password with which it is set up', async () => {
  const viewer = await app.signIn();
  const setUp = (password: string) => app.rest('POST', '/accounts/totp/setup', { viewer, body: { password } });
  for (let tries = 0; tries < 5; tries += 1) expect((await setUp('Wrong-horse1')).body.reason).toBe('wrong_password');
  expect((await setUp(PASSWORD)).status).toBe(429);
});
