import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../app.ts';
import { signInForTokens, type Tokens } from '../testing/accounts.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

const [OLD, NEW] = [makeKey(), makeKey()];

let app: TestApp;
/** The same cinema with the new key before the old one, and with the new one alone. */
let both: App;
let retired: App;
beforeAll(async () => {
  app = await startTestApp({ JWT_PRIVATE_KEYS: OLD });
  both = await app.startReplica({ PROCESS: 'api', JWT_PRIVATE_KEYS: `${NEW}\n${OLD}` });
  retired = await app.startReplica({ PROCESS: 'api', JWT_PRIVATE_KEYS: NEW });
});
afterAll(() => app[Symbol.asyncDispose]());

function makeKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function keysOf({ url }: Pick<App, 'url'>): Promise<JSONWebKeySet> {
  return (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
}

async function whoAmI({ url }: Pick<App, 'url'>, { accessToken }: Pick<Tokens, 'accessToken'>): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` };
  return (await fetch(`${url}/api/v1/accounts/me`, { headers })).status;
}

async function refresh({ url }: Pick<App, 'url'>, { refreshToken }: Pick<Tokens, 'refreshToken'>) {
  const answer = await fetch(`${url}/api/v1/accounts/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refreshToken }),
  });
  return { status: answer.status, body: (await answer.json()) as Tokens };
}

async function signIn(): Promise<Tokens> {
  const { email } = await app.signIn();
  return await signInForTokens(app, email);
}

test('the public keys are there for everybody, newest first, and nothing private with them', async () => {
  const answer = await fetch(`${both.url}/.well-known/jwks.json`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  const { keys } = (await answer.json()) as JSONWebKeySet;
  const [newKey] = (await keysOf(retired)).keys;
  const [oldKey] = (await keysOf(app)).keys;
  expect(keys).toEqual([newKey, oldKey]);
  for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
});

test('caches may keep them, and ask whether they changed', async () => {
  const url = `${both.url}/.well-known/jwks.json`;
  const first = await fetch(url);
  expect(first.headers.get('cache-control')).toBe('public, max-age=300');
  const etag = first.headers.get('etag') ?? '';
  const again = await fetch(url, { headers: { 'if-none-match': `"other", W/${etag}` } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  expect((await fetch(`${app.url}/.well-known/jwks.json`, { headers: { 'if-none-match': etag } })).status).toBe(200);
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
});

test('a stranger can verify an access token with them', async () => {
  const { accessToken } = await signIn();
  const options = { issuer: 'http://cinema.test', audience: 'online-cinema', typ: 'at+jwt' };
  const { payload } = await jwtVerify(accessToken, createLocalJWKSet(await keysOf(both)), options);
  expect(payload.sub).toMatch(/^[0-9a-f-]{36}$/);
  await expect(jwtVerify(accessToken, createLocalJWKSet(await keysOf(retired)), options)).rejects.toThrow();
});

test('with a new key, tokens of the old one still open, and the next ones are signed with the new one', async () => {
  const old = await signIn();
  expect(await whoAmI(both, old)).toBe(200);
  const { status, body: next } = await refresh(both, old);
  expect(status).toBe(200);
  const [newest, before] = (await keysOf(both)).keys.map(({ kid }) => kid);
  for (const token of [old.accessToken, old.refreshToken]) expect(decodeProtectedHeader(token).kid).toBe(before);
  for (const token of [next.accessToken, next.refreshToken]) expect(decodeProtectedHeader(token).kid).toBe(newest);
  expect(await whoAmI(both, next)).toBe(200);
});

test('once the old key is retired its tokens open nothing, and those of the new one go on', async () => {
  const old = await signIn();
  expect(await whoAmI(retired, old)).toBe(401);
  expect((await refresh(retired, old)).status).toBe(401);
  // Refused as a stranger's token, which ends no session.
  const { body: next } = await refresh(both, old);
  expect(await whoAmI(retired, next)).toBe(200);
  expect((await refresh(retired, next)).status).toBe(200);
});

test('who does not know the new key yet refuses its tokens: it is published before it signs', async () => {
  const { body: next } = await refresh(both, await signIn());
  expect(await whoAmI(app, next)).toBe(401);
  const published = await app.startReplica({ PROCESS: 'api', JWT_PRIVATE_KEYS: `${OLD}\n${NEW}` });
  expect(await whoAmI(published, next)).toBe(200);
});
