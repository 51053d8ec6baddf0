import { createHmac, randomBytes } from 'node:crypto';
import { deriveKey, uuidToBytes } from './one-time-tokens.ts';

export type RecoveryCodes = {
  /** Makes ten new codes: `k3m9x-7qpt2`. */
  create(): string[];
  /** What a table may keep of a code. How it is typed (case, dashes, spaces, O for 0) does not matter. */
  hash(userId: string, code: string): Buffer;
};

const COUNT = 10;
/** Of five bits each: nobody guesses fifty through the limits, and without the key a hash can't be tried at all. */
const CHARACTERS = 10;
/** Crockford's base32: nothing in it looks like something else. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Codes for when the authenticator app is gone, kept as HMAC-SHA256 over user and code. */
export function createRecoveryCodes(secret: string): RecoveryCodes {
  const key = deriveKey(secret, 'recovery-codes');
  return {
    create: () => Array.from({ length: COUNT }, createCode),
    hash: (userId, code) => createHmac('sha256', key).update(uuidToBytes(userId)).update(normalize(code)).digest(),
  };
}

function createCode(): string {
  const characters = Array.from(randomBytes(CHARACTERS), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
  return `${characters.slice(0, CHARACTERS / 2)}-${characters.slice(CHARACTERS / 2)}`;
}

function normalize(code: string): string {
  return code.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
}
