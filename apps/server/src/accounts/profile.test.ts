import { isCinemaError } from '@online-cinema/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { registerVisitor } from '../testing/accounts.ts';

let app: TestApp;
let viewer: Viewer;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const EMPTY = { firstName: null, lastName: null, gender: null, dateOfBirth: null, info: null, avatarUrl: null };

/** The day somebody was born who is `years` old today, and some days more or less. */
function bornYearsAgo(years: number, days = 0): string {
  const day = app.clock.now();
  day.setUTCFullYear(day.getUTCFullYear() - years);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

async function put(body: unknown) {
  return await app.rest('PUT', '/profile', { viewer, body });
}

async function issuesOf(body: unknown): Promise<string[]> {
  const answer = await put(body);
  expect([answer.status, answer.body.reason]).toEqual([400, 'invalid_input']);
  return answer.body.issues.map((issue: { path: string[] }) => issue.path.join('.'));
}

describe('a profile', () => {
  beforeAll(async () => {
    viewer = await app.signIn();
  });

  test('is empty at first, and needs a session', async () => {
    expect(await viewer.client.profile.get.query()).toEqual(EMPTY);
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', {}],
    ] as const) {
      expect((await app.rest(method, '/profile', { body })).status).toBe(401);
    }
  });

  test('keeps what is written, leaves what is not named, and clears with null', async () => {
    const all = {
      firstName: 'Ada',
      lastName: 'Lovelace',
      gender: 'woman',
      dateOfBirth: '1990-12-10',
      info: 'Engines.',
    };
    expect((await put(all)).body).toEqual({ ...all, avatarUrl: null });
    expect((await put({ lastName: 'King' })).body).toEqual({ ...all, lastName: 'King', avatarUrl: null });
    expect((await put({})).body).toMatchObject({ firstName: 'Ada', lastName: 'King' });
    expect((await put({ firstName: null, info: null })).body).toMatchObject({
      firstName: null,
      info: null,
      lastName: 'King',
    });
    expect(await viewer.client.profile.get.query()).toMatchObject({ lastName: 'King', gender: 'woman' });
    expect((await viewer.client.accounts.me.query()).profile).toEqual(await viewer.client.profile.get.query());
  });

  test('is written also where there is no row yet', async () => {
    await app.db.deleteFrom('profiles').where('userId', '=', viewer.userId).execute();
    expect(await viewer.client.profile.get.query()).toEqual(EMPTY);
    expect((await put({ firstName: 'Ada' })).body).toEqual({ ...EMPTY, firstName: 'Ada' });
  });

  test('is kept by no cache, and is the caller’s own only', async () => {
    const other = await app.signIn();
    expect((await app.rest('GET', '/profile', { viewer })).headers.get('cache-control')).toBe('no-store');
    expect(await other.client.profile.get.query()).toEqual(EMPTY);
  });

  test.for([['id'], ['userId'], ['role'], ['avatarUrl'], ['avatarKey'], ['email']])(
    'knows no field %s',
    async ([field]) => {
      expect(await issuesOf({ firstName: 'Eve', [field!]: 'x' })).toEqual([field]);
      expect((await viewer.client.profile.get.query()).firstName).not.toBe('Eve');
    },
  );
});

describe('a name', () => {
  test.for([
    'Zoë',
    "O'Brien",
    'O’Brien',
    'Anna-Maria',
    'van der Berg',
    ' Ада ',
    "Мар'яна",
    '李小龍',
    'नरेन्द्र',
    'محمد',
    '𐐷'.repeat(100),
  ])('%s is kept as typed', async (firstName) => {
    expect((await put({ firstName })).body.firstName).toBe(firstName);
  });

  test('is kept composed', async () => {
    expect((await put({ firstName: 'Zoe\u0308' })).body.firstName).toBe('Zoë');
  });

  test.for([
    '',
    ' ',
    "'-",
    'R2D2',
    'a@b',
    '<b>',
    'a\tb',
    'a\nb',
    'a_b',
    'a.b',
    '🎬',
    'a\u202eb',
    'a'.repeat(101),
    '𐐷'.repeat(101),
  ])('%j is none', async (name) => {
    expect(await issuesOf({ firstName: name, lastName: name })).toEqual(['firstName', 'lastName']);
  });
});

