import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type CinemaClient,
  createCinemaClient,
  isCinemaError,
  memoryStorage,
  type SessionInfo,
  type SessionStorage,
} from './client.ts';
import { createGate, startTestCinema, type TestCinema } from './testing/test-cinema.ts';

const ADA = { email: 'ada@demo.test', password: 'popcorn' };
const BOB = { email: 'bob@demo.test', password: 'popcorn' };

let cinema: TestCinema;

beforeEach(async () => {
  cinema = await startTestCinema();
});

afterEach(async () => {
  await cinema[Symbol.asyncDispose]();
});

function connect(storage: SessionStorage = memoryStorage()): CinemaClient {
  return createCinemaClient({ baseUrl: cinema.url, storage });
}

async function signedIn(storage?: SessionStorage): Promise<CinemaClient> {
  const client = connect(storage);
  await client.$session.signIn(ADA);
  return client;
}

/** Holds every refresh at the cinema: `reached` resolves when the first is there. */
function holdRefreshes(): { reached: Promise<void>; release: () => void } {
  const [reached, released] = [createGate(), createGate()];
  cinema.beforeRefresh = async () => {
    reached.open();
    await released.opened;
  };
  return { reached: reached.opened, release: released.open };
}

describe('signing in and out', () => {
  test('a client without a session calls as nobody', async () => {
    const client = connect();

    expect(client.$session.current()).toBeNull();
    expect(await client.$session.accessToken()).toBeNull();
    await expect(client.accounts.me.query()).rejects.toMatchObject({ data: { reason: 'not_authenticated' } });
    expect(cinema.requests.map((request) => request.authorization)).toEqual([undefined]);
  });

  test('after signing in, calls go with the session, and dates arrive as dates', async () => {
    const client = await signedIn();

    const me = await client.accounts.me.query();

    expect(me.email).toBe('ada@demo.test');
    expect(me.createdAt).toEqual(new Date(0));
    expect(client.$session.current()?.accessTokenExpiresAt.getTime()).toBeGreaterThan(Date.now());
  });

  test('a wrong password leaves the session that was there', async () => {
    const client = await signedIn();
    const before = client.$session.current();

    await expect(client.$session.signIn({ ...BOB, password: 'no' })).rejects.toMatchObject({
      data: { reason: 'invalid_credentials' },
    });

    expect(client.$session.current()).toEqual(before);
  });

  test('an account with two-factor login needs the second step, with either kind of code', async () => {
    const client = connect();
    for (const proof of [{ code: '123456' }, { recoveryCode: 'k3m9x-7qpt2' }]) {
      const refusal = await client.$session
        .signIn({ email: 'careful@demo.test', password: 'popcorn' })
        .catch((error: unknown) => error);
      if (!isCinemaError(refusal, 'totp_required')) throw refusal;
      expect(client.$session.current()).toBeNull();

      await client.$session.completeTotp({ challenge: refusal.data.challenge, ...proof });

      expect((await client.accounts.me.query()).email).toBe('careful@demo.test');
      await client.$session.signOut();
    }
  });

  test('a wrong code leaves the session that was there', async () => {
    const client = await signedIn();

    const wrong = client.$session.completeTotp({ challenge: 'challenge.careful', code: '000000' });

    await expect(wrong).rejects.toMatchObject({ data: { reason: 'invalid_code' } });
    expect((await client.accounts.me.query()).email).toBe('ada@demo.test');
  });

  test('a second step that is overtaken by another sign-in leaves no session behind', async () => {
    const client = connect();
    const overtaken = client.$session.completeTotp({ challenge: 'challenge.careful', code: '123456' });

    const [outcome] = await Promise.allSettled([overtaken, client.$session.signIn(BOB)]);

    expect(outcome).toMatchObject({ reason: new Error('Another sign-in or sign-out came after this one.') });
    expect((await client.accounts.me.query()).email).toBe('bob@demo.test');
    expect(cinema.deeds).toContain('accounts.logout careful');
  });

  test('signing out forgets the tokens and ends the session at the cinema', async () => {
    const storage = memoryStorage();
    const client = await signedIn(storage);

    await client.$session.signOut();

    expect(client.$session.current()).toBeNull();
    expect(await storage.read()).toBeNull();
    expect(cinema.deeds).toEqual(['accounts.logout ada']);
  });

  test('signing out while the cinema cannot be reached says so, and forgets the tokens all the same', async () => {
    const storage = memoryStorage();
    const client = await signedIn(storage);
    cinema.intercept = breakConnection;

    await expect(client.$session.signOut()).rejects.toThrow('fetch failed');

    expect(client.$session.current()).toBeNull();
    expect(await storage.read()).toBeNull();
  });

  test('a sign-in that was overtaken by a sign-out leaves no session, neither here nor at the cinema', async () => {
    const client = connect();

    const signIn = client.$session.signIn(ADA);
    await client.$session.signOut();

    await expect(signIn).rejects.toThrow('Another sign-in or sign-out came after this one.');
    expect(client.$session.current()).toBeNull();
    expect(cinema.deeds).toEqual(['accounts.logout ada']);
  });

  test('a listener that throws fails no sign-in and silences no other', async () => {
    const storage = memoryStorage();
    const client = createCinemaClient({ baseUrl: cinema.url, storage });
    const complain = vi.spyOn(console, 'error').mockReturnValue();
    const mistake = new Error('The listener has a mistake.');
    let heard = 0;
    client.$session.onChange(() => {
      throw mistake;
    });
    client.$session.onChange(() => (heard += 1));

    await client.$session.signIn(ADA);

    expect([heard, complain.mock.calls]).toEqual([1, [[mistake]]]);
    expect(await storage.read()).toContain('accessToken');
    complain.mockRestore();
  });

  test('listeners hear of sign-ins and sign-outs, not of renewals, until they stop', async () => {
    const client = connect();
    const heard: (SessionInfo | null)[] = [];
    const stop = client.$session.onChange((session) => heard.push(session));

    await client.$session.signIn(ADA);
    cinema.expireAccessTokens();
    await client.accounts.me.query();
    await client.$session.signOut();
    stop();
    await client.$session.signIn(ADA);

    expect(cinema.count('accounts.refresh')).toBe(1);
    expect(heard).toEqual([{ accessTokenExpiresAt: expect.any(Date) }, null]);
  });
});

