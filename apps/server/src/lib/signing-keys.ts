import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
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
  const blocks = pem.replaceAll('\\n', '\n').match(/-----BEGIN PRIVATE KEY-----[\s\S]*?-----END PRIVATE KEY-----/g);
  if (!blocks) throw new Error('JWT_PRIVATE_KEYS holds no PEM block "PRIVATE KEY".');
  return await Promise.all(
    blocks.map(async (block) => {
      const privateKey = createPrivateKey(block);
      if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('JWT_PRIVATE_KEYS must hold Ed25519 keys only.');
      const publicKey = createPublicKey(privateKey);
      const jwk = publicKey.export({ format: 'jwk' });
      const publicJwk: JWK = { kty: 'OKP', crv: 'Ed25519', x: String(jwk.x) };
      const kid = await calculateJwkThumbprint(publicJwk);
      return { kid, privateKey, publicKey, publicJwk: { ...publicJwk, kid, alg: 'EdDSA', use: 'sig' } };
    }),
  );
}

/** Gives the development key kept in `folder`, making it the first time; several processes agree on one. */
export async function ensureDevelopmentKey(folder: string): Promise<string> {
  const file = join(folder, 'jwt-development-key.pem');
  await mkdir(folder, { recursive: true });
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  try {
    await writeFile(file, pem, { flag: 'wx', mode: 0o600 });
    return pem;
  } catch {
    return await readFile(file, 'utf8');
  }
}