describe('a date of birth', () => {
  test('is one of the calendar, in 1900 or later, of somebody old enough', async () => {
    for (const dateOfBirth of ['1900-01-01', '1988-02-29', bornYearsAgo(18)]) {
      expect((await put({ dateOfBirth })).body.dateOfBirth).toBe(dateOfBirth);
    }
    const wrong = [
      '1899-12-31',
      '1990-02-30',
      '1989-02-29',
      '90-01-01',
      '1990-1-1',
      '',
      '+01990-01-01',
      bornYearsAgo(18, 1),
      bornYearsAgo(0, 1),
      '9999-12-31',
    ];
    for (const dateOfBirth of wrong) expect(await issuesOf({ dateOfBirth }), dateOfBirth).toEqual(['dateOfBirth']);
  });

  test('is old enough from the 18th birthday on; the 29th of February comes after the 28th', async () => {
    await using later = await startTestApp();
    const born = await later.signIn();
    const goTo = async (day: string) => {
      later.clock.advance((Date.parse(`${day}T12:00:00Z`) - later.clock.now().getTime()) / 1000);
      await born.client.$session.signIn({ email: born.email, password: PASSWORD });
    };
    const isOldEnough = async (dateOfBirth: string) =>
      (await later.rest('PUT', '/profile', { viewer: born, body: { dateOfBirth } })).status === 200;
    await goTo('2030-02-28');
    expect(await isOldEnough('2012-02-28')).toBe(true);
    expect(await isOldEnough('2012-02-29')).toBe(false);
    await goTo('2030-03-01');
    expect(await isOldEnough('2012-02-29')).toBe(true);
    expect(await isOldEnough('2012-03-01')).toBe(true);
    expect(await isOldEnough('2012-03-02')).toBe(false);
  });

  test('follows MIN_AGE', async () => {
    await using lenient = await startTestApp({ MIN_AGE: '0' });
    const child = await lenient.signIn();
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    expect((await child.client.profile.update.mutate({ dateOfBirth: day(0) })).dateOfBirth).toBe(day(0));
    const refused = await child.client.profile.update.mutate({ dateOfBirth: day(2) }).catch((error: unknown) => error);
    expect(isCinemaError(refused, 'invalid_input')).toBe(true);
  });
});

test('what one says of oneself is kept as typed: not blank, and not too long', async () => {
  for (const info of ['a', '  <b>Hi</b>\n"&"  ', '🎬'.repeat(2_000)])
    expect((await put({ info })).body.info).toBe(info);
  for (const info of ['', ' \n\t', '\u200b', 'a'.repeat(2_001)]) expect(await issuesOf({ info })).toEqual(['info']);
});

test('a gender is one of three, or none', async () => {
  for (const gender of ['man', 'woman', 'other', null]) expect((await put({ gender })).body.gender).toBe(gender);
  for (const gender of ['Man', '', 'x', 1]) expect(await issuesOf({ gender })).toEqual(['gender']);
});

describe('a user’s card', () => {
  test('tells a name and a picture, and nothing else, to anybody', async () => {
    const { userId, client } = await app.signIn({ role: 'moderator' });
    const card = async () => (await app.rest('GET', `/users/${userId}`)).body;
    expect(await card()).toEqual({ id: userId, displayName: `Viewer ${userId.slice(-4)}`, avatarUrl: null });
    await client.profile.update.mutate({ firstName: ' Grace ', info: 'private', dateOfBirth: '1990-01-01' });
    expect(await card()).toEqual({ id: userId, displayName: 'Grace', avatarUrl: null });
    await client.profile.update.mutate({ lastName: 'Hopper' });
    expect(await app.anonymous.users.card.query({ userId })).toEqual({
      id: userId,
      displayName: 'Grace Hopper',
      avatarUrl: null,
    });
  });

  test('is not there for one who is unknown, not activated, or deactivated: byte for byte the same', async () => {
    const pending = await registerVisitor(app, 'pending-card@example.com');
    const banned = await app.signIn();
    await app.db.updateTable('users').set({ isActive: false }).where('id', '=', banned.userId).execute();
    const unknown = '019a5a4e-7c00-7000-8000-000000000001';
    const answers = [];
    for (const id of [unknown, pending.id, banned.userId]) {
      const { status, body } = await app.rest('GET', `/users/${id}`, { headers: { 'x-request-id': 'same' } });
      answers.push(JSON.stringify([status, body]));
    }
    expect(answers[0]).toContain('not_found');
    expect(new Set(answers).size).toBe(1);
    expect((await app.rest('GET', '/users/nobody')).status).toBe(400);
  });
});