describe('renewal', () => {
  test('fifty calls refused at once make one refresh, and all are answered', async () => {
    const client = await signedIn();
    cinema.expireAccessTokens();

    const answers = await Promise.all(
      Array.from({ length: 25 }, () => [
        client.accounts.me.query(),
        client.cart.add.mutate({ movieId: 'alien-1979' }),
      ]).flat(),
    );

    expect(answers).toHaveLength(50);
    expect(cinema.count('accounts.refresh')).toBe(1);
    expect(cinema.deeds.filter((deed) => deed === 'cart.add ada')).toHaveLength(25);
  });

  test('a token about to expire is renewed before the call', async () => {
    cinema.expiresInSeconds = 0;
    const client = await signedIn();
    cinema.expiresInSeconds = 900;
    cinema.expireAccessTokens();

    await client.accounts.me.query();
    await client.accounts.me.query();

    expect(cinema.count('accounts.me')).toBe(2);
    expect(cinema.count('accounts.refresh')).toBe(1);
  });

  test('accessToken() gives a renewed token when the old one was about to expire', async () => {
    cinema.expiresInSeconds = 0;
    const client = await signedIn();

    expect(await client.$session.accessToken()).toBe('access.1.2');
  });

  test('a call that is refused again after the renewal is not repeated a second time', async () => {
    const client = await signedIn();
    cinema.intercept = (request) => {
      if (request.url?.includes('accounts.me')) cinema.expireAccessTokens();
      return false;
    };

    await expect(client.accounts.me.query()).rejects.toMatchObject({ data: { reason: 'not_authenticated' } });

    expect(cinema.count('accounts.me')).toBe(2);
    expect(cinema.count('accounts.refresh')).toBe(1);
  });

  test('a refused refresh ends the session once, whoever waits for it', async () => {
    const storage = memoryStorage();
    const client = await signedIn(storage);
    const heard: (SessionInfo | null)[] = [];
    client.$session.onChange((session) => heard.push(session));
    cinema.endSessions();

    const calls = await Promise.allSettled(Array.from({ length: 20 }, () => client.accounts.me.query()));

    for (const call of calls) {
      expect(call).toMatchObject({ status: 'rejected', reason: { data: { reason: 'not_authenticated' } } });
    }
    expect(cinema.count('accounts.me')).toBe(20);
    expect(cinema.count('accounts.refresh')).toBe(1);
    expect(heard).toEqual([null]);
    expect(await storage.read()).toBeNull();
  });

  test.each([
    ['answers 503', answerUnavailable],
    ['breaks the connection', breakConnection],
  ])('a cinema that %s at the refresh keeps the session, and the call says what went wrong', async (_name, fail) => {
    const client = await signedIn();
    const before = client.$session.current();
    cinema.expireAccessTokens();
    cinema.intercept = (request, response) =>
      request.url?.includes('accounts.refresh') === true && fail(request, response);

    const error: unknown = await client.accounts.me.query().catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(Error);
    expect(error).not.toMatchObject({ data: { reason: 'not_authenticated' } });
    expect(client.$session.current()).toEqual(before);

    cinema.intercept = undefined;
    expect((await client.accounts.me.query()).email).toBe('ada@demo.test');
  });

  test('while the session cannot be renewed, what needs none still works', async () => {
    cinema.expiresInSeconds = 0;
    const client = await signedIn();
    cinema.intercept = (request) => request.url?.includes('accounts.refresh') === true && breakConnection(request);

    expect(await client.movies.get.query({ movieId: 'alien-1979' })).toMatchObject({ slug: 'alien-1979' });
    await expect(client.$session.accessToken()).rejects.toThrow('fetch failed');
  });
});

