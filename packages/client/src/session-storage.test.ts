import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CinemaClient, createCinemaClient, memoryStorage, type SessionStorage, webStorage } from './client.ts';
import { createGate, startTestCinema, type TestCinema } from './testing/test-cinema.ts';

const ADA = { email: 'ada@demo.test', password: 'popcorn' };
const BOB = { email: 'bob@demo.test', password: 'popcorn' };

let cinema: TestCinema;

beforeEach(async () => {
  cinema = await startTestCinema();
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await cinema[Symbol.asyncDispose]();
});

function connect(storage: SessionStorage): CinemaClient {
  return createCinemaClient({ baseUrl: cinema.url, storage });
}

describe('two clients that share a storage', () => {
  async function connectTwo(): Promise<{ storage: SessionStorage; ours: CinemaClient; theirs: CinemaClient }> {
    const storage = memoryStorage();
    const ours = connect(storage);
    await ours.$session.signIn(ADA);
    return { storage, ours, theirs: connect(storage) };
  }

  test('have one session', async () => {
    const { theirs } = await connectTwo();

    expect((await theirs.accounts.me.query()).email).toBe('ada@demo.test');
    expect(cinema.count('accounts.login')).toBe(1);
  });

  test('one that was faster spares the other the refresh', async () => {
    const { ours, theirs } = await connectTwo();
    cinema.expireAccessTokens();
    await theirs.accounts.me.query();

    expect((await ours.accounts.me.query()).email).toBe('ada@demo.test');
    expect(cinema.count('accounts.refresh')).toBe(1);
  });

  test('one whose refresh was refused, since the other was faster, goes on with what the other got', async () => {
    const { ours, theirs } = await connectTwo();
    cinema.expireAccessTokens();
    const [reached, released] = [createGate(), createGate()];
    cinema.beforeRefresh = async () => {
      cinema.beforeRefresh = async () => undefined;
      reached.open();
      await released.opened;
    };
    const call = ours.accounts.me.query();
    await reached.opened;
    await theirs.accounts.me.query();
    released.open();

    expect((await call).email).toBe('ada@demo.test');
    expect(cinema.count('accounts.refresh')).toBe(2);
    expect(await ours.$session.accessToken()).toBe(await theirs.$session.accessToken());
  });

  test('one learns that the other has signed out, and does not undo it', async () => {
    const { storage, ours, theirs } = await connectTwo();
    cinema.expireAccessTokens();
    const [reached, released] = [createGate(), createGate()];
    cinema.beforeRefresh = async () => {
      reached.open();
      await released.opened;
    };
    const call = ours.accounts.me.query();
    await reached.opened;
    await theirs.$session.signOut();
    released.open();

    await expect(call).rejects.toMatchObject({ data: { reason: 'not_authenticated' } });
    expect(ours.$session.current()).toBeNull();
    expect(await storage.read()).toBeNull();
  });

  test('one does not go on as the other, who has signed in as somebody else', async () => {
    const { ours, theirs } = await connectTwo();
    await theirs.$session.signIn(BOB);
    cinema.expireAccessTokens();

    await expect(ours.cart.add.mutate({ movieId: 'alien-1979' })).rejects.toMatchObject({
      data: { reason: 'not_authenticated' },
    });
    expect(cinema.deeds).toEqual([]);
  });

  test('calls of two sessions never share a request, however close they are', async () => {
    const texts: string[] = [];
    for (const account of [ADA, BOB]) {
      const storage = memoryStorage();
      await connect(storage).$session.signIn(account);
      texts.push((await storage.read()) ?? '');
    }
    const [ada = '', bob = ''] = texts;
    let kept = ada;
    let tellOfChange = () => undefined as void;
    const client = connect({
      read: () => kept,
      write: () => undefined,
      subscribe: (listener) => (tellOfChange = listener),
    });
    const changed = new Promise<void>((resolve) => client.$session.onChange(() => resolve()));

    const first = client.accounts.me.query();
    kept = bob;
    tellOfChange();
    await changed;
    const second = client.accounts.me.query();

    expect([(await first).email, (await second).email]).toEqual(['ada@demo.test', 'bob@demo.test']);
  });
});

