import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { trpc } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { formatSeconds } from '../ui/format.ts';
import { Poster } from '../ui/poster.tsx';

const MOST_FILMS = 6;

/** The films one has begun, the last one first; nothing when there are none. */
export function ContinueWatching() {
  const client = useQueryClient();
  const { data } = useQuery(trpc.playback.continueWatching.queryOptions({ limit: MOST_FILMS }));
  const hide = useMutation(
    trpc.playback.hide.mutationOptions({
      onSuccess: () => client.invalidateQueries(trpc.playback.continueWatching.pathFilter()),
    }),
  );
  if (!data || data.items.length === 0) return null;
  return (
    <section aria-labelledby="continue-watching" className="mb-10 grid gap-4">
      <h2 id="continue-watching" className="font-display text-2xl">
        Continue watching
      </h2>
      <ul className="flex gap-5 overflow-x-auto pb-2">
        {data.items.map(({ movie, progress }) => (
          <li key={movie.id} className="grid w-36 shrink-0 content-start gap-2">
            <Link to="/watch/$movieId" params={{ movieId: movie.slug }} className="grid gap-2 hover:text-lamp">
              <Poster url={movie.posterUrl} className="rounded-lg" />
              <span className="leading-snug font-semibold">{movie.name}</span>
            </Link>
            <span className="text-sm text-dust">{formatSeconds(progress.duration - progress.position)} left</span>
            <Button look="quiet" onClick={() => hide.mutate({ movieId: movie.id })}>
              Hide<span className="sr-only"> {movie.name}</span>
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
