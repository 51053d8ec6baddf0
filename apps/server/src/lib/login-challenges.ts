import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { bytesToUuid, deriveKey, uuidToBytes } from './one-time-tokens.ts';

/** The first step of a sign-in, done: whose password was right, and the how-manieth password of the account it was. */
export type PassedPassword = { userId: string; passwordGeneration: number; expiresAt: Date };

/** `id` tells challenges apart, so that the codes tried on one can be counted. */
export type LoginChallenge = PassedPassword & { id: string };

export type LoginChallenges = {
  issue(passed: PassedPassword): string;
  /** Gives what a challenge says, or `null` when it was not issued here. Its expiry is for the caller to check. */
  read(challenge: string): LoginChallenge | null;
};

const ID_BYTES = 16;
const USER_BYTES = 16;
const PAYLOAD_BYTES = ID_BYTES + USER_BYTES + 4 + 4;
const MAC_BYTES = 32;

/**
 * A challenge is what stands between the two steps of a sign-in: base64url of id (16 bytes), user (16), generation of the
 * password (4), expiry (4, seconds since 1970), and an HMAC-SHA256 over these, under a key no other token is made with.
 */
export function createLoginChallenges(secret: string): LoginChallenges {
  const key = deriveKey(secret, 'login-challenges');
  const codeOf = (payload: Buffer) => createHmac('sha256', key).update(payload).digest();
  return {
    issue({ userId, passwordGeneration, expiresAt }) {
      const numbers = Buffer.alloc(8);
      numbers.writeUInt32BE(passwordGeneration, 0);
      numbers.writeUInt32BE(Math.floor(expiresAt.getTime() / 1000), 4);
      const payload = Buffer.concat([randomBytes(ID_BYTES), uuidToBytes(userId), numbers]);
      return Buffer.concat([payload, codeOf(payload)]).toString('base64url');
    },
    read(challenge) {
      const bytes = Buffer.from(challenge, 'base64url');
      // The second test refuses other spellings of the same bytes.
      if (bytes.length !== PAYLOAD_BYTES + MAC_BYTES || bytes.toString('base64url') !== challenge) return null;
      const payload = bytes.subarray(0, PAYLOAD_BYTES);
      if (!timingSafeEqual(bytes.subarray(PAYLOAD_BYTES), codeOf(payload))) return null;
      return {
        id: payload.toString('hex', 0, ID_BYTES),
        userId: bytesToUuid(payload.subarray(ID_BYTES, ID_BYTES + USER_BYTES)),
        passwordGeneration: payload.readUInt32BE(ID_BYTES + USER_BYTES),
        expiresAt: new Date(payload.readUInt32BE(ID_BYTES + USER_BYTES + 4) * 1000),
      };
    },
  };
}
