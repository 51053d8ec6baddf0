import { AppError } from './errors.ts';

const DEEPEST = 32;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Refuses what no honest client sends and what is dangerous further in: values nested over 32 deep, keys that reach an
 * object's prototype, and text with NUL or half of a surrogate pair, which Postgres can't store.
 *
 * @throws AppError `invalid_input` that names the place.
 */
export function assertSoundInput(input: unknown): void {
  walk(input, []);
}

function walk(value: unknown, path: (string | number)[]): void {
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed()) refuse(path, 'This text holds characters that are not allowed.');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (path.length >= DEEPEST) refuse([], 'The input is nested too deeply.');
  if (Array.isArray(value)) {
    value.forEach((item, index) => walk(item, [...path, index]));
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key) || key.includes('\0') || !key.isWellFormed()) refuse(path, 'A key is not allowed.');
    walk(item, [...path, key]);
  }
}

function refuse(path: (string | number)[], message: string): never {
  throw new AppError('invalid_input', { issues: [{ path, message }] });
}
