import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, type JWK } from 'jose';

/** A key that signs tokens; `kid` is its RFC 7638 thumbprint. */
export type SigningKey = { kid: string; privateKey: KeyObject; publicKey: KeyObject; publicJwk: JWK };

/**
 * Reads Ed25519 private keys: PEM blocks (PKCS #8) one after the other, newest first; `\n` may stand for a line break.
 *
 * @throws when there is none, or one is not an Ed25519 key.
 */
export async function readSigningKeys(pem: string): Promise<SigningKey[]> {
  return await Promise.all(
    parsePrivateKeys(pem).map(async (privateKey) => {
      const publicKey = createPublicKey(privateKey);
      const jwk = publicKey.export({ format: 'jwk' });
      const publicJwk: JWK = { kty: 'OKP', crv: 'Ed25519', x: String(jwk.x) };
      const kid = await calculateJwkThumbprint(publicJwk);
      return { kid, privateKey, publicKey, publicJwk: { ...publicJwk, kid, alg: 'EdDSA', use: 'sig' } };
    }),
  );
}

/** Tells whether a text holds the keys {@link readSigningKeys} reads. */
export function areSigningKeys(pem: string): boolean {
  try {
    return parsePrivateKeys(pem).length > 0;
  } catch {
    return false;
  }
}

function parsePrivateKeys(pem: string): KeyObject[] {
  const blocks = pem.replaceAll('\\n', '\n').match(/-----BEGIN PRIVATE KEY-----[\s\S]*?-----END PRIVATE KEY-----/g);
  if (!blocks) throw new Error('There is no PEM block "PRIVATE KEY".');
  return blocks.map((block) => {
    const privateKey = createPrivateKey(block);
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('Only Ed25519 keys sign tokens.');
    return privateKey;
  });
}

/** Gives the development key kept in `folder`, making it the first time; several processes agree on one. */
export async function ensureDevelopmentKey(folder: string): Promise<string> {
  const file = join(folder, 'jwt-development-key.pem');
  await mkdir(folder, { recursive: true });
  if (!existsSync(file)) await makeDevelopmentKey(file);
  return await readFile(file, 'utf8');
}

// Written whole under another name first: nobody may read half a key.
async function makeDevelopmentKey(file: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    // Another process was first: its key counts.
    if (!existsSync(file)) throw error;
  } finally {
    await unlink(draft);
  }
}