describe('what happens during a renewal', () => {
  test('a sign-out is final', async () => {
    const storage = memoryStorage();
    const client = await signedIn(storage);
    cinema.expireAccessTokens();
    const { reached, release } = holdRefreshes();
    const call = client.accounts.me.query();
    await reached;

    await client.$session.signOut();
    release();

    await expect(call).rejects.toMatchObject({ data: { reason: expect.any(String) } });
    expect(client.$session.current()).toBeNull();
    expect(await storage.read()).toBeNull();
  });

  test('somebody else who signs in keeps the session, and gets no call that was not made for them', async () => {
    const storage = memoryStorage();
    const client = await signedIn(storage);
    cinema.expireAccessTokens();
    const { reached, release } = holdRefreshes();
    const call = client.cart.add.mutate({ movieId: 'alien-1979' });
    await reached;

    await client.$session.signIn(BOB);
    release();

    await expect(call).rejects.toMatchObject({ data: { reason: 'not_authenticated' } });
    expect((await client.accounts.me.query()).email).toBe('bob@demo.test');
    expect(await storage.read()).toContain('refresh.2.1');
    expect(cinema.deeds).toEqual([]);
  });

  test('a call that waits for its turn is not sent as somebody else', async () => {
    cinema.expiresInSeconds = 0;
    const client = await signedIn();
    cinema.expiresInSeconds = 900;
    const { reached, release } = holdRefreshes();
    const call = client.cart.add.mutate({ movieId: 'alien-1979' });
    await reached;

    await client.$session.signIn(BOB);
    release();

    await expect(call).rejects.toThrow('Somebody else signed in before this call was sent.');
    expect(cinema.count('cart.add')).toBe(0);
  });
});

test('a call that is told to come again is not repeated as somebody who signed in meanwhile', async () => {
  const client = await signedIn();
  cinema.intercept = (request, response) => {
    cinema.intercept = undefined;
    void client.$session.signIn(BOB).then(() => answerUnavailable(request, response));
    return true;
  };

  await expect(client.cart.get.query()).rejects.toThrow('Somebody else signed in before this call was repeated.');

  expect(cinema.deeds).toEqual([]);
  expect((await client.accounts.me.query()).email).toBe('bob@demo.test');
});

function answerUnavailable(_request: IncomingMessage, response: ServerResponse): boolean {
  response.writeHead(503, { 'content-type': 'text/plain' }).end('busy');
  return true;
}

function breakConnection(request: IncomingMessage): boolean {
  request.socket.destroy();
  return true;
}
