import { isCinemaError } from '@online-cinema/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { trpc } from '../cinema.ts';
import { NotFoundPage } from '../layout/not-found-page.tsx';
import { ButtonLink } from '../ui/button.tsx';
import { Failure } from '../ui/notice.tsx';
import { Skeleton } from '../ui/page.tsx';
import { ActiveStreams } from './active-streams.tsx';
import { Player } from './player.tsx';
import { usePlayback } from './use-playback.ts';

/** The auditorium: one film, playing. */
export function WatchPage({ movieId }: { movieId: string }) {
  const { data: movie } = useQuery(trpc.movies.get.queryOptions({ movieId }));
  const video = useRef<HTMLVideoElement>(null);
  const { playback, error, hasStopped = false, restart } = usePlayback(video, movieId);

  function seek(seconds: number) {
    if (!video.current) return;
    video.current.currentTime = seconds;
    void video.current.play();
  }

  if (isCinemaError(error, 'not_found')) return <NotFoundPage what="film" />;
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
      {!playback && !error && (
        <Skeleton label="The lights go down">
          <div className="aspect-video max-h-[80dvh] rounded-2xl bg-velvet" />
        </Skeleton>
      )}
      <Player video={video} playback={playback} hasStopped={hasStopped} onRestart={restart} onSeek={seek} />
      {isCinemaError(error, 'too_many_streams') && <ActiveStreams error={error} onStopped={restart} />}
      {error !== undefined && !isCinemaError(error, 'too_many_streams') && (
        <>
          <Failure error={error} {...(!isRefusal(error) && { onRetry: restart })} />
          {isRefusal(error) && (
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
