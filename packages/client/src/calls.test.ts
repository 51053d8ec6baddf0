import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CinemaClientOptions, createCinemaClient, isCinemaError, isConnectionError } from './client.ts';
import { startTestCinema, type TestCinema } from './testing/test-cinema.ts';

let cinema: TestCinema;

beforeEach(async () => {
  cinema = await startTestCinema();
});

afterEach(async () => {
  await cinema[Symbol.asyncDispose]();
});

function connect(options: Omit<CinemaClientOptions, 'baseUrl'> = {}) {
  return createCinemaClient({ baseUrl: cinema.url, ...options });
}

/** Fails so many requests, each in its own way, before the cinema is reached. */
function failFirst(...failures: ((response: ServerResponse) => void)[]): void {
  cinema.intercept = (_request, response) => {
    const fail = failures.shift();
    fail?.(response);
    return fail !== undefined;
  };
}

const breakConnection = (response: ServerResponse) => void response.socket?.destroy();
const answer =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end('busy');

describe('a query', () => {
  test.each([
    ['whose connection breaks', breakConnection],
    ['that a proxy answers with 502', answer(502)],
    ['that is told to come again at once', answer(503, { 'retry-after': '0' })],
    ['that came too often', answer(429)],
  ])('%s is asked again', async (_name, fail) => {
    failFirst(fail);

    expect(await connect().movies.get.query({ movieId: 'heat-1995' })).toEqual({ slug: 'heat-1995' });
    expect(cinema.requests).toHaveLength(2);
  });

  test('is asked again twice at most', async () => {
    failFirst(breakConnection, breakConnection, breakConnection);

    await expect(connect().movies.get.query({ movieId: 'heat-1995' })).rejects.toSatisfy(isConnectionError);
    expect(cinema.requests).toHaveLength(3);
  });

  test('waits as long as it is told to', async () => {
    const waits: number[] = [];
    failFirst(answer(503, { 'retry-after': '1' }));

    await connect({ hooks: { onRetry: ({ waitMs }) => waits.push(waitMs) } }).movies.get.query({
      movieId: 'heat-1995',
    });

    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(1_000);
  });

  test.each([
    ['in seconds', { 'retry-after': '3600' }],
    [
      'as a moment of a clock of its own',
      { date: 'Sat, 01 Jan 2000 00:00:00 GMT', 'retry-after': 'Sat, 01 Jan 2000 01:00:00 GMT' },
    ],
  ])('that is told to come again much later, %s, is refused at once and says when', async (_name, headers) => {
    failFirst(answer(503, headers));

    const { error } = await connect().$safe(connect().movies.get.query({ movieId: 'heat-1995' }));

    expect(error?.data).toMatchObject({ reason: 'unavailable', retryAfterSeconds: 3_600 });
    expect(cinema.requests).toHaveLength(1);
  });

  test('that is refused for good is not repeated', async () => {
    await expect(connect().accounts.me.query()).rejects.toMatchObject({ data: { reason: 'not_authenticated' } });

    expect(cinema.requests).toHaveLength(1);
  });

  test('is not repeated by a client that is told not to', async () => {
    failFirst(breakConnection);

    await expect(connect({ retries: 0 }).movies.get.query({ movieId: 'heat-1995' })).rejects.toSatisfy(
      isConnectionError,
    );
    expect(cinema.requests).toHaveLength(1);
  });

  test('that is aborted while it waits for its next try ends at once', async () => {
    const abort = new AbortController();
    failFirst(answer(503, { 'retry-after': '9' }));
    const client = connect({ hooks: { onRetry: () => abort.abort() } });

    const call = client.movies.get.query({ movieId: 'heat-1995' }, { signal: abort.signal });

    await expect(call).rejects.toThrow('aborted');
    expect(cinema.requests).toHaveLength(1);
  });

  test('that is aborted leaves the others of its request alone', async () => {
    const client = connect();
    const abort = new AbortController();
    const aborted = client.movies.get.query({ movieId: 'alien-1979' }, { signal: abort.signal });
    const other = client.movies.get.query({ movieId: 'heat-1995' });
    cinema.intercept = () => {
      abort.abort();
      return false;
    };

    await expect(aborted).rejects.toThrow('aborted');
    expect(await other).toEqual({ slug: 'heat-1995' });
  });

  test('to nobody says why there was no answer, which Node tells in the cause only', async () => {
    const nobody = createCinemaClient({ baseUrl: 'http://127.0.0.1:9', retries: 0 });

    const { error } = await nobody.$safe(nobody.movies.get.query({ movieId: 'heat-1995' }));

    expect(isConnectionError(error)).toBe(true);
    expect(error?.message).toMatch(/^fetch failed: .+/);
  });

  test('that nobody answers in time is given up', async () => {
    cinema.intercept = () => true;

    const error: unknown = await connect({ timeoutMs: 50, retries: 0 })
      .movies.get.query({ movieId: 'heat-1995' })
      .catch((thrown: unknown) => thrown);

    expect(isConnectionError(error)).toBe(true);
    expect(isCinemaError(error)).toBe(false);
    expect(error).toMatchObject({ message: 'The cinema did not answer within 50 ms.' });
  });
});

