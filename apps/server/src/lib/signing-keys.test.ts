import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureDevelopmentKey, readSigningKeys } from './signing-keys.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cinema-keys-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('processes that start at once agree on one development key, which only its owner can read', async () => {
  const inner = join(folder, 'made', 'on', 'demand');
  const keys = await Promise.all(Array.from({ length: 50 }, () => ensureDevelopmentKey(inner)));
  expect(new Set(keys).size).toBe(1);
  expect(await ensureDevelopmentKey(inner)).toBe(keys[0]);
  const files = await readdir(inner);
  expect(files).toHaveLength(1);
  expect((await stat(join(inner, files[0] ?? ''))).mode & 0o777).toBe(0o600);
  expect(await readSigningKeys(keys[0] ?? '')).toHaveLength(1);
});

test('a key is named by its thumbprint, and its public half holds nothing private', async () => {
  const pem = await ensureDevelopmentKey(folder);
  const [key] = await readSigningKeys(pem.replaceAll('\n', '\\n'));
  expect(key?.publicJwk).toEqual({
    kty: 'OKP',
    crv: 'Ed25519',
    x: expect.any(String),
    kid: key?.kid,
    alg: 'EdDSA',
    use: 'sig',
  });
  expect(
    (await readSigningKeys(`${pem}\n${await ensureDevelopmentKey(join(folder, 'other'))}`)).map(({ kid }) => kid)[0],
  ).toBe(key?.kid);
});

test.for([
  ['nothing', ''],
  ['a text', 'secret'],
  ['a public key', generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()],
  [
    'a key for something else',
    generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  ],
] as const)('%s is no key to sign with', async ([, pem]) => {
  await expect(readSigningKeys(pem)).rejects.toThrow();
});
