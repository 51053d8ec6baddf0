import { createHmac, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readSigningKeys, type SigningKey } from '../lib/signing-keys.ts';
import { signInForTokens, type Tokens } from '../testing/accounts.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let app: TestApp;
let key: SigningKey;
let tokens: Tokens;
/** What the real tokens say. */
let access: { header: JWTHeaderParameters; payload: JWTPayload };
let refresh: { header: JWTHeaderParameters; payload: JWTPayload };

beforeAll(async () => {
  app = await startTestApp();
  // The cinema's own key: even what is signed with it is refused when it says the wrong thing.
  [key] = (await readSigningKeys(await readFile(join(app.config.dataDir, 'jwt-development-key.pem'), 'utf8'))) as [
    SigningKey,
  ];
});
beforeEach(async () => {
  tokens = await signInForTokens(app, (await app.signIn()).email);
  access = read(tokens.accessToken);
  refresh = read(tokens.refreshToken);
});
afterAll(() => app[Symbol.asyncDispose]());

const sign = ({ header, payload }: typeof access, signer = key.privateKey) =>
  new SignJWT(payload).setProtectedHeader(header).sign(signer);

/** Those of the tokens that get another answer than any token that is no good, in either place tokens go to. */
async function findAccepted(...forged: (string | Promise<string>)[]): Promise<string[]> {
  const unknown = { ...(await nobody()).body, requestId: '' };
  const accepted: string[] = [];
  for (const each of forged) {
    const token = await each;
    const me = await app.rest('GET', '/accounts/me', { headers: { authorization: `Bearer ${token}` } });
    const next = await app.rest('POST', '/accounts/refresh', { body: { refreshToken: token } });
    const isRefused = isDeepStrictEqual({ ...me.body, requestId: '' }, unknown) && me.status === 401;
    if (!isRefused || next.status !== 401 || next.body.detail !== 'The session has ended. Sign in again.')
      accepted.push(token);
  }
  return accepted;
}

const nobody = () => app.rest('GET', '/accounts/me');
const now = () => Math.floor(app.clock.now().getTime() / 1000);

test('a token signed anew with what it says is as good as the first', async () => {
  expect(await sign(access)).toBe(tokens.accessToken);
  expect(await sign(refresh)).toBe(tokens.refreshToken);
  expect(await findAccepted(tokens.accessToken, tokens.refreshToken)).toHaveLength(2);
  expect(access.header).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: key.kid });
  expect(access.payload).toEqual({
    iss: 'http://cinema.test',
    aud: 'online-cinema',
    sub: expect.any(String),
    sid: expect.any(String),
    jti: expect.any(String),
    iat: expect.any(Number),
    exp: (access.payload.iat ?? 0) + 900,
  });
});

describe.for([
  ['access', () => access],
  ['refresh', () => refresh],
] as const)('a forged %s token is refused in the words for any other:', ([, real]) => {
  test('not signed at all', async () => {
    const { header, payload } = real();
    const unsigned = ['none', 'None', 'NONE', 'nOnE'].map((alg) => `${encode({ ...header, alg })}.${encode(payload)}.`);
    const stripped = `${encode(header)}.${encode(payload)}`;
    expect(await findAccepted(...unsigned, `${stripped}.`, stripped)).toEqual([]);
  });

  test('signed with the public key as a shared secret', async () => {
    const { header, payload } = real();
    const secrets = [
      key.publicKey.export({ type: 'spki', format: 'pem' }),
      key.publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(key.publicJwk),
      Buffer.from(key.publicJwk.x ?? '', 'base64url'),
    ];
    const body = `${encode({ ...header, alg: 'HS256' })}.${encode(payload)}`;
    const forged = secrets.map((secret) => `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`);
    expect(await findAccepted(...forged)).toEqual([]);
  });

  test('signed with a key of its own, which it brings along or only names', async () => {
    const { header, payload } = real();
    const own = generateKeyPairSync('ed25519');
    const jwk = own.publicKey.export({ format: 'jwk' });
    const { kid: _, ...nameless } = header;
    const headers: JWTHeaderParameters[] = [
      header,
      { ...header, jwk },
      { ...header, jku: 'https://evil.example/jwks.json' },
      { ...header, kid: 'unknown', jwk },
      { ...nameless, jwk },
    ];
    const forged = headers.map((forgedHeader) => sign({ header: forgedHeader, payload }, own.privateKey));
    expect(await findAccepted(...forged)).toEqual([]);
  });

  test('signed by us, but for something else', async () => {
    const { header, payload } = real();
    const wrong: (typeof access)[] = [
      { header: { ...header, kid: 'unknown' }, payload },
      { header: { ...header, kid: '__proto__' }, payload },
      { header: { ...header, typ: 'JWT' }, payload },
      { header: { alg: 'EdDSA', kid: key.kid }, payload },
      { header, payload: { ...payload, aud: 'another-shop' } },
      { header, payload: { ...payload, aud: [] } },
      { header, payload: { ...payload, iss: 'https://evil.example' } },
      { header, payload: { ...payload, exp: now() - 1 } },
      { header, payload: { ...payload, iat: now() + 3_600 } },
      { header, payload: { ...payload, nbf: now() + 3_600 } },
      { header, payload: { ...payload, sid: '019a5a4e-7c00-7000-8000-000000000001' } },
      { header, payload: { ...payload, sid: 'no-id' } },
      { header, payload: { ...payload, sid: 7 } },
      ...['sid', 'exp', 'iat', 'jti', 'iss', 'aud'].map((claim) => ({
        header,
        payload: { ...payload, [claim]: undefined },
      })),
    ];
    expect(await findAccepted(...wrong.map((forged) => sign(forged)))).toEqual([]);
  });

  test('with an extension we do not know', async () => {
    const { header, payload } = real();
    const body = `${encode({ ...header, crit: ['exp', 'cinema'], cinema: true })}.${encode(payload)}`;
    expect(await findAccepted(`${body}.${signatureOf(body)}`)).toEqual([]);
  });

  test('with a byte changed', async () => {
    const token = await sign(real());
    const places = [0, 10, token.indexOf('.') + 5, token.lastIndexOf('.') + 1, token.length - 1];
    const forged = places.map((place) => token.slice(0, place) + other(token[place]) + token.slice(place + 1));
    expect(await findAccepted(...forged)).toEqual([]);
  });

  test('that is no token', async () => {
    expect(
      await findAccepted('x', 'a.b.c', '...', '{}', 'bnVsbA.bnVsbA.bnVsbA', 'W10.W10.W10', 'x'.repeat(3_900)),
    ).toEqual([]);
  });
});

