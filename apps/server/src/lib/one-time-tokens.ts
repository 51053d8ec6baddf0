import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** What a token is good for; a token for one purpose is none for another. */
export type TokenPurpose = 'activation' | 'password_reset' | 'set_password' | 'email_change';

/**
 * What a link can be for: to use up a token, to fetch a row's own thing as often as one likes, to open a stream, or to
 * end a kind of mails to a user.
 */
export type LinkPurpose = TokenPurpose | 'data_export' | 'stream' | `unsubscribe.${string}`;

/** Makes and checks the tokens that mails carry. Whether one is still unused and in time, its row says. */
export type OneTimeTokens = {
  /** Derives the token of a row: the same one each time, known to nobody who has only the row. */
  derive(purpose: LinkPurpose, id: string): string;
  /** Gives the id of the row a token was derived from, or `null` when it was not derived here for this purpose. */
  verify(purpose: LinkPurpose, token: string): string | null;
};

const ID_BYTES = 16;
const MAC_BYTES = 32;

/**
 * One-time tokens are HMAC-SHA256 over purpose and row id, so that the database, the job payloads and the logs never
 * hold one: base64url of the id's 16 bytes and the 32 bytes of the code.
 */
export function createOneTimeTokens(secret: string): OneTimeTokens {
  const key = deriveKey(secret, 'one-time-tokens');
  const codeOf = (purpose: LinkPurpose, id: Buffer) =>
    createHmac('sha256', key).update(`${purpose}:`).update(id).digest();
  return {
    derive(purpose, id) {
      const bytes = uuidToBytes(id);
      return Buffer.concat([bytes, codeOf(purpose, bytes)]).toString('base64url');
    },
    verify(purpose, token) {
      const bytes = Buffer.from(token, 'base64url');
      // The second test refuses other spellings of the same bytes.
      if (bytes.length !== ID_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return null;
      const id = bytes.subarray(0, ID_BYTES);
      return timingSafeEqual(bytes.subarray(ID_BYTES), codeOf(purpose, id)) ? bytesToUuid(id) : null;
    },
  };
}

/** Derives a 32-byte key for one use from the one secret, so that no two uses share a key. */
export function deriveKey(secret: string, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `online-cinema:${use}`, 32));
}

/** Packs a UUID into its 16 bytes. */
export function uuidToBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

/** Writes 16 bytes as a UUID in lower case. */
export function bytesToUuid(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
