import { TRPCClientError } from '@trpc/client';
import type { CinemaRouter } from './router.gen.ts';
import { wire } from './wire.ts';

/** The answer to one call, as it came. */
export type Envelope = { readonly [name: string]: unknown };
type Head = Pick<Response, 'status' | 'headers'>;

/** Reads what came for so many calls. What is no answer of tRPC becomes a refusal of all of them. */
export function readEnvelopes(response: Head, text: string, count: number): Envelope[] {
  const json = parse(text);
  const list: unknown[] = Array.isArray(json) ? json : Array.from({ length: count }, () => json);
  if (list.length === count && list.every(isEnvelope)) return list;
  const refusal = { error: { json: toShape(response, json) } };
  return Array.from({ length: count }, () => refusal);
}

/**
 * Gives the output an envelope holds.
 *
 * @throws TRPCClientError when it holds a refusal.
 */
export function openEnvelope(envelope: Envelope, response: Head): unknown {
  const { result, error } = envelope;
  if (isObject(result)) return wire.deserialize(isObject(result['data']) ? result['data'] : {});
  const shape = wire.deserialize(isObject(error) ? error : {});
  throw toError(shape, response);
}

/** The refusal as tRPC's clients know it, with the `Retry-After` of the answer: a batch has one for all its calls. */
export function toError(shape: unknown, response: Head): TRPCClientError<CinemaRouter> {
  const retryAfterSeconds = readRetryAfter(response.headers);
  if (isObject(shape) && isObject(shape['data']) && retryAfterSeconds !== undefined) {
    const { data } = shape;
    if (data['httpStatus'] === 429 || data['httpStatus'] === 503) data['retryAfterSeconds'] ??= retryAfterSeconds;
  }
  return TRPCClientError.from<CinemaRouter>({ error: shape } as never, { meta: { response } });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEnvelope(value: unknown): value is Envelope {
  if (!isObject(value)) return false;
  return isObject(value['result']) || (isObject(value['error']) && isObject(value['error']['json']));
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

/** The cinema's own refusals from before tRPC are problems (RFC 9457) with a `type` that says whose. */
function toShape({ status, headers }: Head, body: unknown) {
  const [code = 'SERVICE_UNAVAILABLE', reason = 'unavailable'] = OF_STATUS[status] ?? [];
  const known = { httpStatus: status, code, reason, requestId: headers.get('x-request-id') ?? '' };
  if (!isObject(body) || body['type'] !== `urn:online-cinema:error:${String(body['reason'])}`) {
    const message = 'The cinema can not be reached: something else answered in its place.';
    return { message, code: INTERNAL_ERROR, data: known };
  }
  const { type: _type, title: _title, status: _status, detail, ...said } = body;
  return { message: String(detail), code: INTERNAL_ERROR, data: { ...known, ...said } };
}

// Seconds, or a moment by the clock of who answers.
function readRetryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after') ?? '';
  const seconds = /^\d+$/.test(text)
    ? Number(text)
    : (Date.parse(text) - (Date.parse(headers.get('date') ?? '') || Date.now())) / 1_000;
  return seconds >= 0 ? Math.ceil(seconds) : undefined;
}

/** JSON-RPC's code. */
const INTERNAL_ERROR = -32603;
/** tRPC's code of a status, and the reason where it says more than that the cinema was not reached. */
const OF_STATUS: { readonly [status: number]: readonly [code: string, reason?: string] | undefined } = {
  400: ['BAD_REQUEST'],
  401: ['UNAUTHORIZED'],
  403: ['FORBIDDEN'],
  404: ['NOT_FOUND'],
  405: ['METHOD_NOT_SUPPORTED'],
  408: ['TIMEOUT', 'request_timeout'],
  413: ['PAYLOAD_TOO_LARGE', 'payload_too_large'],
  415: ['UNSUPPORTED_MEDIA_TYPE'],
  429: ['TOO_MANY_REQUESTS', 'too_many_requests'],
};
