import { AppError, type Issue } from '../lib/errors.ts';
import { isCommonPassword } from './common-passwords.ts';

/**
 * What a new password needs beside its length. `strict`: upper and lower case, a digit and a special character;
 * `basic`: a letter and a digit.
 */
export type PasswordPolicy = 'strict' | 'basic';

type Rule = { message: string; isMet: (password: string) => boolean };

// Lengths in code points, after NFC: what a person counts.
const LENGTH: Rule = {
  message: 'Use 8 to 128 characters.',
  isMet: (password) => {
    const length = [...password].length;
    return length >= 8 && length <= 128;
  },
};
const UPPER: Rule = { message: 'Use an upper-case letter.', isMet: (password) => /\p{Lu}/u.test(password) };
const LOWER: Rule = { message: 'Use a lower-case letter.', isMet: (password) => /\p{Ll}/u.test(password) };
const LETTER: Rule = { message: 'Use a letter.', isMet: (password) => /\p{L}/u.test(password) };
const DIGIT: Rule = { message: 'Use a digit.', isMet: (password) => /\p{Nd}/u.test(password) };
const SPECIAL: Rule = {
  message: 'Use a special character.',
  isMet: (password) => /[^\p{L}\p{N}]/u.test(password),
};
const UNCOMMON: Rule = {
  message: 'This is one of the most common passwords. Use another one.',
  isMet: (password) => !isCommonPassword(password),
};

const RULES: Record<PasswordPolicy, Rule[]> = {
  strict: [LENGTH, UPPER, LOWER, DIGIT, SPECIAL, UNCOMMON],
  basic: [LENGTH, LETTER, DIGIT, UNCOMMON],
};

/**
 * Refuses a password the policy does not allow.
 *
 * @throws AppError `weak_password` with one issue for each rule that is not met.
 */
export function assertStrongPassword(policy: PasswordPolicy, password: string, field: string): void {
  const normalized = password.normalize('NFC');
  const issues: Issue[] = RULES[policy]
    .filter((rule) => !rule.isMet(normalized))
    .map((rule) => ({ path: [field], message: rule.message }));
  if (issues.length > 0) throw new AppError('weak_password', { issues });
}
