import { hash, parseOptions, verify } from '@node-rs/argon2';
import { createGate } from './gate.ts';

/** What an Argon2id hash costs: memory in KiB, passes, lanes (RFC 9106). */
export type PasswordCost = { memoryCost: number; timeCost: number; parallelism: number };

/** OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane. */
export const PRODUCTION_COST: PasswordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashing and verifying refuse with `unavailable` when too many are waiting already. */
export type Passwords = {
  hash(password: string): Promise<string>;
  /** Compares in constant time. With no hash it does the same work and says no, so that time tells nothing. */
  verify(passwordHash: string | null | undefined, password: string): Promise<boolean>;
  /** Tells whether a hash is cheaper to guess than a new one would be. */
  isOutdated(passwordHash: string): boolean;
};

// Hashing shares four threads with files and names: one is left to them, whatever comes.
const GATE = { parallel: 3, waiting: 100 };

/**
 * Hashes passwords with Argon2id, the library's default. They are compared in NFC: how a keyboard composes a letter
 * must not matter.
 */
export function createPasswords(cost: PasswordCost): Passwords {
  const gate = createGate(GATE);
  const hashPassword = (password: string) => gate(() => hash(password.normalize('NFC'), cost));
  // The hash that stands in for an account that does not exist.
  const standIn = hashPassword(crypto.randomUUID());
  return {
    hash: hashPassword,
    async verify(passwordHash, password) {
      const against = passwordHash ?? (await standIn);
      const isRight = await gate(() => verify(against, password.normalize('NFC')));
      return isRight && passwordHash !== null && passwordHash !== undefined;
    },
    isOutdated(passwordHash) {
      const { memoryCost, timeCost } = parseOptions(passwordHash);
      return memoryCost < cost.memoryCost || timeCost < cost.timeCost;
    },
  };
}
