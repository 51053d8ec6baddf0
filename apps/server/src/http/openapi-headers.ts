import type { JsonObject } from './openapi-json.ts';

const text = (description: string): JsonObject => ({ description, schema: { type: 'string' } });

/** The headers answers have, by their names among the components. */
export const HEADERS: JsonObject = {
  RequestId: text('Names this request in the logs: quote it when you ask for help.'),
  Location: text('The address of what was made.'),
  ETag: text('Names this answer: for `If-None-Match`.'),
  CacheControl: text('Who may keep it, and for how long.'),
  Vary: text('What else it depends on.'),
  RetryAfter: { description: 'When to try again, in seconds.', schema: { type: 'integer', minimum: 0 } },
  WwwAuthenticate: text('How to say who you are: `Bearer`.'),
};

/** The headers requests may have, by their names among the components. */
export const PARAMETERS: JsonObject = {
  IdempotencyKey: {
    in: 'header',
    name: 'Idempotency-Key',
    description:
      'Your name for this request. Sent again within 24 hours it is answered alike, and nothing is done twice; with another input it is refused.',
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: 255,
      pattern: '^[ -~]+$',
      examples: ['order-2026-11-20-0001'],
    },
  },
  IfNoneMatch: {
    in: 'header',
    name: 'If-None-Match',
    description: 'The `ETag` of what you have: 304 without a body while it is still so.',
    schema: { type: 'string' },
  },
};

/** Every answer has it. */
export const COMMON_HEADERS: JsonObject = { 'x-request-id': header('RequestId') };
/** What was made is there. */
export const LOCATION_HEADER: JsonObject = { Location: header('Location') };
/** Public answers can be kept, and asked for again. */
export const CACHE_HEADERS: JsonObject = {
  ETag: header('ETag'),
  'Cache-Control': header('CacheControl'),
  Vary: header('Vary'),
};
/** 401, 429 and 503 say how to go on. */
export const HEADERS_OF_STATUS: Readonly<Record<number, JsonObject>> = {
  401: { 'WWW-Authenticate': header('WwwAuthenticate') },
  429: { 'Retry-After': header('RetryAfter') },
  503: { 'Retry-After': header('RetryAfter') },
};

/** Refers to a header that requests may have. */
export function parameter(name: 'IdempotencyKey' | 'IfNoneMatch'): JsonObject {
  return { $ref: `#/components/parameters/${name}` };
}

function header(name: string): JsonObject {
  return { $ref: `#/components/headers/${name}` };
}
