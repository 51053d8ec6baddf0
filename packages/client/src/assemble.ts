/// <reference lib="esnext.disposable" preserve="true" />
import { createTRPCClient, splitLink, type TRPCClient, type TRPCLink } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { callLink, isPassing } from './calls.ts';
import { isCinemaError, isConnectionError } from './errors.ts';
import type { CinemaHooks } from './hooks.ts';
import { lazyLink } from './lazy-link.ts';
import { paginate } from './paginate.ts';
import { type CinemaRouter, IDEMPOTENT } from './router.gen.ts';
import { safe } from './safe.ts';
import { sessionLink } from './session-link.ts';
import { createSession, type Session } from './session.ts';
import { openSessionStore } from './session-store.ts';
import { defaultStorage, type SessionStorage } from './storage.ts';
import type { EventSourceConstructor } from './stream.ts';

/** What every procedure takes: `RouterInputs['cart']['add']`. */
export type RouterInputs = inferRouterInputs<CinemaRouter>;
/** What every procedure answers: `RouterOutputs['cart']['add']`. */
export type RouterOutputs = inferRouterOutputs<CinemaRouter>;

/** Every procedure of the cinema, and a few helpers that begin with `$`. */
export type CinemaClient = TRPCClient<CinemaRouter> & CinemaHelpers;

export type CinemaHelpers = Disposable & {
  /** Signs in and out, and keeps the session. */
  readonly $session: Session;
  /** Goes through a list, page after page: `for await (const film of cinema.$paginate(cinema.movies.list))`. */
  readonly $paginate: typeof paginate;
  /** Waits for a call without throwing: `const { data, error } = await cinema.$safe(cinema.cart.get.query())`. */
  readonly $safe: typeof safe;
  /** Ends the client: what is in flight is aborted, streams are closed, listeners forgotten. The session is kept. */
  readonly $dispose: () => void;
  /** Where the cinema is, without a slash at the end. */
  readonly $baseUrl: string;
};

export type AssemblyOptions = {
  baseUrl: string;
  url: string;
  /** What takes calls to the cinema. */
  link: TRPCLink<CinemaRouter>;
  storage?: SessionStorage | undefined;
  EventSource?: EventSourceConstructor | undefined;
  hooks?: CinemaHooks | undefined;
  retries?: number | undefined;
};

/** Puts a client together around what takes its calls to the cinema. */
export function assembleClient(options: AssemblyOptions): CinemaClient {
  const { baseUrl, url, link, storage, EventSource, hooks = {}, retries = 2 } = options;
  const end = new AbortController();
  const disposal = end.signal;
  const bare = callLink({ hooks, disposal, retries: Math.min(retries, 1), mayRepeat: mayRepeatBare });
  const store = openSessionStore(storage ?? defaultStorage());
  const { forCall, afterRefusal, ...$session } = createSession(
    createTRPCClient<CinemaRouter>({ links: [bare, link] }),
    store,
  );
  const calls = [callLink({ hooks, disposal, retries, mayRepeat }), sessionLink({ forCall, afterRefusal }), link];
  const { ticket } = createTRPCClient<CinemaRouter>({ links: calls }).notifications;
  const cinema = createTRPCClient<CinemaRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: lazyLink(async () => {
          const { streamLink } = await import('./stream.ts');
          return streamLink({ url, EventSource, disposal, session: { forCall }, takeTicket: ticket.mutate });
        }),
        false: calls,
      }),
    ],
  });

  function $dispose(): void {
    end.abort(new Error('This client was disposed of.'));
    store.close();
  }

  const helpers: { readonly [name: string | symbol]: unknown } = {
    $session,
    $paginate: paginate,
    $safe: safe,
    $dispose,
    $baseUrl: baseUrl,
    // React Native has no such symbol.
    ...(Symbol.dispose && { [Symbol.dispose]: $dispose }),
  };
  return new Proxy(cinema, {
    get: (_target, name) => (Object.hasOwn(helpers, name) ? helpers[name] : Reflect.get(cinema, name)),
  }) as CinemaClient;
}

/** Reads change nothing, and what takes a key is done once. */
function mayRepeat({ type, path }: { type: string; path: string }, error: unknown): boolean {
  return (type === 'query' || IDEMPOTENT.has(path)) && isPassing(error);
}

/**
 * A renewal whose answer was lost is answered alike for some seconds; asked later, it would end the session. Who was too
 * busy to look at a password can be sent it again.
 */
function mayRepeatBare({ path }: { path: string }, error: unknown): boolean {
  if (path === 'accounts.refresh') return isConnectionError(error);
  return path === 'accounts.login' && isCinemaError(error, 'unavailable');
}
