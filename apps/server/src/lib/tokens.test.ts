import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { readSigningKeys } from './signing-keys.ts';
import { createTokens } from './tokens.ts';

const ID = '019a5a4e-7c00-7000-8000-000000000001';
const ISSUED_AT = 1_800_000_000;
const LIFETIME = { issuedAt: ISSUED_AT, expiresAt: ISSUED_AT + 900 };
const CLAIMS = { userId: ID, sessionId: ID, generation: 3 };

const newKey = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const [KEY, OLD_KEY] = [newKey(), newKey()];

async function tokensWith(pem: string, options: { issuer?: string; now?: number } = {}) {
  const { issuer = 'https://cinema.example', now = ISSUED_AT } = options;
  return createTokens({ keys: await readSigningKeys(pem), issuer, now: () => new Date(now * 1000) });
}

test('the same claims give the same token, which says what went in', async () => {
  const tokens = await tokensWith(KEY);
  const token = await tokens.signRefresh({ sessionId: ID, generation: 3 }, LIFETIME);
  expect(await (await tokensWith(KEY)).signRefresh({ sessionId: ID, generation: 3 }, LIFETIME)).toBe(token);
  expect(await tokens.verifyRefresh(token)).toEqual({ sessionId: ID, generation: 3 });
  expect(await tokens.verifyAccess(await tokens.signAccess(CLAIMS, LIFETIME))).toEqual({ userId: ID, sessionId: ID });
});

test('no character of a token can be changed, left out or put in', async () => {
  const tokens = await tokensWith(KEY);
  const token = await tokens.signAccess(CLAIMS, LIFETIME);
  const accepted: string[] = [];
  for (let place = 0; place <= token.length; place++) {
    const [before, after] = [token.slice(0, place), token.slice(place + 1)];
    const changed = 'AQgwBCD_-.'
      .split('')

      .filter((character) => character !== token[place])
      .map((character) => before + character + after);
    const forged = [...changed, before + after, `${before} ${token.slice(place)}`, `${before}=${token.slice(place)}`];
    for (const text of forged) if (text !== token && (await tokens.verifyAccess(text))) accepted.push(text);
  }
  expect(accepted).toEqual([]);
});

test('a token is good from the moment it was made to the moment it expires', async () => {
  const token = await (await tokensWith(KEY)).signAccess(CLAIMS, LIFETIME);
  const isGoodAt = async (now: number) => (await (await tokensWith(KEY, { now })).verifyAccess(token)) !== null;
  // A few seconds before: the clocks of two machines never agree.
  expect(await isGoodAt(ISSUED_AT - 5)).toBe(true);
  expect(await isGoodAt(ISSUED_AT - 6)).toBe(false);
  expect(await isGoodAt(ISSUED_AT + 899)).toBe(true);
  expect(await isGoodAt(ISSUED_AT + 900)).toBe(false);
});

test('a key that is being replaced verifies while it is listed, and signs no more', async () => {
  const token = await (await tokensWith(OLD_KEY)).signAccess(CLAIMS, LIFETIME);
  const both = await tokensWith(`${KEY}\n${OLD_KEY}`);
  expect(await both.verifyAccess(token)).not.toBeNull();
  expect(await (await tokensWith(KEY)).verifyAccess(token)).toBeNull();
  const newer = await both.signAccess(CLAIMS, LIFETIME);
  expect(await (await tokensWith(KEY)).verifyAccess(newer)).not.toBeNull();
  expect(await (await tokensWith(OLD_KEY)).verifyAccess(newer)).toBeNull();
});

test('a token of another cinema with the same key is none of ours', async () => {
  const token = await (await tokensWith(KEY, { issuer: 'https://other.example' })).signAccess(CLAIMS, LIFETIME);
  expect(await (await tokensWith(KEY)).verifyAccess(token)).toBeNull();
});
