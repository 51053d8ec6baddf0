import { isCinemaError } from '@online-cinema/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { cinema, trpc } from '../cinema.ts';
import { NotFoundPage } from '../layout/not-found-page.tsx';
import { ButtonLink } from '../ui/button.tsx';
import { Failure } from '../ui/notice.tsx';
import { Skeleton } from '../ui/page.tsx';
import { ActiveStreams } from './active-streams.tsx';
import { deviceId } from './device.ts';
import { Player } from './player.tsx';

/** The auditorium: one film, playing. */
export function WatchPage({ movieId }: { movieId: string }) {
  const { data: movie } = useQuery(trpc.movies.get.queryOptions({ movieId }));
  const playback = useQuery({
    queryKey: ['playback', movieId],
    queryFn: () => cinema.playback.start.mutate({ movieId, deviceId: deviceId() }),
    // Each visit asks for a new grant, and none is replaced while it plays.
    gcTime: 0,
    staleTime: Infinity,
  });

  if (isCinemaError(playback.error, 'not_found')) return <NotFoundPage what="film" />;
  return (
    <div className="mx-auto grid max-w-6xl gap-5">
      <title>{`${movie?.name ?? 'Watch'} – Online Cinema`}</title>
      <div className="flex flex-wrap items-baseline gap-x-4">
        <h1 className="font-display text-3xl">{movie?.name ?? 'Watch'}</h1>
        {movie && (
          <Link to="/movies/$movieId" params={{ movieId: movie.slug }} className="text-dust hover:text-lamp">
            {movie.year} · About the film
          </Link>
        )}
      </div>
      {playback.isPending && (
        <Skeleton label="The lights go down">
          <div className="aspect-video max-h-[80dvh] rounded-2xl bg-velvet" />
        </Skeleton>
      )}
      {playback.data && (
        <Player
          key={playback.data.src}
          movieId={movieId}
          started={playback.data}
          onRestart={() => void playback.refetch()}
        />
      )}
      {isCinemaError(playback.error, 'too_many_streams') && (
        <ActiveStreams error={playback.error} onStopped={() => void playback.refetch()} />
      )}
      {playback.error && !playback.data && !isCinemaError(playback.error, 'too_many_streams') && (
        <>
          <Failure
            error={playback.error}
            {...(!isRefusal(playback.error) && { onRetry: () => void playback.refetch() })}
          />
          {isRefusal(playback.error) && (
            <ButtonLink look="plain" to="/movies/$movieId" params={{ movieId }} className="justify-self-start">
              To the film’s page
            </ButtonLink>
          )}
        </>
      )}
    </div>
  );
}

function isRefusal(error: unknown): boolean {
  return isCinemaError(error, 'not_owned') || isCinemaError(error, 'no_video') || isCinemaError(error, 'invalid_input');
}
