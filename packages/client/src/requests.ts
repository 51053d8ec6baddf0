import type { Operation } from '@trpc/client';
import type { CallContext } from './calls.ts';
import { toConnectionError } from './errors.ts';
import { joinSignals } from './signals.ts';
import { wire } from './wire.ts';

/** Headers to send with every request, or how to get them. */
export type CinemaHeaders = Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>);

export type RequestOptions = {
  url: string;
  fetch: typeof fetch | undefined;
  headers: CinemaHeaders | undefined;
  /** How long a request may take, its answer included. Those that send a file may take longer. */
  timeoutMs: number;
};

/** Where some queries are asked for in one request, by tRPC's rules. */
export function addressOf(url: string, ops: readonly Operation[]): string {
  const inputs = Object.fromEntries(ops.map(({ input }, index) => [index, wire.serialize(input)]));
  return `${url}/${ops.map(({ path }) => path).join(',')}?batch=1&input=${encode(inputs)}`;
}

/** The headers a call goes with. What the caller gave counts, but for the session. */
export async function headersOf(headers: CinemaHeaders | undefined, context: CallContext) {
  const { idempotencyKey, accessToken } = context;
  const given = Object.entries((typeof headers === 'function' ? await headers() : headers) ?? {});
  return {
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    // One name may be spelled in several ways, and would be sent twice.
    ...Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value])),
    ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
  };
}

/** How a mutation is sent. One that has a `Blob` or `File` in its input sends it alone; the other fields go in the address. */
export function mutationOf(url: string, { path, input }: Operation) {
  const fields: [string, unknown][] = typeof input === 'object' && input !== null ? Object.entries(input) : [];
  const bytes = fields.find(([, value]) => value instanceof Blob);
  if (!bytes)
    return { address: `${url}/${path}`, body: JSON.stringify(wire.serialize(input)), type: 'application/json' };
  const others = wire.serialize(Object.fromEntries(fields.filter((field) => field !== bytes)));
  const query = fields.length > 1 ? `?input=${encode(others)}` : '';
  return { address: `${url}/${path}${query}`, body: bytes[1] as Blob, type: 'application/octet-stream' };
}

/**
 * Sends a request and reads its answer to the end, in time.
 *
 * @throws ConnectionError when there is no answer; what `signal` was aborted with when it was.
 */
export async function fetchText(
  { fetch, timeoutMs }: Pick<RequestOptions, 'fetch' | 'timeoutMs'>,
  address: string,
  init: { signal: AbortSignal; headers: Record<string, string>; method?: string; body?: string | Blob },
): Promise<{ response: Response; text: string }> {
  const { controller, release } = joinSignals([init.signal]);
  let isLate = false;
  const giveUp = () => {
    isLate = true;
    controller.abort();
  };
  // An upload takes as long as it takes, and more than a timer holds is forever.
  const isTimed = !(init.body instanceof Blob) && timeoutMs < 2 ** 31;
  const timer = isTimed ? setTimeout(giveUp, timeoutMs) : undefined;
  try {
    const response = await (fetch ?? globalThis.fetch)(address, { ...init, signal: controller.signal });
    return { response, text: await response.text() };
  } catch (error) {
    if (init.signal.aborted) throw error;
    throw toConnectionError(error, isLate ? `The cinema did not answer within ${timeoutMs} ms.` : undefined);
  } finally {
    clearTimeout(timer);
    release();
  }
}

function encode(value: unknown): string {
  return encodeURIComponent(JSON.stringify(value));
}
