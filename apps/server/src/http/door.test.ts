import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { askForTunnelAndReset, sendRaw } from '../testing/raw-request.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const LOGIN = '/accounts/login';

function raw(requestLine: string, headers: string[] = ['Host: cinema.test'], body = ''): string {
  return [`${requestLine} HTTP/1.1`, ...headers, '', body].join('\r\n');
}

describe('what no honest client sends is refused with a 4xx', () => {
  test.for([
    ['TRACE is not spoken here', raw('TRACE /livez'), 405],
    ['CONNECT is not spoken here', raw('CONNECT example.com:443'), 405],
    ['PROPFIND is not spoken here', raw('PROPFIND /api/v1/movies'), 405],
    ['a method nobody knows', raw('BREW /api/v1/movies'), 405],
    ['no Host', raw('GET /livez', ['Accept: */*']), 400],
    ['a Host with a space', raw('GET /livez', ['Host: a b']), 400],
    ['a Host with a path', raw('GET /livez', ['Host: a/../b']), 400],
    ['a Host with user and password', raw('GET /trpc/movies.list', ['Host: a@b']), 400],
    ['an address that begins with two slashes', raw('GET //evil.example/'), 400],
    ['an address of another server', raw('GET http://evil.example/livez'), 400],
    ['percent signs that encode nothing', raw('GET /api/v1/movies/%zz'), 400],
    ['percent signs in a query that encode nothing', raw('GET /api/v1/movies?query=%zz'), 400],
    ['bytes that are no UTF-8', raw('GET /api/v1/movies?query=%ff%fe'), 400],
    ['NUL in the path', raw('GET /api/v1/movies/a%00b'), 400],
    ['NUL in the query', raw('GET /api/v1/movies?query=a%00b'), 400],
    ['headers that never end', raw('GET /livez', ['Host: a', `X: ${'a'.repeat(40_000)}`]), 431],
  ] as const)('%s', async ([, request, status]) => {
    expect((await sendRaw(app.url, request)).status).toBe(status);
  });

  test('a body that says it is too large is refused before it is sent', async () => {
    const headers = ['Host: cinema.test', 'Content-Type: application/json', 'Content-Length: 100000000'];
    expect((await sendRaw(app.url, raw(`POST /api/v1${LOGIN}`, headers))).status).toBe(413);
  });

  test.for([
    ['text', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a compressed body', { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
  ] as const)('%s is no JSON: 415', async ([, headers]) => {
    const answer = await app.rest('POST', LOGIN, { body: '{}', headers });
    expect(answer.status).toBe(415);
    expect(answer.body.reason).toBe('unsupported_media_type');
  });

  test.for([
    ['broken JSON', '{"email":'],
    ['a list', '[]'],
    ['a text', '"hello"'],
    ['deep nesting', `{"email":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['__proto__', '{"email":"a@b.cc","password":"x","__proto__":{"role":"admin"}}'],
    ['constructor', '{"email":"a@b.cc","password":"x","constructor":1}'],
    ['prototype', '{"email":"a@b.cc","password":"x","prototype":1}'],
    ['an unknown field', '{"email":"a@b.cc","password":"x","role":"admin"}'],
    ['half a surrogate pair', '{"email":"a@b.cc","password":"\\ud800"}'],
    ['NUL', '{"email":"a@b.cc","password":"\\u0000"}'],
  ])('%s in the body: 400', async ([, body]) => {
    const answer = await app.rest('POST', LOGIN, { body });
    expect(answer.status).toBe(400);
    expect(answer.body.reason).toBe('invalid_input');
  });

  test('the deepest nesting that a body has room for: 400', async () => {
    const body = `{"movieId":${'['.repeat(40_000)}${']'.repeat(40_000)}}`;
    const answer = await app.rest('POST', '/cart/items', { body });
    expect([answer.status, answer.body.reason]).toEqual([400, 'invalid_input']);
  });

  test('bytes that are no UTF-8 in the body: 400', async () => {
    const body = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${app.url}/api/v1${LOGIN}`, { method: 'POST', body, headers });
    expect(answer.status).toBe(400);
  });
});

describe('queries', () => {
  test.for([
    'limit=abc',
    'limit=',
    'limit=1e3',
    'limit=0x10',
    'limit=0',
    'limit=101',
    'limit=2.5',
    'limit=1&limit=2',
    'limit=99999999999',
    'sort=price%00',
    'sort=nonsense',
    'unknown=1',
    'constructor=1',
    '__proto__=1',
    '__proto__[limit]=1',
    'cursor=nonsense',
    'cursor=W10',
  ])('?%s is refused', async (query) => {
    const answer = await app.rest('GET', `/movies?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
  });

  test.for(['%25', '_', "'; drop table movies; --", '"', '!', '&|!():*<->', '\\', '🎬', 'עברית', 'a'.repeat(200), ' '])(
    'a search for %s finds what it finds',
    async (text) => {
      expect((await app.rest('GET', `/movies?query=${encodeURIComponent(text)}`)).status).toBe(200);
    },
  );
});

test.for([
  ['GET', '/cart?x=1'],
  ['POST', '/cart/items?x=1'],
  ['DELETE', '/cart?x=1'],
] as const)('%s %s: nothing unknown in a query', async ([method, path]) => {
  const viewer = await app.signIn();
  const answer = await app.rest(method, path, { viewer, ...(method === 'POST' && { body: { movieId: 'a' } }) });
  expect(answer.status).toBe(400);
  expect(answer.body.issues[0].path).toEqual(['x']);
});

test('nothing in a body where none is wanted', async () => {
  const viewer = await app.signIn();
  const answer = await app.rest('DELETE', '/cart', { viewer, body: { x: 1 } });
  expect(answer.status).toBe(400);
  expect(answer.body.issues[0].path).toEqual(['x']);
  expect((await app.rest('DELETE', '/cart', { viewer, body: {} })).status).toBe(204);
});

test('each wrong field is named', async () => {
  const answer = await app.rest('POST', LOGIN, { body: { email: 'nobody', extra: 1 } });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  const paths = answer.body.issues.map((issue: { path: string[] }) => issue.path.join('.'));
  expect(paths.sort()).toEqual(['email', 'extra', 'password']);
});

test('a method a path does not know is 405 and names those it knows', async () => {
  const answer = await app.rest('DELETE', LOGIN, { body: 'not even read', headers: { 'content-type': 'text/plain' } });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('POST');
  expect((await app.rest('PATCH', '/cart')).headers.get('allow')).toBe('GET, HEAD, DELETE');
  const outside = [
    ['PUT', '/trpc/cart.get', 'GET, HEAD, POST'],
    ['POST', '/livez', 'GET, HEAD'],
    ['GET', '/webhooks/stripe', 'POST'],
    ['DELETE', '/openapi.json', 'GET, HEAD'],
  ] as const;
  for (const [method, path, allowed] of outside) {
    const refused = await fetch(`${app.url}${path}`, { method });
    expect([path, refused.status, refused.headers.get('allow')]).toEqual([path, 405, allowed]);
  }
});

test('what is no HTTP is answered with a problem and a request id too', async () => {
  const { text } = await sendRaw(app.url, raw('BREW /api/v1/movies'));
  expect(text).toMatch(/x-request-id: [0-9a-f-]{36}/);
  expect(text).toContain('"reason":"method_not_allowed"');
});

test('a tunnel that is asked for and torn down at once harms nobody', async () => {
  await Promise.all(Array.from({ length: 200 }, (_, index) => askForTunnelAndReset(app.url, index % 4)));
  expect((await fetch(`${app.url}/livez`)).status).toBe(200);
});

test('over RPC there is nothing to say to HEAD', async () => {
  const answer = await fetch(`${app.url}/trpc/movies.list`, { method: 'HEAD' });
  expect([answer.status, await answer.text()]).toEqual([204, '']);
});

test('HEAD answers as GET does, without a body', async () => {
  const answer = await fetch(`${app.url}/api/v1/movies`, { method: 'HEAD' });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('');
});

test('an unknown address is 404', async () => {
  const answer = await app.rest('GET', '/nothing/here');
  expect(answer.status).toBe(404);
  expect(answer.body.reason).toBe('not_found');
});

test('a request id from outside is kept when it is one', async () => {
  const kept = await fetch(`${app.url}/livez`, { headers: { 'x-request-id': 'trace-1.a_B' } });
  expect(kept.headers.get('x-request-id')).toBe('trace-1.a_B');
  const replaced = await fetch(`${app.url}/livez`, { headers: { 'x-request-id': 'a"b{}' } });
  expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

describe('RPC', () => {
  async function rpc(path: string, init?: RequestInit): Promise<{ status: number; text: string; type: string | null }> {
    const response = await fetch(`${app.url}/trpc/${path}`, init);
    return { status: response.status, text: await response.text(), type: response.headers.get('content-type') };
  }
  const json = { 'content-type': 'application/json' };

  test('a batch of ten is answered, one of eleven is not', async () => {
    const batch = (size: number) => Array.from({ length: size }, () => 'movies.list').join(',');
    const input = (size: number) =>
      encodeURIComponent(JSON.stringify(Object.fromEntries(Array.from({ length: size }, (_, i) => [i, { json: {} }]))));
    expect((await rpc(`${batch(10)}?batch=1&input=${input(10)}`)).status).toBe(200);
    expect((await rpc(`${batch(11)}?batch=1&input=${input(11)}`)).status).toBe(400);
  });

  test('a login can not hide in a batch', async () => {
    const one = { json: { email: 'a@b.cc', password: 'x' } };
    const body = JSON.stringify({ 0: one, 1: one });
    const answer = await rpc('accounts.login,accounts.login?batch=1', { method: 'POST', headers: json, body });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('Must be called alone.');
  });

  test('what a batch is made of is looked at, whatever else stands in it', async () => {
    const costly = {
      json: { query: { length: 1_000 } },
      meta: { values: { query: [['typed-array', 'Float64Array']] } },
    };
    for (const beside of [{ json: 0 }, { json: {}, meta: {} }, {}]) {
      const input = encodeURIComponent(JSON.stringify({ ...beside, 0: costly }));
      for (const call of [`movies.list?batch=1`, `movies.list,movies.list?batch=1`, 'movies.list?']) {
        const answer = await rpc(`${call}&input=${input}`);
        expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('A value is of a type')]);
      }
    }
  });

  test('a call has one spelling', async () => {
    const one = { json: { email: 'a@b.cc', password: 'x' } };
    for (const path of ['accounts.login%252Caccounts.login', 'accounts%252Elogin', 'accounts.login%25']) {
      const body = JSON.stringify({ 0: one, 1: one });
      expect((await rpc(`${path}?batch=1`, { method: 'POST', headers: json, body })).status).toBe(404);
    }
  });

  test.for([
    ['a form', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--', 415],
    ['broken JSON', json, '{', 400],
    ['a list', json, '[]', 400],
    ['nothing', json, '', 400],
    ['deep nesting', json, `{"json":{"email":${'['.repeat(2_000)}${']'.repeat(2_000)}}}`, 400],
    ['__proto__', json, '{"json":{"email":"a@b.cc","password":"x","__proto__":{"a":1}}}', 400],
    ['a path into the prototype', json, '{"json":{"email":"a@b.cc"},"meta":{"values":{"__proto__.x":["Date"]}}}', 400],
    ['values that are not there', json, '{"json":{},"meta":{"values":{"a.b.c":["Date"]}}}', 400],
    [
      'a type nobody asked for',
      json,
      '{"json":{"email":9},"meta":{"values":{"email":[["typed-array","Uint8Array"]]}}}',
      400,
    ],
    ['a set', json, '{"json":{"email":[]},"meta":{"values":{"email":["set"]}}}', 400],
    ['a list of types', json, '{"json":{},"meta":{"values":["regexp"]}}', 400],
    ['meta that is none', json, '{"json":{},"meta":7}', 400],
    ['NUL', json, '{"json":{"email":"a@b.cc","password":"\\u0000"}}', 400],
  ] as const)('%s is refused', async ([, headers, body, status]) => {
    const answer = await rpc('accounts.login', { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
    expect(answer.type).toContain('application/json');
    expect(answer.text).not.toMatch(/node_modules|ZodError|stack|\.ts:/);
  });

  test('the deepest nesting that a body has room for is refused', async () => {
    const body = `{"json":{"movieId":${'['.repeat(40_000)}${']'.repeat(40_000)}}}`;
    expect((await rpc('cart.add', { method: 'POST', headers: json, body })).status).toBe(400);
  });

  test('of an input that is given twice none is taken', async () => {
    const good = encodeURIComponent('{"json":{}}');
    expect((await rpc(`movies.list?input=${good}&input=x`)).status).toBe(400);
    expect((await rpc(`movies.list?input=${good}`)).status).toBe(200);
  });

  test('a mutation is not called by GET', async () => {
    expect((await rpc('accounts.login?input=%7B%7D')).status).toBe(405);
  });

  test.for(['nothing.here', 'constructor', '__proto__', 'accounts', ',,,', '%2e%2e'])(
    '%s is no procedure',
    async (path) => {
      const { status } = await rpc(`${path}?batch=1`);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    },
  );
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
