import { createCinemaClient, isCinemaError } from '@online-cinema/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { linkOf, signInForTokens, tokenOf } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';
import { listJobs } from '../testing/jobs.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(() => app.inbox.clear());
afterAll(() => app[Symbol.asyncDispose]());

const REGISTER = '/accounts/register';

test('a registration answers with the account, and leaves a closed one with profile and token', async () => {
  const answer = await app.rest('POST', REGISTER, { body: { email: 'ada@example.com', password: PASSWORD } });

  expect(answer.status).toBe(201);
  expect(answer.body).toEqual({
    id: expect.any(String),
    email: 'ada@example.com',
    message: expect.stringContaining('ada@'),
  });
  const user = await app.db
    .selectFrom('users')
    .innerJoin('profiles', 'profiles.userId', 'users.id')
    .innerJoin('oneTimeTokens', 'oneTimeTokens.userId', 'users.id')
    .where('users.id', '=', answer.body.id)
    .select(['email', 'role', 'isActive', 'passwordHash', 'firstName', 'purpose', 'expiresAt'])
    .executeTakeFirstOrThrow();
  expect(user).toMatchObject({
    email: 'ada@example.com',
    role: 'user',
    isActive: false,
    firstName: null,
    purpose: 'activation',
  });
  expect(user.passwordHash).toMatch(/^\$argon2id\$/);
  const hoursLeft = (user.expiresAt.getTime() - app.clock.now().getTime()) / 3_600_000;
  expect(hoursLeft).toBeGreaterThan(23.9);
  expect(hoursLeft).toBeLessThanOrEqual(24);
});

test('the SDK registers too, and is told the reason of a refusal', async () => {
  const created = await app.anonymous.accounts.register.mutate({ email: 'sdk@example.com', password: PASSWORD });
  expect(created.email).toBe('sdk@example.com');

  const again = await app.anonymous.accounts.register
    .mutate({ email: 'SDK@example.com', password: PASSWORD })
    .catch((error: unknown) => error);
  expect(isCinemaError(again, 'email_taken')).toBe(true);
});

test.for([
  ['  Trim.Me@Example.COM\t', 'trim.me@example.com'],
  ['jose\u0301@example.com', 'jos\u00e9@example.com'],
  ['ΑΔΑ@example.com', 'αδα@example.com'],
  ['ada@bücher.example', 'ada@bücher.example'],
] as const)('%j is kept as %j', async ([typed, kept]) => {
  const answer = await app.rest('POST', REGISTER, { body: { email: typed, password: PASSWORD } });
  expect(answer.status).toBe(201);
  expect(answer.body.email).toBe(kept);

  const again = await app.rest('POST', REGISTER, { body: { email: kept, password: PASSWORD } });
  expect(again.status).toBe(409);
  expect(again.body.reason).toBe('email_taken');
  await app.inbox.waitFor({ to: kept });
});

describe('an address that is none is refused, and no mail goes anywhere', () => {
  test.for([
    ['no @', 'nobody'],
    ['a second @', 'a@b.example@c.example'],
    ['a second recipient after a line break', 'a@b.example\r\nBcc: c@d.example'],
    ['a line feed', 'a\n@b.example'],
    ['a second recipient after a comma', 'a@b.example,c@d.example'],
    ['a name and angle brackets', 'Ada <a@b.example>'],
    ['NUL', 'a\0@b.example'],
    ['a bell', 'a\u0007@b.example'],
    ['a character that turns the writing direction', 'a\u202e@b.example'],
    ['a space that has no width', 'a\u200b@b.example'],
    ['a space', 'a b@c.example'],
    ['quotes', '"a b"@c.example'],
    ['no domain', 'a@'],
    ['a domain without a dot', 'a@localhost'],
    ['two dots in the domain', 'a@b..example'],
    ['an address of a machine', 'a@[127.0.0.1]'],
    ['255 characters', `${'a'.repeat(60)}@${'b'.repeat(61)}.${'c'.repeat(61)}.${'d'.repeat(61)}.${'e'.repeat(8)}`],
    ['a name of 65 characters', `${'a'.repeat(65)}@b.example`],
    ['nothing', ''],
  ] as const)('%s', async ([, email]) => {
    const answer = await app.rest('POST', REGISTER, { body: { email, password: PASSWORD } });
    expect(answer.status).toBe(400);
    expect(answer.body.reason).toBe('invalid_input');

    const overRpc = await app.anonymous.accounts.register
      .mutate({ email, password: PASSWORD })
      .catch((error: unknown) => error);
    expect(isCinemaError(overRpc, 'invalid_input')).toBe(true);
    expect(app.inbox.messages()).toEqual([]);
  });

  test('254 characters are an address', async () => {
    const email = `${'a'.repeat(60)}@${'b'.repeat(61)}.${'c'.repeat(61)}.${'d'.repeat(61)}.${'e'.repeat(7)}`;
    expect(email).toHaveLength(254);
    expect((await app.rest('POST', '/accounts/login', { body: { email, password: PASSWORD } })).status).toBe(401);
  });
});