describe('storages', () => {
  test('one that always throws costs nothing but memory', async () => {
    const fail = () => {
      throw new Error('The user has forbidden storage.');
    };
    const client = connect({ read: fail, write: fail, subscribe: fail });

    await client.$session.signIn(ADA);
    cinema.expireAccessTokens();
    expect((await client.accounts.me.query()).email).toBe('ada@demo.test');

    await client.$session.signOut();
    expect(client.$session.current()).toBeNull();
  });

  test('one that is full does not bring back the session before', async () => {
    const storage = memoryStorage();
    await connect(storage).$session.signIn(BOB);
    const client = connect({
      read: () => storage.read(),
      write: async () => {
        throw new Error('The quota has been exceeded.');
      },
    });

    await client.$session.signIn(ADA);
    cinema.expireAccessTokens();

    expect((await client.accounts.me.query()).email).toBe('ada@demo.test');
  });

  test('a text that is none of ours is no session', async () => {
    for (const text of ['', '{', 'null', '"text"', '{"id":"1","accessToken":1}']) {
      const client = connect({ read: () => text, write: () => undefined });
      expect(client.$session.current()).toBeNull();
      expect(await client.$session.accessToken()).toBeNull();
    }
  });

  test('one that answers later is waited for, and its writes stay in order', async () => {
    const inner = memoryStorage();
    let writes = 0;
    const slow: SessionStorage = {
      read: async () => await inner.read(),
      // Each write takes fewer turns than the one before: unordered, the first would win.
      async write(text) {
        for (let turns = 100 - 40 * writes++; turns > 0; turns--) await Promise.resolve();
        await inner.write(text);
      },
    };
    const client = connect(slow);
    const signedIn = new Promise((resolve) => client.$session.onChange(resolve));
    const signIn = client.$session.signIn(ADA);
    await signedIn;
    await Promise.all([signIn, client.$session.signOut()]);
    expect(writes).toBe(2);
    expect(await inner.read()).toBeNull();

    await client.$session.signIn(BOB);
    const later = connect(slow);
    expect(later.$session.current()).toBeNull();
    expect((await later.accounts.me.query()).email).toBe('bob@demo.test');
  });

  test('what a slow one had before does not undo a sign-in made meanwhile', async () => {
    const asked = createGate();
    const client = connect({
      async read() {
        await asked.opened;
        return null;
      },
      write: () => undefined,
    });

    await client.$session.signIn(ADA);
    asked.open();

    expect((await client.accounts.me.query()).email).toBe('ada@demo.test');
  });

  test('the browser is asked by default, and tells of other tabs', async () => {
    const { values, tabs } = stubBrowser();
    const client = createCinemaClient({ baseUrl: cinema.url });
    await client.$session.signIn(ADA);
    expect(values.has('online-cinema.session')).toBe(true);
    expect(createCinemaClient({ baseUrl: cinema.url }).$session.current()).toEqual(client.$session.current());

    const signedOut = new Promise((resolve) => client.$session.onChange(resolve));
    values.clear();
    tabs.dispatchEvent(Object.assign(new Event('storage'), { key: 'of something else' }));
    await client.accounts.me.query();
    expect(client.$session.current()).not.toBeNull();
    tabs.dispatchEvent(Object.assign(new Event('storage'), { key: 'online-cinema.session' }));

    expect(await signedOut).toBeNull();
  });

  test('two cinemas of one site keep their sessions apart by their key', async () => {
    const { values } = stubBrowser();

    await connect(webStorage('one')).$session.signIn(ADA);
    await connect(webStorage('two')).$session.signIn(BOB);

    expect([...values.keys()]).toEqual(['one', 'two']);
  });
});

/** What a client touches of a browser. */
function stubBrowser(): { values: Map<string, string>; tabs: EventTarget } {
  const values = new Map<string, string>();
  const tabs = new EventTarget();
  vi.stubGlobal('document', {});
  vi.stubGlobal('addEventListener', tabs.addEventListener.bind(tabs));
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  });
  return { values, tabs };
}
