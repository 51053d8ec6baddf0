import { hash, verify } from '@node-rs/argon2';

export type PasswordCost = { memoryCost: number; timeCost: number; parallelism: number };

/** OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane. */
export const PRODUCTION_COST: PasswordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export type Passwords = {
  hash(password: string): Promise<string>;
  /** Compares in constant time. With no hash it does the same work and says no, so that time tells nothing. */
  verify(passwordHash: string | null | undefined, password: string): Promise<boolean>;
};

/** Hashes passwords with Argon2id (the library's default). Passwords are compared in NFC: how a keyboard composes a letter must not matter. */
export function createPasswords(cost: PasswordCost): Passwords {
  const hashPassword = (password: string) =>
    hash(password.normalize('NFC'), cost);
  // The hash that stands in for an account that does not exist.
  const standIn = hashPassword(crypto.randomUUID());
  return {
    hash: hashPassword,
    async verify(passwordHash, password) {
      const isRight = await verify(passwordHash ?? (await standIn), password.normalize('NFC'));
      return isRight && passwordHash !== null && passwordHash !== undefined;
    },
  };
}
