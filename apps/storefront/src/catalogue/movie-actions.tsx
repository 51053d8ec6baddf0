import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useIsSignedIn } from '../accounts/session.ts';
import { type Movie, trpc } from '../cinema.ts';
import { Trailer } from '../playback/trailer.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { formatMoney } from '../ui/format.ts';
import { Failure } from '../ui/notice.tsx';

/** What one can do with a film now: watch it, buy it, go to the cart it is in. */
export function MovieActions({ movie }: { movie: Movie }) {
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <MainAction movie={movie} />
        {movie.trailer !== null && <Trailer movie={movie} />}
      </div>
      {!movie.hasVideo && movie.price && !movie.owned && (
        <p className="text-sm text-dust">This film has no video here yet. It waits in your library once you own it.</p>
      )}
    </div>
  );
}

function MainAction({ movie }: { movie: Movie }) {
  if (movie.owned && movie.hasVideo) {
    return (
      <ButtonLink to="/watch/$movieId" params={{ movieId: movie.slug }}>
        ▶ Watch
      </ButtonLink>
    );
  }
  if (movie.owned) return <p className="text-exit">You own this film. It has no video here yet.</p>;
  if (movie.inCart) {
    return (
      <ButtonLink look="plain" to="/cart">
        In your cart – view it
      </ButtonLink>
    );
  }
  if (!movie.price) return <p className="text-dust">This film is not for sale.</p>;
  return <BuyButton movie={movie} price={formatMoney(movie.price)} />;
}

function BuyButton({ movie, price }: { movie: Movie; price: string }) {
  const isSignedIn = useIsSignedIn();
  const navigate = useNavigate();
  const client = useQueryClient();
  const add = useMutation(
    trpc.cart.add.mutationOptions({
      onSuccess: (cart) => client.setQueryData(trpc.cart.get.queryKey(), cart),
      // Most refusals mean that this page no longer knew how things stood.
      onError: () => client.invalidateQueries(trpc.cart.get.pathFilter()),
      onSettled: () => client.invalidateQueries(trpc.movies.get.pathFilter()),
    }),
  );

  function buy() {
    if (isSignedIn) add.mutate({ movieId: movie.id });
    else void navigate({ to: '/sign-in', search: { next: `/movies/${movie.slug}` } });
  }

  return (
    <>
      <Button isBusy={add.isPending} onClick={buy}>
        Buy for {price}
      </Button>
      {add.error && <Failure error={add.error} />}
    </>
  );
}
