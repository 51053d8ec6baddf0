import { useRef, useState } from 'react';
import type { Movie } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { Failure } from '../ui/notice.tsx';
import { usePlayback } from './use-playback.ts';
import { Video } from './video.tsx';

/** A button that shows a film's trailer above the page. */
export function Trailer({ movie }: { movie: Movie }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setIsOpen] = useState(false);

  function open() {
    setIsOpen(true);
    dialog.current?.showModal();
  }

  return (
    <>
      <Button look="plain" onClick={open}>
        Trailer
      </Button>
      <dialog
        ref={dialog}
        aria-label={`Trailer of ${movie.name}`}
        onClose={() => setIsOpen(false)}
        className="m-auto w-full max-w-5xl rounded-2xl bg-black p-0 backdrop:bg-night/90"
      >
        {isOpen && <Screen movieId={movie.id} />}
        <form method="dialog" className="flex justify-end bg-curtain p-2">
          <Button type="submit" look="quiet">
            Close
          </Button>
        </form>
      </dialog>
    </>
  );
}

function Screen({ movieId }: { movieId: string }) {
  const video = useRef<HTMLVideoElement>(null);
  const { playback, error } = usePlayback(video, movieId, 'trailer');
  return (
    <>
      {error !== undefined && <Failure error={error} />}
      <Video ref={video} poster={playback?.poster ?? undefined} autoPlay />
    </>
  );
}
