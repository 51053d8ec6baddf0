import type { CinemaError } from '@online-cinema/client';
import { useMutation } from '@tanstack/react-query';
import { trpc } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { Failure, Notice } from '../ui/notice.tsx';

/** What the account plays elsewhere, when that is all it may; each can be stopped from here. */
export function ActiveStreams(props: { error: CinemaError<'too_many_streams'>; onStopped: () => void }) {
  const { error, onStopped } = props;
  const { maxStreams, streams } = error.data;
  const stop = useMutation(trpc.playback.stop.mutationOptions({ onSuccess: onStopped }));
  return (
    <Notice tone="bad">
      <p>Your account may play {maxStreams} films at once, and does. Stop one of them to watch this one.</p>
      <ul className="grid w-full gap-2">
        {streams.map(({ playbackId, movie }) => (
          <li key={playbackId} className="flex items-center justify-between gap-4">
            {movie.name}
            <Button look="plain" isBusy={stop.isPending} onClick={() => stop.mutate({ movieId: movie.id, playbackId })}>
              Stop<span className="sr-only"> {movie.name}</span>
            </Button>
          </li>
        ))}
      </ul>
      {stop.error && <Failure error={stop.error} />}
    </Notice>
  );
}
