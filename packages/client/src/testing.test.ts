import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isCinemaError } from './client.ts';
import { fileStorage } from './node.ts';
import { createTestClient, refuse } from './testing.ts';

const TOTALS = { oldTotal: { amount: 999, currency: 'USD' }, newTotal: { amount: 1_299, currency: 'USD' } };

describe('$paginate', () => {
  const films = Array.from({ length: 25 }, (_, number) => ({
    id: `${number}`,
    name: `Genre ${number}`,
    movieCount: 0,
  }));
  const asked: unknown[] = [];
  const cinema = createTestClient({
    'genres.list': (input) => {
      asked.push(input);
      const start = Number(input.cursor ?? 0);
      const end = start + (input.limit ?? 10);
      const nextCursor = end < films.length ? String(end) : null;
      return { items: films.slice(start, end), nextCursor, total: films.length };
    },
  });
  beforeEach(() => {
    asked.length = 0;
  });

  test('goes through all items, asking for a page when it is needed', async () => {
    const names: string[] = [];
    for await (const { name } of cinema.$paginate(cinema.genres.list, { query: 'g' })) names.push(name);

    expect(names).toEqual(films.map(({ name }) => name));
    expect(asked).toEqual([{ query: 'g' }, { query: 'g', cursor: '10' }, { query: 'g', cursor: '20' }]);
  });

  test('asks for no page nobody reads', async () => {
    for await (const { id } of cinema.$paginate(cinema.genres.list)) if (id === '3') break;

    expect(asked).toHaveLength(1);
  });

  test('gives the pages themselves', async () => {
    const sizes: number[] = [];
    for await (const page of cinema.$paginate(cinema.genres.list, { limit: 20 }).pages()) sizes.push(page.items.length);

    expect(sizes).toEqual([20, 5]);
  });

  test('collects as many as it is told to, and no more pages than that takes', async () => {
    const list = cinema.$paginate(cinema.genres.list);

    expect(await list.toArray({ max: 12 })).toEqual(films.slice(0, 12));
    expect(asked).toHaveLength(2);
    expect(await list.toArray({ max: 0 })).toEqual([]);
    expect(await list.toArray({ max: 1_000 })).toEqual(films);
  });
});

describe('a client with canned answers', () => {
  test('answers, refuses, and says what it was given no answer of', async () => {
    const cinema = createTestClient({
      'cart.add': ({ movieId }) => refuse(movieId === 'heat-1995' ? 'already_in_cart' : 'not_for_sale'),
      'orders.create': () => refuse('price_changed', TOTALS),
      'admin.users.activate': () => refuse('not_allowed', { httpStatus: 403 }),
    });

    const added: unknown = await cinema.cart.add.mutate({ movieId: 'heat-1995' }).catch((thrown: unknown) => thrown);
    expect(isCinemaError(added, 'already_in_cart')).toBe(true);
    const { error } = await cinema.$safe(cinema.orders.create.mutate({}));
    if (error?.data?.reason !== 'price_changed') throw new Error('It was not refused so.', { cause: error });
    expect(error.data.newTotal.amount).toBe(1_299);
    await expect(cinema.admin.users.activate.mutate({ userId: 'x' })).rejects.toMatchObject({
      data: { reason: 'not_allowed', httpStatus: 403 },
    });
    await expect(cinema.cart.get.query()).rejects.toThrow('createTestClient was given no answer of cart.get.');
  });

  test('has a session like any other', async () => {
    const tokens = { accessToken: 'a', refreshToken: 'r', tokenType: 'Bearer' as const, expiresIn: 900 };
    const cinema = createTestClient({
      'accounts.login': () => tokens,
      'accounts.logout': () => ({ message: 'You are signed out.' }),
    });

    await cinema.$session.signIn({ email: 'ada@demo.test', password: 'popcorn' });
    expect(await cinema.$session.accessToken()).toBe('a');
    await cinema.$session.signOut();
    expect(cinema.$session.current()).toBeNull();
  });
});

test('$safe gives what was answered, or the error', async () => {
  const cinema = createTestClient({ 'accounts.logout': () => ({ message: 'You are signed out.' }) });

  const left = await cinema.$safe(cinema.accounts.logout.mutate({ refreshToken: 'r' }));
  expect(left).toEqual({ data: { message: 'You are signed out.' }, error: null });
  const failed = await cinema.$safe(cinema.cart.get.query());
  expect(failed.data).toBeNull();
  expect(failed.error?.data).toBeUndefined();
});

describe('a file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cinema-client-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test('keeps the session for the next process, and for nobody else', async () => {
    const path = join(folder, 'deep/er/session');
    const storage = fileStorage(path);
    expect(await storage.read()).toBeNull();

    await storage.write('first');
    await storage.write('second');

    expect(await fileStorage(path).read()).toBe('second');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'deep/er'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, 'deep/er'))).toEqual(['session']);
    await storage.write(null);
    await storage.write(null);
    expect(await storage.read()).toBeNull();
  });

  test('that can not be written leaves no draft behind', async () => {
    await writeFile(join(folder, 'file'), '');

    await expect(fileStorage(join(folder, 'file/session')).write('text')).rejects.toThrow();

    expect(await readdir(folder)).toEqual(['file']);
  });
});