describe('a mutation', () => {
  test('that takes a key is repeated with the same one, and each call has its own', async () => {
    const client = connect();
    for (let call = 0; call < 2; call++) {
      failFirst(breakConnection);
      // The little cinema knows no orders: what counts is how it was asked.
      await client.$safe(client.orders.create.mutate({}));
    }

    const keys = cinema.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(4);
    expect(keys[0]).toMatch(/^[\x20-\x7e]{20,255}$/);
    expect(keys).toEqual([keys[0], keys[0], keys[2], keys[2]]);
    expect(keys[0]).not.toBe(keys[2]);
  });

  test('goes with the key its caller gave', async () => {
    const client = connect({ headers: { 'Idempotency-Key': 'mine' } });
    await client.$safe(client.orders.create.mutate({}));

    const other = connect();
    await other.$safe(other.orders.create.mutate({}, { context: { idempotencyKey: 'of this order' } }));

    expect(cinema.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['mine', 'of this order']);
  });

  test('that takes none is never repeated', async () => {
    failFirst(answer(503));

    await expect(connect().cart.add.mutate({ movieId: 'alien-1979' })).rejects.toMatchObject({
      data: { reason: 'unavailable' },
    });
    expect(cinema.requests).toHaveLength(1);
    expect(cinema.requests[0]?.headers).not.toHaveProperty('idempotency-key');
  });
});

describe('hooks', () => {
  test('hear of every try, and of nothing secret', async () => {
    const heard: [string, unknown][] = [];
    const note = (name: string) => (event: unknown) => void heard.push([name, event]);
    const hooks = {
      onRequest: note('request'),
      onResponse: note('response'),
      onRetry: note('retry'),
      onError: note('error'),
    };
    const client = connect({ hooks });
    await client.$session.signIn({ email: 'ada@demo.test', password: 'popcorn' });
    failFirst(breakConnection);
    await client.movies.get.query({ movieId: 'alien-1979' });
    await client.$safe(client.cart.add.mutate({ movieId: 'heat-1995' }));

    const call = { path: 'movies.get', type: 'query' };
    expect(heard.filter(([, event]) => JSON.stringify(event).includes('movies.get'))).toEqual([
      ['request', { ...call, attempt: 1 }],
      [
        'retry',
        {
          ...call,
          attempt: 1,
          durationMs: expect.any(Number),
          reason: null,
          httpStatus: null,
          requestId: null,
          waitMs: expect.any(Number),
        },
      ],
      ['request', { ...call, attempt: 2 }],
      ['response', { ...call, attempt: 2, durationMs: expect.any(Number) }],
    ]);
    expect(heard.at(-1)).toMatchObject([
      'error',
      { path: 'cart.add', attempt: 1, reason: 'already_in_cart', requestId: 'request-1' },
    ]);
    expect(JSON.stringify(heard)).not.toMatch(/popcorn|ada@|access\.|refresh\.|alien/);
  });

  test('that throw break nothing', async () => {
    const fail = () => {
      throw new Error('The log is full.');
    };
    const client = connect({ hooks: { onRequest: fail, onResponse: fail } });

    expect(await client.movies.get.query({ movieId: 'heat-1995' })).toEqual({ slug: 'heat-1995' });
  });
});

test('what comes in pieces comes in one where an answer can only be read as a whole', async () => {
  cinema.intercept = (_request, response) => response.end('name\nHeat\n') !== undefined;
  const client = connect({
    fetch: async (...request) => Object.defineProperty(await fetch(...request), 'body', { value: undefined }),
  });

  const pieces: string[] = [];
  for await (const piece of await client.movies.export.query({ format: 'csv' })) pieces.push(piece);

  expect(pieces).toEqual(['name\nHeat\n']);
});

describe('a client that was disposed of', () => {
  test('ends what is in flight, calls nobody any more, and keeps its session', async () => {
    const kept = new Map<string, string | null>();
    const storage = {
      read: () => kept.get('session') ?? null,
      write: (text: string | null) => void kept.set('session', text),
      subscribe: () => () => void kept.set('stopped', ''),
    };
    const client = connect({ storage });
    await client.$session.signIn({ email: 'ada@demo.test', password: 'popcorn' });
    let heard = 0;
    client.$session.onChange(() => heard++);
    cinema.intercept = () => {
      client.$dispose();
      return true;
    };
    const before = cinema.requests.length;

    await expect(client.movies.get.query({ movieId: 'heat-1995' })).rejects.toThrow('This client was disposed of.');
    await expect(client.cart.get.query()).rejects.toThrow('This client was disposed of.');

    expect(cinema.requests).toHaveLength(before + 1);
    expect(kept.get('session')).toContain('refresh.1.1');
    expect(kept.has('stopped')).toBe(true);
    expect(heard).toBe(0);
  });

  test('is what `using` leaves behind', async () => {
    let left;
    {
      using client = connect();
      left = client;
      expect(await client.movies.get.query({ movieId: 'heat-1995' })).toEqual({ slug: 'heat-1995' });
    }

    await expect(left.movies.get.query({ movieId: 'heat-1995' })).rejects.toThrow('This client was disposed of.');
  });
});
