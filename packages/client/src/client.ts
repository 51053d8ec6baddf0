import { type CinemaClient, assembleClient } from './assemble.ts';
import type { CinemaHooks } from './hooks.ts';
import { httpLink } from './http-link.ts';
import type { CinemaHeaders } from './requests.ts';
import type { SessionStorage } from './storage.ts';
import type { EventSourceConstructor } from './stream.ts';

export type { CinemaClient, RouterInputs, RouterOutputs } from './assemble.ts';
export { isCinemaError, isConnectionError, type CinemaError, type CinemaErrorData } from './errors.ts';
export type { AnsweredCall, CallEvent, CinemaHooks, FailedCall } from './hooks.ts';
export type { ListProcedure, Pagination } from './paginate.ts';
export type { CinemaHeaders } from './requests.ts';
export type { CinemaRouter, ErrorDetails, ErrorReason, Refusals } from './router.gen.ts';
export type { Outcome, UnansweredError } from './safe.ts';
export type { Session, SessionInfo } from './session.ts';
export type { EventSourceConstructor } from './stream.ts';
export { memoryStorage, webStorage, type SessionStorage } from './storage.ts';

export type CinemaClientOptions = {
  /** Where the cinema is, without `/trpc` or `/api/v1`: `https://cinema.example`. */
  baseUrl: string;
  /** Where the session is kept. Default: `webStorage()` in browsers, `memoryStorage()` elsewhere. */
  storage?: SessionStorage;
  /** Used instead of the global `fetch`. */
  fetch?: typeof fetch;
  /** Used instead of the global `EventSource`, which Node has not: subscriptions need one. */
  EventSource?: EventSourceConstructor;
  /** Sent with every request, or how to get them. */
  headers?: CinemaHeaders;
  /** How long a request may take, its answer included. Default: 30,000. `Infinity`: as long as it takes. */
  timeoutMs?: number;
  /** How often a call that got no answer, or was told to come again, is repeated where that is safe. Default: 2. */
  retries?: number;
  /** Called for every call, for logs and measurements. */
  hooks?: CinemaHooks;
};

/**
 * Makes a client of the cinema.
 *
 * Its procedures reject with a `CinemaError` when the cinema refuses (see `isCinemaError`), and with another error when
 * the call did not get there. Queries made at the same time share a request.
 *
 * @throws TypeError when `baseUrl` is no address of a cinema.
 *
 * @example
 * const cinema = createCinemaClient({ baseUrl: 'https://cinema.example' });
 * await cinema.$session.signIn({ email, password });
 * const cart = await cinema.cart.add.mutate({ movieId });
 */
export function createCinemaClient(options: CinemaClientOptions): CinemaClient {
  const { fetch, headers, timeoutMs = 30_000, ...rest } = options;
  const baseUrl = String(options.baseUrl).replace(/\/+$/, '');
  if (!/^https?:\/\/./.test(baseUrl) || /\/(trpc|api\/v1)$/.test(baseUrl)) {
    throw new TypeError(`baseUrl is where the cinema is, as in https://cinema.example, and not ${baseUrl}`);
  }
  const url = `${baseUrl}/trpc`;
  return assembleClient({ ...rest, baseUrl, url, link: httpLink({ url, fetch, headers, timeoutMs }) });
}
