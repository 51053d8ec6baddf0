/**
 * What may happen to a session at a bad moment, with the published client and the real server. The client's README lists
 * these tests by their names.
 */
import {
  type CinemaClient,
  createCinemaClient,
  isConnectionError,
  memoryStorage,
  type SessionStorage,
} from '@online-cinema/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, startTestApp, type TestApp, type Viewer } from './testing/app.ts';

/** Longer than an access token lives. */
const SIXTEEN_MINUTES = 16 * 60;
const DAY = 86_400;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

type Device = {
  client: CinemaClient;
  /** The procedures that were called, in order. */
  calls: string[];
  countRenewals(): number;
  /** Called before a request is sent: what it gives is the answer. */
  before: (procedure: string) => Promise<Response | void> | Response | void;
};

function startDevice(storage: SessionStorage = memoryStorage()): Device {
  const device: Device = {
    calls: [],
    countRenewals: () => device.calls.filter((call) => call === 'accounts.refresh').length,
    before: () => undefined,
    client: createCinemaClient({
      baseUrl: app.url,
      storage,
      async fetch(input, init) {
        const procedure = new URL(input instanceof Request ? input.url : input).pathname.replace('/trpc/', '');
        device.calls.push(procedure);
        return (await device.before(procedure)) ?? (await fetch(input, init));
      },
    }),
  };
  return device;
}

async function signedIn(storage?: SessionStorage): Promise<Device & Pick<Viewer, 'email'>> {
  const { email } = await app.signIn();
  const device = startDevice(storage);
  await device.client.$session.signIn({ email, password: PASSWORD });
  return Object.assign(device, { email });
}

/** Holds the first request of a procedure: `reached` resolves when it is about to be sent. */
function hold(device: Device, procedure: string): { reached: Promise<void>; release: () => void } {
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  device.before = async (called) => {
    if (called !== procedure) return;
    device.before = () => undefined;
    reached.resolve();
    await released.promise;
  };
  return { reached: reached.promise, release: released.resolve };
}

async function emailOf({ client }: Device): Promise<string> {
  return (await client.accounts.me.query()).email;
}

test('fifty calls refused at once make one renewal, and all are answered', async () => {
  const device = await signedIn();
  app.clock.advance(SIXTEEN_MINUTES);

  const emails = await Promise.all(Array.from({ length: 50 }, () => emailOf(device)));

  expect(new Set(emails)).toEqual(new Set([device.email]));
  expect(device.countRenewals()).toBe(1);
});

test('two tabs that renew at the same time both go on, in one session', async () => {
  const storage = memoryStorage();
  const ours = await signedIn(storage);
  const theirs = startDevice(storage);
  app.clock.advance(SIXTEEN_MINUTES);
  const [first, second] = [hold(ours, 'accounts.refresh'), hold(theirs, 'accounts.refresh')];
  const answers = [emailOf(ours), emailOf(theirs)];
  await Promise.all([first.reached, second.reached]);

  first.release();
  second.release();

  expect(await Promise.all(answers)).toEqual([ours.email, ours.email]);
  app.clock.advance(SIXTEEN_MINUTES);
  expect([await emailOf(theirs), await emailOf(ours)]).toEqual([ours.email, ours.email]);
  expect(ours.countRenewals() + theirs.countRenewals()).toBe(3);
});

test('a sign-out during a renewal is final', async () => {
  const storage = memoryStorage();
  const device = await signedIn(storage);
  app.clock.advance(SIXTEEN_MINUTES);
  const { reached, release } = hold(device, 'accounts.refresh');
  const call = emailOf(device);
  await reached;

  await device.client.$session.signOut();
  release();

  await expect(call).rejects.toMatchObject({ data: { reason: 'not_authenticated' } });
  expect(device.client.$session.current()).toBeNull();
  expect(await storage.read()).toBeNull();
});

test('somebody else who signs in during a renewal stays signed in, and gets no call of the one before', async () => {
  const device = await signedIn();
  const other = await app.signIn();
  app.clock.advance(SIXTEEN_MINUTES);
  const { reached, release } = hold(device, 'accounts.refresh');
  const call = device.client.profile.update.mutate({ firstName: 'Ada' });
  await reached;

  await device.client.$session.signIn({ email: other.email, password: PASSWORD });
  release();

  await expect(call).rejects.toMatchObject({ data: { reason: 'not_authenticated' } });
  expect(await emailOf(device)).toBe(other.email);
  expect(await device.client.profile.get.query()).toMatchObject({ firstName: null });
});

