import type { Case } from './questions.ts';

/**
 * Tells where an answer differs from the limit's: of what both have, nothing may. Null: it does not. `path` says where
 * one is in the answer.
 */
export function findDifference(each: Case, theirs: unknown, ours: unknown): string | null {
  if (each.isUnique) return Object.is(subjectOf(theirs), subjectOf(ours)) ? null : 'tokens of somebody else';
  return compare(theirs, ours, '');
}

function compare(expected: unknown, given: unknown, path: string): string | null {
  if (Array.isArray(expected) && Array.isArray(given)) {
    if (expected.length !== given.length) return `${path}: ${given.length} of ${expected.length}`;
    return first(expected.map((item: unknown, index) => compare(item, given[index], `${path}[${index}]`)));
  }
  if (isRecord(expected) && isRecord(given)) {
    const shared = Object.keys(given).filter((name) => name in expected && !NOT_COMPARED.includes(name));
    if ('id' in expected && !('id' in given)) return `${path}: without id`;
    return first(shared.map((name) => compare(expected[name], given[name], `${path}.${name}`)));
  }
  return plain(expected) === plain(given) ? null : `${path}: ${String(given)} instead of ${String(expected)}`;
}

// Each has cursors of its own, and puts a film in the cart at its own moment.
const NOT_COMPARED = ['nextCursor', 'addedAt'];

// Moments are written in several ways, and by Postgres to the microsecond.
function plain(value: unknown): unknown {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value).getTime() : value;
}

function subjectOf(answer: unknown): unknown {
  const token = isRecord(answer) ? String(answer['accessToken']) : '';
  return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}') as { sub?: string }).sub;
}

function first(differences: (string | null)[]): string | null {
  return differences.find((difference) => difference !== null) ?? null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
