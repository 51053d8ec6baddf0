import { createTRPCClient, type TRPCClient } from '@trpc/client';
import { createTRPCFlatProxy, type inferRouterInputs, type inferRouterOutputs } from '@trpc/server';
import { cinemaLink, sessionLink, type CinemaHeaders } from './links.ts';
import type { CinemaRouter } from './router.gen.ts';
import { openSessionStore } from './session-store.ts';
import { createSession, type Session } from './session.ts';
import { defaultStorage, type SessionStorage } from './storage.ts';

export { isCinemaError, type CinemaError, type CinemaErrorData } from './errors.ts';
export type { CinemaHeaders } from './links.ts';
export type { CinemaRouter, ErrorReason } from './router.gen.ts';
export type { Session, SessionInfo } from './session.ts';
export { memoryStorage, webStorage, type SessionStorage } from './storage.ts';

/** What every procedure takes: `RouterInputs['cart']['add']`. */
export type RouterInputs = inferRouterInputs<CinemaRouter>;
/** What every procedure answers: `RouterOutputs['cart']['add']`. */
export type RouterOutputs = inferRouterOutputs<CinemaRouter>;

export type CinemaClientOptions = {
  /** Where the cinema is, without `/trpc`: `https://cinema.example`. */
  baseUrl: string;
  /** Where the session is kept. Default: `webStorage()` in browsers, `memoryStorage()` elsewhere. */
  storage?: SessionStorage;
  /** Used instead of the global `fetch`. */
  fetch?: typeof fetch;
  /** Sent with every request, or how to get them. */
  headers?: CinemaHeaders;
};

/** Every procedure of the cinema, and the session under `$session`. */
export type CinemaClient = TRPCClient<CinemaRouter> & { readonly $session: Session };

/**
 * Makes a client of the cinema.
 *
 * Its procedures reject with a `CinemaError` when the cinema refuses (see `isCinemaError`), and with another error when
 * the call did not get there. Queries made at the same time share a request.
 *
 * @example
 * const cinema = createCinemaClient({ baseUrl: 'https://cinema.example' });
 * await cinema.$session.signIn({ email, password });
 * const cart = await cinema.cart.add.mutate({ movieId });
 */
export function createCinemaClient({ baseUrl, storage, fetch, headers }: CinemaClientOptions): CinemaClient {
  const link = cinemaLink({ url: `${baseUrl.replace(/\/+$/, '')}/trpc`, fetch, headers });
  const { forCall, afterRefusal, ...$session } = createSession(
    createTRPCClient<CinemaRouter>({ links: [link] }),
    openSessionStore(storage ?? defaultStorage()),
  );
  const cinema = createTRPCClient<CinemaRouter>({ links: [sessionLink({ forCall, afterRefusal }), link] });
  return createTRPCFlatProxy<CinemaClient>((key) => (key === '$session' ? $session : cinema[key]));
}
