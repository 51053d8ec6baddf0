import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { deriveKey, uuidToBytes } from './one-time-tokens.ts';

/** Time-based one-time passwords (RFC 6238) as every authenticator app makes them: SHA-1, six digits, 30 seconds. */
export type Totp = {
  /** Makes a user's secret, as a table may keep it. */
  createSecret(userId: string): Buffer;
  /** What an authenticator app is told: an `otpauth:` address for a QR code, and the secret in it for typing. */
  describe(sealed: Buffer, user: { userId: string; email: string }): { otpauthUri: string; secret: string };
  /**
   * Finds the time step a code of six digits belongs to: now, or one before or after; `null` when to none of them, as
   * each code of a secret that was sealed under another key.
   */
  findStep(sealed: Buffer, userId: string, code: string, now: Date): number | null;
};

const ISSUER = 'Online Cinema';
const PERIOD_SECONDS = 30;
/** What RFC 4226 recommends: as long as the hash. */
const SECRET_BYTES = 20;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Keeps secrets encrypted with AES-256-GCM: nonce, ciphertext and tag. The user's id is authenticated with them, so that
 * a secret copied into another user's row opens nothing.
 */
export function createTotp(secret: string): Totp {
  const key = deriveKey(secret, 'totp-secrets');

  function seal(userId: string, bytes: Buffer): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(uuidToBytes(userId));
    return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }

  function unseal(userId: string, sealed: Buffer): Secret {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(uuidToBytes(userId))
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    const bytes = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return new Secret({ buffer: Uint8Array.from(bytes).buffer });
  }

  function tryUnseal(userId: string, sealed: Buffer): Secret | null {
    try {
      return unseal(userId, sealed);
    } catch {
      return null;
    }
  }

  return {
    createSecret: (userId) => seal(userId, randomBytes(SECRET_BYTES)),
    describe(sealed, { userId, email }) {
      const totp = totpOf(unseal(userId, sealed), email);
      return { otpauthUri: totp.toString(), secret: totp.secret.base32 };
    },
    findStep(sealed, userId, code, now) {
      const opened = tryUnseal(userId, sealed);
      if (!opened) return null;
      const totp = totpOf(opened);
      const timestamp = now.getTime();
      const delta = totp.validate({ token: code, timestamp, window: 1 });
      return delta === null ? null : totp.counter({ timestamp }) + delta;
    },
  };
}

function totpOf(secret: Secret, label = ''): TOTP {
  return new TOTP({ issuer: ISSUER, label, secret, algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS });
}
