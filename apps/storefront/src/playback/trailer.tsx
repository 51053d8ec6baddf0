import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { type Movie, trpc } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { Failure } from '../ui/notice.tsx';
import { Video } from './video.tsx';

/** A button that shows a film's trailer above the page. */
export function Trailer({ movie }: { movie: Movie }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const trailer = useMutation(trpc.playback.trailer.mutationOptions());
  return (
    <>
      <Button
        look="plain"
        isBusy={trailer.isPending}
        onClick={() => trailer.mutate({ movieId: movie.id }, { onSuccess: () => dialog.current?.showModal() })}
      >
        Trailer
      </Button>
      {trailer.error && <Failure error={trailer.error} />}
      <dialog
        ref={dialog}
        aria-label={`Trailer of ${movie.name}`}
        onClose={() => trailer.reset()}
        className="m-auto w-full max-w-5xl rounded-2xl bg-black p-0 backdrop:bg-night/90"
      >
        {trailer.data && <Video video={video} playback={trailer.data} autoPlay />}
        <form method="dialog" className="flex justify-end bg-curtain p-2">
          <Button type="submit" look="quiet">
            Close
          </Button>
        </form>
      </dialog>
    </>
  );
}
