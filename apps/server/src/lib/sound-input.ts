import { AppError } from './errors.ts';

const DEEPEST = 32;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Refuses what no honest client sends and what is dangerous further in: values nested over 32 deep, keys that reach an
 * object's prototype, and text with NUL or half of a surrogate pair, which Postgres can't store.
 *
 * @throws AppError `invalid_input` that names the place, or none when the nesting is too deep.
 */
export function assertSoundInput(input: unknown): void {
  walk(input, []);
}

// `path` is where the value stands; one list for the whole walk.
function walk(value: unknown, path: (string | number)[]): void {
  if (typeof value === 'string') {
    if (!isSoundText(value)) refuse(path, 'This text holds characters that are not allowed.');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (path.length >= DEEPEST) refuse([], 'The input is nested too deeply.');
  const isList = Array.isArray(value);
  for (const [key, item] of Object.entries(value)) {
    if (!isList && (FORBIDDEN_KEYS.has(key) || !isSoundText(key))) refuse(path, 'A key is not allowed.');
    path.push(isList ? Number(key) : key);
    walk(item, path);
    path.pop();
  }
}

function isSoundText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function refuse(path: (string | number)[], message: string): never {
  throw new AppError('invalid_input', { issues: [{ path: [...path], message }] });
}
