import { createHmac, timingSafeEqual } from 'node:crypto';
import { bytesToUuid, deriveKey, uuidToBytes } from './one-time-tokens.ts';

/**
 * Leave to read the files of one asset until a moment. A trailer anybody may watch: `userId` and `streamId`, the slot that
 * a film takes while it plays, are null then.
 */
export type MediaGrant = { assetId: string; userId: string | null; streamId: string | null; expiresAt: Date };

/** Writes and reads grants. None is stored: what a grant says, it says itself. */
export type MediaGrants = {
  issue(grant: MediaGrant): string;
  /** Gives what a grant says, or `null` when it was not issued here. Its expiry is for the caller to check. */
  read(grant: string): MediaGrant | null;
};

const NONE = Buffer.alloc(16);
const PAYLOAD_BYTES = 52;
const MAC_BYTES = 16;

/**
 * Grants stand in the path, so that segments, captions and storyboards inherit them: base64url of asset (16 bytes),
 * user (16), expiry (4, seconds since 1970), stream (16), and the first half of an HMAC-SHA256 over these.
 */
export function createMediaGrants(secret: string): MediaGrants {
  const key = deriveKey(secret, 'media-grants');
  const codeOf = (payload: Buffer) => createHmac('sha256', key).update(payload).digest().subarray(0, MAC_BYTES);
  return {
    issue({ assetId, userId, streamId, expiresAt }) {
      const expiry = Buffer.alloc(4);
      expiry.writeUInt32BE(Math.floor(expiresAt.getTime() / 1000));
      const payload = Buffer.concat([uuidToBytes(assetId), toBytes(userId), expiry, toBytes(streamId)]);
      return Buffer.concat([payload, codeOf(payload)]).toString('base64url');
    },
    read(grant) {
      const bytes = Buffer.from(grant, 'base64url');
      if (bytes.length !== PAYLOAD_BYTES + MAC_BYTES || bytes.toString('base64url') !== grant) return null;
      const payload = bytes.subarray(0, PAYLOAD_BYTES);
      if (!timingSafeEqual(bytes.subarray(PAYLOAD_BYTES), codeOf(payload))) return null;
      return {
        assetId: bytesToUuid(payload.subarray(0, 16)),
        userId: toUuid(payload.subarray(16, 32)),
        expiresAt: new Date(payload.readUInt32BE(32) * 1000),
        streamId: toUuid(payload.subarray(36)),
      };
    },
  };
}

function toBytes(uuid: string | null): Buffer {
  return uuid === null ? NONE : uuidToBytes(uuid);
}

function toUuid(bytes: Buffer): string | null {
  return bytes.equals(NONE) ? null : bytesToUuid(bytes);
}
