import { getUntypedClient, isTRPCClientError } from '@trpc/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCinemaClient, isCinemaError } from './client.ts';
import { startTestCinema, type TestCinema } from './testing/test-cinema.ts';

let cinema: TestCinema;

beforeEach(async () => {
  cinema = await startTestCinema();
});

afterEach(async () => {
  await cinema[Symbol.asyncDispose]();
});

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => expect.unreachable('the call succeeded'),
    (error: unknown) => error,
  );
}

test('a client survives being awaited, and is one to the libraries around tRPC', async () => {
  const client = createCinemaClient({ baseUrl: cinema.url });

  expect(await Promise.resolve(client)).toBe(client);
  expect(await getUntypedClient(client).query('movies.get', { movieId: 'heat-1995' })).toEqual({ slug: 'heat-1995' });
});

test.each(['', 'localhost:8000', 'http://localhost:8000/api/v1', 'https://cinema.example/trpc/'])(
  'an address that is none of a cinema is refused at once: %s',
  (baseUrl) => {
    expect(() => createCinemaClient({ baseUrl })).toThrow('baseUrl is where the cinema is');
  },
);

test('a list can be gone through where there is no Symbol.asyncIterator, as compiled code does', async () => {
  const list = { query: async () => ({ items: ['heat-1995'], nextCursor: null }) };
  vi.stubGlobal('Symbol', Object.create(Symbol, { asyncIterator: { value: undefined } }));
  const films: object = createCinemaClient({ baseUrl: cinema.url }).$paginate(list);
  vi.unstubAllGlobals();

  expect(films).toHaveProperty('@@asyncIterator', expect.any(Function));
});

test('queries share requests of at most ten, mutations go alone', async () => {
  const client = createCinemaClient({ baseUrl: cinema.url });
  await client.$session.signIn({ email: 'ada@demo.test', password: 'popcorn' });
  cinema.requests.length = 0;

  await Promise.all([
    ...Array.from({ length: 25 }, (_, number) => client.movies.get.query({ movieId: `movie-${number}` })),
    ...Array.from({ length: 3 }, (_, number) => client.cart.add.mutate({ movieId: `movie-${number}` })),
  ]);

  const sizes = (method: string) =>
    cinema.requests.filter((request) => request.method === method).map((request) => request.path.split(',').length);
  expect(sizes('GET')).toEqual([10, 10, 5]);
  expect(sizes('POST')).toEqual([1, 1, 1]);
});

test('the token goes with everything but what a session is made and ended with', async () => {
  const client = createCinemaClient({ baseUrl: cinema.url });
  const credentials = { email: 'ada@demo.test', password: 'popcorn' };
  await client.$session.signIn(credentials);
  await client.accounts.login.mutate(credentials);
  await client.accounts.completeLogin.mutate({ challenge: 'challenge.ada', code: '123456' });
  await client.movies.get.query({ movieId: 'heat-1995' });
  await client.cart.add.mutate({ movieId: 'alien-1979' });

  expect(cinema.requests.map(({ path, authorization }) => [path, authorization])).toEqual([
    ['/trpc/accounts.login', undefined],
    ['/trpc/accounts.login', undefined],
    ['/trpc/accounts.completeLogin', undefined],
    ['/trpc/movies.get', 'Bearer access.1.1'],
    ['/trpc/cart.add', 'Bearer access.1.1'],
  ]);
});

test('a base URL may end in a slash, and headers and fetch may be given', async () => {
  const fetched: string[] = [];
  const client = createCinemaClient({
    baseUrl: `${cinema.url}/`,
    headers: async () => ({ 'accept-language': 'uk' }),
    fetch: (input, init) => {
      fetched.push(input instanceof Request ? input.url : input.toString());
      return fetch(input, init);
    },
  });

  await client.movies.get.query({ movieId: 'heat-1995' });

  expect(fetched).toHaveLength(1);
  expect(cinema.requests).toMatchObject([{ path: '/trpc/movies.get', headers: { 'accept-language': 'uk' } }]);
});

