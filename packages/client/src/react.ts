import type { QueryClient } from '@tanstack/react-query';
import { createTRPCOptionsProxy, type TRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { useSyncExternalStore } from 'react';
import type { CinemaClient } from './assemble.ts';
import type { CinemaRouter } from './router.gen.ts';
import type { SessionInfo } from './session.ts';

/** The procedures of the cinema as options of TanStack Query. */
export type CinemaOptions = TRPCOptionsProxy<CinemaRouter>;

/**
 * Gives the procedures of the cinema as options for `useQuery`, `useInfiniteQuery`, `useMutation` and `useSubscription`.
 * The client repeats what is worth it: give TanStack Query `retry: false`.
 *
 * @example
 * const { data } = useQuery(options.movies.list.queryOptions({ query: 'heat' }));
 */
export function createCinemaOptions(cinema: CinemaClient, queryClient: QueryClient): CinemaOptions {
  return createTRPCOptionsProxy<CinemaRouter>({ client: cinema, queryClient });
}

/** Gives the session, and draws the component again when somebody signs in or out; null when nobody is signed in. */
export function useSession(cinema: CinemaClient): SessionInfo | null {
  const { onChange, current } = cinema.$session;
  return useSyncExternalStore(onChange, current, signedOut);
}

/** Forgets what was asked as somebody else, whenever somebody signs in or out. Returns how to stop that. */
export function resetOnSessionChange(cinema: CinemaClient, queryClient: QueryClient): () => void {
  return cinema.$session.onChange(() => void queryClient.resetQueries());
}

// Where a page is drawn for nobody yet: on a server.
function signedOut(): null {
  return null;
}
