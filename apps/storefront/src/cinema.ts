import { createCinemaClient, type CinemaRouter, type RouterOutputs } from '@online-cinema/client';
import { infiniteQueryOptions, QueryClient, type QueryKey } from '@tanstack/react-query';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { isWorthRetrying } from './ui/refusals.ts';

/** The cinema this page was served by. */
export const cinema = createCinemaClient({ baseUrl: window.location.origin });

/** What was asked of the cinema, and when to ask again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 30_000, retry: (failures, error) => failures < 2 && isWorthRetrying(error) },
  },
});

/** The cinema's procedures as options for TanStack Query. */
export const trpc = createTRPCOptionsProxy<CinemaRouter>({ client: cinema, queryClient });

export type MovieCard = RouterOutputs['movies']['list']['items'][number];
export type Movie = RouterOutputs['movies']['get'];
export type CartItem = RouterOutputs['cart']['get']['items'][number];
export type Order = RouterOutputs['orders']['get'];
export type LibraryItem = RouterOutputs['library']['list']['items'][number];
export type Playback = RouterOutputs['playback']['start'];

/**
 * A list, page after page. tRPC's own options for that send a `direction` beside the cursor, which the cinema refuses as
 * a key it does not know.
 */
export function pagesOf<Page extends { nextCursor: string | null }>(
  queryKey: QueryKey,
  ask: (from: { cursor?: string }) => Promise<Page>,
) {
  const firstPage: string | null = null;
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam }: { pageParam: string | null }) => ask(pageParam === null ? {} : { cursor: pageParam }),
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.nextCursor,
  });
}