test('a call can be aborted', async () => {
  const client = createCinemaClient({ baseUrl: cinema.url });
  const abort = new AbortController();
  cinema.intercept = () => {
    abort.abort();
    return true;
  };

  const error = await failureOf(client.movies.get.query({ movieId: 'heat-1995' }, { signal: abort.signal }));

  expect(isTRPCClientError(error)).toBe(true);
  expect(isCinemaError(error)).toBe(false);
});

test('a refusal has its reason, its request and its issues', async () => {
  const client = createCinemaClient({ baseUrl: cinema.url });
  await client.$session.signIn({ email: 'ada@demo.test', password: 'popcorn' });

  const conflict = await failureOf(client.cart.add.mutate({ movieId: 'heat-1995' }));
  expect(isCinemaError(conflict)).toBe(true);
  expect(isCinemaError(conflict, 'already_in_cart')).toBe(true);
  expect(isCinemaError(conflict, 'already_owned')).toBe(false);
  expect([cinema.count('cart.add'), cinema.count('accounts.refresh')]).toEqual([1, 0]);

  const invalid = await failureOf(client.cart.add.mutate({ movieId: '' }));
  if (!isCinemaError(invalid, 'invalid_input')) throw invalid;
  const reason: 'invalid_input' = invalid.data.reason;
  expect(reason).toBe('invalid_input');
  expect(invalid.data).toMatchObject({ httpStatus: 400, requestId: 'request-1' });
  expect(invalid.data.issues).toEqual([{ path: ['movieId'], message: 'An id or a slug.' }]);
});

test.each([
  ['a page of HTML', 'text/html', '<h1>502 Bad Gateway</h1>'],
  ['JSON of its own', 'application/json', '{"error":"bad gateway"}'],
  ['a problem of its own', 'application/problem+json', '{"type":"about:blank","reason":"not_found"}'],
  ['nothing', 'text/plain', ''],
])('a proxy that answers %s in place of the cinema makes it unavailable', async (_name, type, body) => {
  const client = createCinemaClient({ baseUrl: cinema.url, retries: 0 });
  cinema.intercept = (_request, response) => {
    response.writeHead(502, { 'content-type': type }).end(body);
    return true;
  };

  for (const call of [() => client.movies.get.query({ movieId: 'heat-1995' }), () => client.cart.clear.mutate()]) {
    const error = await failureOf(call());
    expect(isCinemaError(error, 'unavailable')).toBe(true);
    expect(error).toMatchObject({ data: { httpStatus: 502, code: 'SERVICE_UNAVAILABLE' } });
    expect(isCinemaError(error, 'not_found')).toBe(false);
  }
});

test('a problem of the cinema keeps its reason, whatever of a batch it answers', async () => {
  const client = createCinemaClient({ baseUrl: cinema.url, retries: 0 });
  cinema.intercept = (_request, response) => {
    response.writeHead(413, { 'content-type': 'application/problem+json', 'x-request-id': 'request-7' }).end(
      JSON.stringify({
        type: 'urn:online-cinema:error:payload_too_large',
        title: 'Payload too large',
        status: 413,
        detail: 'The request is too large.',
        reason: 'payload_too_large',
        requestId: 'request-7',
      }),
    );
    return true;
  };

  const calls = await Promise.allSettled([1, 2].map(() => client.movies.get.query({ movieId: 'heat-1995' })));

  for (const call of calls) {
    expect(call).toMatchObject({
      reason: {
        message: 'The request is too large.',
        data: { reason: 'payload_too_large', httpStatus: 413, requestId: 'request-7' },
      },
    });
  }
  expect(cinema.requests).toHaveLength(1);
});

test('what is no error at all is no refusal', () => {
  const shaped = { data: { reason: 'not_found' } };
  for (const value of [
    undefined,
    null,
    'not_found',
    shaped,
    new Error('x'),
    Object.assign(new Error('x'), { data: null }),
  ]) {
    expect(isCinemaError(value, 'not_found')).toBe(false);
  }
});
