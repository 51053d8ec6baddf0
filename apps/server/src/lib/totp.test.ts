import { createCipheriv, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { deriveKey, uuidToBytes } from './one-time-tokens.ts';
import { createTotp } from './totp.ts';

const SECRET = 'a secret for tests, of forty characters.';
const totp = createTotp(SECRET);
const userId = randomUUID();

/** The secret of RFC 6238, appendix B, sealed as ours are. */
function sealExample(): Buffer {
  const nonce = Buffer.alloc(12, 7);
  const cipher = createCipheriv('aes-256-gcm', deriveKey(SECRET, 'totp-secrets'), nonce).setAAD(uuidToBytes(userId));
  return Buffer.concat([nonce, cipher.update('12345678901234567890'), cipher.final(), cipher.getAuthTag()]);
}

test.for([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const)('at %i seconds the code is that of RFC 6238', ([seconds, code]) => {
  const step = Math.floor(seconds / 30);
  const at = (steps: number) => totp.findStep(sealExample(), userId, code, new Date((seconds + steps * 30) * 1000));
  expect([-2, -1, 0, 1, 2].map(at)).toEqual([null, step, step, step, null]);
});

test('a secret is sealed anew each time, and opens for its user under its key only', () => {
  const sealed = totp.createSecret(userId);
  expect(sealed).toHaveLength(12 + 20 + 16);
  expect(totp.createSecret(userId).equals(sealed)).toBe(false);
  const { secret } = totp.describe(sealed, { userId, email: 'ada@example.com' });
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  expect(() => totp.describe(sealed, { userId: randomUUID(), email: '' })).toThrow();
  const elsewhere = createTotp('another secret, of forty characters too.');
  expect(() => elsewhere.describe(sealed, { userId, email: '' })).toThrow();
  for (const place of sealed.keys()) {
    const changed = Buffer.from(sealed);
    changed[place]! ^= 1;
    expect(() => totp.describe(changed, { userId, email: '' })).toThrow();
  }
  expect(() => totp.describe(sealed.subarray(0, -1), { userId, email: '' })).toThrow();
});
