import { dictionary } from '@zxcvbn-ts/language-common';

// The list is ordered, the commonest first, and written in lower case.
const COMMONEST = new Set(dictionary['passwords-common'].slice(0, 10_000));

/** Tells whether a password is one of the 10,000 commonest, in whatever case it is typed. */
export function isCommonPassword(password: string): boolean {
  return COMMONEST.has(password.normalize('NFC').toLowerCase());
}
