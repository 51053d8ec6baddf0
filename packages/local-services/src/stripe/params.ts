import { parse } from 'qs';
import { invalidRequest } from './errors.ts';

/** The decoded parameters of a request: a body or a query in Stripe's bracket notation. */
export type Params = Record<string, unknown>;

/** Decodes `line_items[0][price_data][unit_amount]=500&expand[]=…`, as a body or as a query. */
export function decodeForm(text: string): Params {
  return parse(text, { depth: 10, arrayLimit: 1000, parameterLimit: 5000, plainObjects: true });
}

/** Refuses what Stripe would not know. `path` is the outer parameter's name. */
export function refuseUnknown(params: Params, known: readonly string[], path = ''): void {
  const unknown = Object.keys(params).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const param = inside(path, unknown);
  throw invalidRequest(`Received unknown parameter: ${param}`, { code: 'parameter_unknown', param });
}

/** Reads a text; absent and empty are `undefined`, as at Stripe, where empty means "unset". */
export function readText(params: Params, key: string, { path = '', max = 5000 } = {}): string | undefined {
  const value = params[key];
  if (value === undefined || value === '') return undefined;
  const param = inside(path, key);
  if (typeof value !== 'string') throw invalidRequest('Invalid string', { param });
  if (value.length > max) {
    throw invalidRequest(`Invalid string: ${value.slice(0, 20)}…; must be at most ${max} characters`, { param });
  }
  return value;
}

/** Reads a text that has to be there. */
export function requireText(params: Params, key: string, options: { path?: string; max?: number } = {}): string {
  const value = readText(params, key, options);
  if (value === undefined) throw missing(inside(options.path ?? '', key));
  return value;
}

/** Reads a whole number within bounds. */
export function readInteger(
  params: Params,
  key: string,
  { path = '', min = 0, max = Number.MAX_SAFE_INTEGER } = {},
): number | undefined {
  const text = readText(params, key, { path });
  if (text === undefined) return undefined;
  const param = inside(path, key);
  const refuse = (message: string) => invalidRequest(message, { code: 'parameter_invalid_integer', param });
  if (!/^-?\d{1,15}$/.test(text)) throw refuse(`Invalid integer: ${text}`);
  const value = Number(text);
  if (value < min) throw refuse(`This value must be greater than or equal to ${min} (it currently is '${text}').`);
  if (value > max) throw refuse(`This value must be less than or equal to ${max} (it currently is '${text}').`);
  return value;
}

/** Reads one of a few words. */
export function readWord<const Word extends string>(
  params: Params,
  key: string,
  words: readonly Word[],
): Word | undefined {
  const text = readText(params, key);
  if (text === undefined) return undefined;
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) {
    const choice = new Intl.ListFormat('en', { type: 'disjunction' }).format(words);
    throw invalidRequest(`Invalid ${key}: must be one of ${choice}`, { param: key });
  }
  return word;
}

/** Reads `key[…]`; absent is `undefined`. */
export function readHash(params: Params, key: string, path = ''): Params | undefined {
  const value = params[key];
  if (value === undefined || value === '') return undefined;
  if (!isHash(value)) throw invalidRequest('Invalid object', { param: inside(path, key) });
  return value;
}

/** Reads `key[0]…`, `key[]…`; absent is an empty list. */
export function readList(params: Params, key: string, path = ''): unknown[] {
  const value = params[key];
  if (value === undefined || value === '') return [];
  if (!Array.isArray(value)) throw invalidRequest('Invalid array', { param: inside(path, key) });
  return value;
}

/** Reads metadata within Stripe's limits: 50 keys of 40 characters, values of 500. */
export function readMetadata(params: Params, path = ''): Record<string, string> {
  const hash = readHash(params, 'metadata', path) ?? {};
  const param = inside(path, 'metadata');
  const entries = Object.entries(hash).filter(([, value]) => value !== '');
  if (entries.length > 50) throw invalidRequest('You can specify up to 50 keys in metadata.', { param });
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (typeof value !== 'string') throw invalidRequest('Metadata values must be strings.', { param });
      if (key.length > 40) {
        throw invalidRequest(`Metadata keys can have up to 40 characters, but you passed in one of ${key.length}.`, {
          param,
        });
      }
      if (value.length > 500) {
        const message = `Metadata values can have up to 500 characters, but you passed in one of ${value.length}.`;
        throw invalidRequest(message, { param: `${param}[${key}]` });
      }
      return [key, value];
    }),
  );
}

/** Reads an absolute http or https address. */
export function readUrl(params: Params, key: string): string | undefined {
  const text = readText(params, key);
  if (text === undefined) return undefined;
  const protocol = URL.parse(text)?.protocol;
  if (protocol === 'http:' || protocol === 'https:') return text;
  const message = /^[a-z][a-z0-9+.-]*:/i.test(text)
    ? 'Not a valid URL'
    : 'Invalid URL: An explicit scheme (such as https) must be provided.';
  throw invalidRequest(message, { code: 'url_invalid', param: key });
}

/** Makes the error of a parameter that has to be there. */
export function missing(param: string): Error {
  return invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
}

/** Tells a decoded hash from a text or a list. */
export function isHash(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Writes the name of a nested parameter: `inside('a[0]', 'b')` is `a[0][b]`. */
export function inside(path: string, key: string): string {
  return path === '' ? key : `${path}[${key}]`;
}
