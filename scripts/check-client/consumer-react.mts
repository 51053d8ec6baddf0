// The same for the ways in that need packages of others.
import type { CinemaClient } from '@online-cinema/client';
import { attachPlayback, type AttachedPlayback } from '@online-cinema/client/player';
import { createCinemaOptions, resetOnSessionChange, useSession } from '@online-cinema/client/react';
import { uploadMedia } from '@online-cinema/client/upload';
import { QueryClient, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import Hls from 'hls.js';

const queryClient = new QueryClient();

export function usePage(cinema: CinemaClient): string {
  const options = createCinemaOptions(cinema, queryClient);
  const { data } = useQuery(options.movies.get.queryOptions({ movieId: 'heat-1995' }));
  const list = useInfiniteQuery(
    options.movies.list.infiniteQueryOptions({ limit: 5 }, { getNextPageParam: (page) => page.nextCursor }),
  );
  const { mutate, error } = useMutation(options.cart.add.mutationOptions());
  mutate({ movieId: 'heat-1995' });
  // @ts-expect-error -- an input without its field
  mutate({});
  const until: Date | undefined = useSession(cinema)?.accessTokenExpiresAt;
  resetOnSessionChange(cinema, queryClient)();
  const total: number | undefined = data?.price?.amount;
  const names: string[] | undefined = list.data?.pages.flatMap(({ items }) => items.map(({ name }) => name));
  return `${until?.toISOString()} ${total} ${names?.length} ${error?.data?.reason}`;
}

export async function watch(cinema: CinemaClient, video: HTMLVideoElement): Promise<AttachedPlayback> {
  const film = await attachPlayback(cinema, video, { movieId: 'heat-1995', hls: Hls, onError: console.error });
  const resumeAt: number = film.playback.resumeAt;
  console.log(resumeAt);
  return film;
}

export async function preview(cinema: CinemaClient, video: HTMLVideoElement): Promise<AttachedPlayback> {
  const hls = async () => (await import('hls.js')).default;
  return await attachPlayback(cinema, video, {
    movieId: 'heat-1995',
    kind: 'trailer',
    hls,
    hlsConfig: { debug: true },
  });
}

export async function send(cinema: CinemaClient, file: File): Promise<string> {
  const { assetId } = await uploadMedia(cinema, { movieId: 'heat-1995', kind: 'trailer', file });
  // @ts-expect-error -- a kind there is none of
  await uploadMedia(cinema, { movieId: 'heat-1995', kind: 'poster', file });
  return assetId;
}
