import { AppError } from '../lib/errors.ts';
import { assertSoundInput } from '../lib/sound-input.ts';
import { parseJson } from './json-body.ts';

// What superjson may make of a value here. Its other types are never asked for, and making them can cost a caller's
// few bytes a gigabyte: `new Float64Array(1e8)`.
const PLAIN_TYPES = new Set(['undefined', 'Date', 'number']);

/**
 * Looks through the text of one call's input, `{ json, meta? }`, or of a batch's, which has them by number, before
 * superjson makes values of it: it drops some keys that should be refused, and makes whatever it is told to.
 *
 * @throws AppError `invalid_input`.
 */
export function assertSoundEnvelopes(text: string): void {
  const value = parseJson(text);
  const isOne = typeof value !== 'object' || value === null || 'json' in value;
  // What passes for one is opened as a batch by whoever asks for one: nothing may stand beside it unseen.
  if (isOne && value !== null && Object.keys(value as object).some((key) => key !== 'json' && key !== 'meta')) refuse();
  for (const envelope of isOne ? [value] : Object.values(value)) {
    if (typeof envelope !== 'object' || envelope === null) continue;
    assertSoundInput('json' in envelope ? envelope.json : envelope);
    if ('meta' in envelope) assertPlainMeta(envelope.meta);
  }
}

function assertPlainMeta(meta: unknown): void {
  assertSoundInput(meta);
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta)) refuse();
  if ('values' in meta && !isPlainTree(meta.values)) refuse();
}

/** A tree is `[type]`, `[type, children]`, or children: trees by path. */
function isPlainTree(tree: unknown): boolean {
  if (typeof tree !== 'object' || tree === null) return false;
  if (!Array.isArray(tree)) return Object.values(tree).every(isPlainTree);
  const [type, children, ...more] = tree as unknown[];
  const isPlain = typeof type === 'string' && PLAIN_TYPES.has(type);
  return isPlain && more.length === 0 && (children === undefined || isPlainTree(children));
}

function refuse(): never {
  throw new AppError('invalid_input', { issues: [{ path: [], message: 'A value is of a type nobody asked for.' }] });
}