test('a renewal that is answered with 503 keeps the session', async () => {
  const device = await signedIn();
  app.clock.advance(SIXTEEN_MINUTES);
  device.before = (procedure) =>
    procedure === 'accounts.refresh' ? new Response('<h1>busy</h1>', { status: 503 }) : undefined;

  await expect(emailOf(device)).rejects.toMatchObject({ data: { reason: 'unavailable', httpStatus: 503 } });

  expect(device.client.$session.current()).not.toBeNull();
  device.before = () => undefined;
  expect(await emailOf(device)).toBe(device.email);
});

test('a session that the cinema has ended is cleared once, however many calls notice', async () => {
  const storage = memoryStorage();
  const device = await signedIn(storage);
  const heard: unknown[] = [];
  device.client.$session.onChange((session) => heard.push(session));
  const { userId } = await app.db
    .selectFrom('users')
    .select('id as userId')
    .where('email', '=', device.email)
    .executeTakeFirstOrThrow();
  await app.db.deleteFrom('sessions').where('userId', '=', userId).execute();

  const calls = await Promise.allSettled(Array.from({ length: 20 }, () => emailOf(device)));

  for (const call of calls) expect(call).toMatchObject({ reason: { data: { reason: 'not_authenticated' } } });
  expect(device.countRenewals()).toBe(1);
  expect(heard).toEqual([null]);
  expect(await storage.read()).toBeNull();
});

test('a late 401 to an old token is repeated with the newer one, without another renewal', async () => {
  const device = await signedIn();
  app.clock.advance(SIXTEEN_MINUTES);
  const { reached, release } = hold(device, 'cart.get');
  const late = device.client.cart.get.query();
  await reached;
  await emailOf(device);

  release();

  expect((await late).items).toEqual([]);
  expect(device.calls.filter((call) => call === 'cart.get')).toHaveLength(2);
  expect(device.countRenewals()).toBe(1);
});

test('a storage that always throws costs nothing but memory', async () => {
  const fail = () => {
    throw new Error('The user has forbidden storage.');
  };
  const device = await signedIn({ read: fail, write: fail, subscribe: fail });

  app.clock.advance(SIXTEEN_MINUTES);

  expect(await emailOf(device)).toBe(device.email);
  await device.client.$session.signOut();
  expect(device.client.$session.current()).toBeNull();
});

test('a clock that is wrong by ten minutes, either way, does not matter', async () => {
  for (const wrongByMs of [-600_000, 600_000]) {
    const storage = memoryStorage();
    const { email } = await signedIn(storage);
    // A clock that was put right meanwhile: by it, the tokens were given out ten minutes earlier or later.
    const text = (await storage.read()) ?? '';
    await storage.write(
      text.replaceAll(/"(renewAt|expiresAt)":(\d+)/g, (_, key, at) => `"${key}":${Number(at) + wrongByMs}`),
    );
    const device = startDevice(storage);

    expect(await emailOf(device)).toBe(email);
    app.clock.advance(SIXTEEN_MINUTES);
    expect(await emailOf(device)).toBe(email);
    expect(device.countRenewals()).toBe(1);
  }
});

test('a start without a network keeps the session, and goes on when there is one', async () => {
  const storage = memoryStorage();
  const { email } = await signedIn(storage);
  app.clock.advance(SIXTEEN_MINUTES);
  const device = startDevice(storage);
  device.before = () => {
    throw new TypeError('Failed to fetch');
  };

  await expect(emailOf(device)).rejects.toSatisfy(isConnectionError);

  expect(device.client.$session.current()).not.toBeNull();
  device.before = () => undefined;
  expect(await emailOf(device)).toBe(email);
});

test('a client that is disposed of during a renewal loses no session', async () => {
  const storage = memoryStorage();
  const device = await signedIn(storage);
  const before = await storage.read();
  app.clock.advance(SIXTEEN_MINUTES);
  const { reached, release } = hold(device, 'accounts.refresh');
  const call = emailOf(device);
  await reached;

  device.client.$dispose();
  release();

  await expect(call).rejects.toThrow('This client was disposed of.');
  await expect.poll(() => storage.read()).not.toBe(before);
  // Longer than the old token would be good a second time.
  app.clock.advance(60);
  expect(await emailOf(startDevice(storage))).toBe(device.email);
});

test('a device that slept for a day wakes up with one renewal; after the session is over, signed out', async () => {
  const device = await signedIn();

  app.clock.advance(DAY);
  expect(await Promise.all(Array.from({ length: 5 }, () => emailOf(device)))).toEqual(Array(5).fill(device.email));
  expect(device.countRenewals()).toBe(1);

  app.clock.advance(8 * DAY);
  await expect(emailOf(device)).rejects.toMatchObject({ data: { reason: 'not_authenticated' } });
  expect(device.client.$session.current()).toBeNull();
});