test.for([{ role: 'admin' }, { isActive: true }, { id: '019a5a4e-7c00-7000-8000-000000000001' }])(
  '%j beside address and password is refused',
  async (more) => {
    const body = { email: 'more@example.com', password: PASSWORD, ...more };
    const answer = await app.rest('POST', REGISTER, { body });
    expect(answer.status).toBe(400);
    expect(answer.body.issues).toEqual([{ path: Object.keys(more), message: 'Unknown field.' }]);
  },
);

describe('a password must be strong enough', () => {
  const COMMON = 'This is one of the most common passwords. Use another one.';
  const [LENGTH, UPPER, LOWER, DIGIT, SPECIAL] = ['8 to 128', 'upper-case', 'lower-case', 'digit', 'special'] as const;

  test.for([
    ['', [LENGTH, UPPER, LOWER, DIGIT, SPECIAL]],
    ['abc', [LENGTH, UPPER, DIGIT, SPECIAL]],
    ['correct-horse', [UPPER, DIGIT]],
    ['CORRECT-HORSE1', [LOWER]],
    ['Correcthorse1', [SPECIAL]],
    // Seven characters for a person, ten units for JavaScript.
    ['Aa1!🎬🎬🎬', [LENGTH]],
    [`Aa1!${'x'.repeat(125)}`, [LENGTH]],
  ] as const)('%j breaks the strict rules %j', async ([password, broken]) => {
    const answer = await app.rest('POST', REGISTER, { body: { email: 'weak@example.com', password } });
    expect(answer.status).toBe(400);
    expect(answer.body.reason).toBe('weak_password');
    const issues: { path: string[]; message: string }[] = answer.body.issues;
    expect(issues.map((issue) => issue.path)).toEqual(broken.map(() => ['password']));
    for (const [index, rule] of broken.entries()) expect(issues[index]?.message).toContain(rule);
  });

  test.for(['P@ssw0rd', 'P@SSw0RD'])('%j is common, however it is written', async (password) => {
    const answer = await app.rest('POST', REGISTER, { body: { email: 'weak@example.com', password } });
    expect([answer.status, answer.body.reason]).toEqual([400, 'weak_password']);
    expect(answer.body.issues.at(-1)).toEqual({ path: ['password'], message: COMMON });
  });

  test('the SDK is told each broken rule as well', async () => {
    const refusal = await app.anonymous.accounts.register
      .mutate({ email: 'weak@example.com', password: 'abc' })
      .catch((error: unknown) => error);
    expect(isCinemaError(refusal, 'weak_password') && refusal.data.issues).toHaveLength(4);
  });

  test('with the basic policy a letter and a digit are enough', async () => {
    const basic = createCinemaClient({
      baseUrl: (await app.startReplica({ PASSWORD_POLICY: 'basic', PROCESS: 'api' })).url ?? '',
    });
    const register = (password: string) =>
      basic.accounts.register.mutate({ email: 'basic@example.com', password }).catch((error: unknown) => error);

    const refusals = [await register('zebrafish'), await register('48151623'), await register('a1')];
    const rules = refusals.map(
      (refusal) => isCinemaError(refusal, 'weak_password') && refusal.data.issues?.map((issue) => issue.message),
    );
    expect(rules).toEqual([['Use a digit.'], ['Use a letter.'], [expect.stringContaining(LENGTH)]]);
    const common = [await register('Qwerty123'), await register('password1'), await register('12345678')];
    const commonRules = common.map(
      (refusal) => isCinemaError(refusal, 'weak_password') && refusal.data.issues?.map((issue) => issue.message),
    );
    expect(commonRules).toEqual([[COMMON], [COMMON], ['Use a letter.', COMMON]]);
    expect(await register('zebrafish1')).toMatchObject({ email: 'basic@example.com' });
  });

  test('128 characters count to the last one, and however a letter was composed', async () => {
    const password = `Aa1!é${'🎬'.repeat(123)}`;
    const { id } = await app.anonymous.accounts.register.mutate({ email: 'long@example.com', password });
    await app.db.updateTable('users').set({ isActive: true, activatedAt: new Date() }).where('id', '=', id).execute();

    const login = (typed: string) =>
      app.rest('POST', '/accounts/login', { body: { email: 'long@example.com', password: typed } });
    expect((await login(`${password.slice(0, -2)}🎭`)).status).toBe(401);
    expect((await login(password.normalize('NFD'))).status).toBe(200);
  });
});