test('an access token of another user’s session is refused', async () => {
  const stranger = await app.signIn();
  expect(await findAccepted(sign({ ...access, payload: { ...access.payload, sub: stranger.userId } }))).toEqual([]);
});

test('an access token without its user is refused', async () => {
  expect(await findAccepted(sign({ ...access, payload: { ...access.payload, sub: undefined } }))).toEqual([]);
});

test.for([-1, 0.5, 2 ** 40, '0', null])(
  'a refresh token of generation %j is refused, and never a fault',
  async (gen) => {
    const answer = await app.rest('POST', '/accounts/refresh', {
      body: { refreshToken: await sign({ ...refresh, payload: { ...refresh.payload, gen } }) },
    });
    expect(answer.status).toBe(401);
  },
);

test('neither token is taken for the other', async () => {
  const me = await app.rest('GET', '/accounts/me', { headers: { authorization: `Bearer ${tokens.refreshToken}` } });
  expect(me.body.reason).toBe('not_authenticated');
  const next = await app.rest('POST', '/accounts/refresh', { body: { refreshToken: tokens.accessToken } });
  expect(next.body.reason).toBe('invalid_refresh_token');
  expect((await app.rest('POST', '/accounts/refresh', { body: { refreshToken: tokens.refreshToken } })).status).toBe(
    200,
  );
});

test('a token of a megabyte is not even read', async () => {
  const huge = 'x'.repeat(1_000_000);
  expect((await app.rest('POST', '/accounts/refresh', { body: { refreshToken: huge } })).status).toBe(413);
  expect((await app.rest('POST', '/accounts/activate', { body: { token: huge } })).status).toBe(413);
  const me = await fetch(`${app.url}/api/v1/accounts/me`, { headers: { authorization: `Bearer ${huge}` } }).catch(
    () => null,
  );
  expect(me?.status ?? 431).toBe(431);
  expect(
    (await app.rest('GET', '/accounts/me', { headers: { authorization: `Bearer ${'x'.repeat(12_000)}` } })).status,
  ).toBe(401);
});

test.for(['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer a b', 'Bearer "x"', 'Token x', 'Bearer ü'])(
  'the header %j is nobody’s',
  async (authorization) => {
    const me = await app.rest('GET', '/accounts/me', { headers: { authorization } });
    expect([me.status, me.body.reason]).toEqual([401, 'not_authenticated']);
  },
);

test('the scheme may be written in any case', async () => {
  const me = await app.rest('GET', '/accounts/me', { headers: { authorization: `bEARER ${tokens.accessToken}` } });
  expect(me.status).toBe(200);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});

function read(token: string): { header: JWTHeaderParameters; payload: JWTPayload } {
  const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { header: JSON.parse(header ?? ''), payload: JSON.parse(payload ?? '') };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** Signs what the library would refuse to sign. */
function signatureOf(body: string): string {
  return signBytes(null, Buffer.from(body), key.privateKey).toString('base64url');
}

/** Another character, which differs in its lowest bit: in the last place, one a careless decoder would not look at. */
function other(character: string | undefined): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(character ?? 'A') ^ 1] ?? 'A';
}
