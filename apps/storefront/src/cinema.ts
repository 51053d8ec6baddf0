import { createCinemaClient, type CinemaRouter, type RouterOutputs } from '@online-cinema/client';
import { QueryClient } from '@tanstack/react-query';
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
export type Profile = RouterOutputs['profile']['get'];
export type Session = RouterOutputs['accounts']['sessions']['items'][number];