test('fifty registrations of one address at once make one account and one mail', async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      app.rest('POST', REGISTER, {
        body: { email: index % 2 ? 'Race@Example.com' : 'race@example.com', password: PASSWORD },
      }),
    ),
  );

  expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
  expect(answers.filter((answer) => answer.status === 409 && answer.body.reason === 'email_taken')).toHaveLength(49);
  expect(await app.db.selectFrom('users').where('email', '=', 'race@example.com').select('id').execute()).toHaveLength(
    1,
  );
  await app.inbox.waitFor({ to: 'race@example.com' });
  const tokens = await app.db
    .selectFrom('oneTimeTokens')
    .innerJoin('users', 'users.id', 'oneTimeTokens.userId')
    .where('email', '=', 'race@example.com')
    .select('oneTimeTokens.id')
    .execute();
  expect(tokens).toHaveLength(1);
  const jobs = await listJobs(app, 'accounts.activation-mail');
  expect(jobs.filter((job) => JSON.stringify(job.data).includes(tokens[0]!.id))).toHaveLength(1);
  expect(app.inbox.messages().filter((mail) => mail.envelope.to.includes('race@example.com'))).toHaveLength(1);
});

describe('the activation mail', () => {
  test('has a link on PUBLIC_URL, whatever the Host was, in its HTML and its text', async () => {
    await app.rest('POST', REGISTER, {
      body: { email: 'mail@example.com', password: PASSWORD },
      headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' },
    });
    const mail = await app.inbox.waitFor({ to: 'mail@example.com' });

    expect(mail.subject).toBe('Activate your account');
    expect(mail.to).toEqual([{ name: '', address: 'mail@example.com' }]);
    expect(mail.envelope.to).toEqual(['mail@example.com']);
    expect(linkOf(mail)).toMatch(/^http:\/\/cinema\.test\/activate\?token=[\w-]{64}$/);
    expect(mail.html).toContain('<strong id="email">mail@example.com</strong>');
    expect(mail.text).toContain(linkOf(mail));
    expect(mail.text).toContain('mail@example.com');
    expect(mail.text).not.toMatch(/<\/?[a-z]|&amp;/);
    expect(mail.raw.toString()).not.toContain('evil.example');
  });

  test('has a Message-ID made of what it is about, and nothing secret in it', async () => {
    const { id } = await app.anonymous.accounts.register.mutate({ email: 'id@example.com', password: PASSWORD });
    const token = await app.db
      .selectFrom('oneTimeTokens')
      .where('userId', '=', id)
      .select('id')
      .executeTakeFirstOrThrow();
    const mail = await app.inbox.waitFor({ to: 'id@example.com' });
    expect(mail.messageId).toBe(`activation.${token.id}@cinema.test`);
  });

  test('shows an address with HTML in it as text', async () => {
    const email = "o'brien&copy;=1@example.com";
    // A semicolon is refused, the rest of it is an address.
    expect((await app.rest('POST', REGISTER, { body: { email, password: PASSWORD } })).status).toBe(400);
    await app.anonymous.accounts.register.mutate({ email: "o'brien&copy=1@example.com", password: PASSWORD });
    const mail = await app.inbox.waitFor({ to: "o'brien&copy=1@example.com" });
    expect(mail.html).toContain('<strong id="email">o&#39;brien&amp;copy=1@example.com</strong>');
    expect(mail.text).toContain("o'brien&copy=1@example.com");
  });

  test('arrives later when the worker was away, and its token opens the account', async () => {
    const api = await startTestApp({ PROCESS: 'api' });
    await using _ = api;
    const { id } = await api.anonymous.accounts.register.mutate({ email: 'later@example.com', password: PASSWORD });
    expect((await listJobs(api, 'accounts.activation-mail')).map((job) => job.state)).toEqual(['created']);
    expect(api.inbox.messages()).toEqual([]);

    await api.startReplica({ PROCESS: 'worker' });
    const mail = await api.inbox.waitFor({ to: 'later@example.com' });
    await api.anonymous.accounts.activate.mutate({ token: tokenOf(mail) });
    await signInForTokens(api, 'later@example.com');
    const user = await api.db.selectFrom('users').where('id', '=', id).select('isActive').executeTakeFirst();
    expect(user).toEqual({ isActive: true });
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
