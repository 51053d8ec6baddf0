import { isCinemaError } from '@online-cinema/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type CartItem, trpc } from '../cinema.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { formatMoney } from '../ui/format.ts';
import { Empty, Failure, Notice } from '../ui/notice.tsx';
import { Page, SkeletonRows } from '../ui/page.tsx';
import { Poster } from '../ui/poster.tsx';
import { useOrder } from './use-order.ts';

/** What is about to be bought. */
export function CartPage() {
  const { data: cart, error, refetch } = useQuery(trpc.cart.get.queryOptions());
  const order = useOrder();
  const canOrder = cart?.items.some((item) => item.available) ?? false;

  return (
    <Page title="Your cart">
      {error && !cart && <Failure error={error} onRetry={() => void refetch()} />}
      {!cart && !error && <SkeletonRows label="Loading your cart" />}
      {cart?.items.length === 0 && (
        <Empty title="Nothing here yet" action={<ButtonLink to="/">Choose a film</ButtonLink>}>
          Films you want to buy wait here until you pay for them, all in one go.
        </Empty>
      )}
      {cart && cart.items.length > 0 && (
        <div className="grid items-start gap-8 lg:grid-cols-[1fr_22rem]">
          <ul className="grid gap-4">
            {cart.items.map((item) => (
              <CartRow key={item.movie.id} item={item} />
            ))}
          </ul>
          <section
            aria-label="Total"
            className="grid gap-5 rounded-3xl border border-seam bg-curtain p-6 lg:sticky lg:top-24"
          >
            <p className="flex items-baseline justify-between gap-4">
              <span className="text-dust">Total</span>
              <span className="text-3xl font-semibold">{formatMoney(cart.total)}</span>
            </p>
            <Button
              isBusy={order.isPending || order.isSuccess}
              disabled={!canOrder}
              onClick={() => order.mutate(cart.total)}
            >
              Order and pay
            </Button>
            {order.error && <Failure error={order.error} />}
            {isCinemaError(order.error, 'price_changed') && <Notice>The total above is today’s.</Notice>}
            <p className="text-sm text-dust">
              The next page is our payment service’s. You come back to your order when you have paid.
            </p>
          </section>
        </div>
      )}
    </Page>
  );
}

function CartRow({ item: { movie, price, available } }: { item: CartItem }) {
  const client = useQueryClient();
  const remove = useMutation(
    trpc.cart.remove.mutationOptions({
      onSettled: () =>
        Promise.all([
          client.invalidateQueries(trpc.cart.get.pathFilter()),
          client.invalidateQueries(trpc.movies.get.pathFilter()),
        ]),
    }),
  );

  return (
    <li className={`flex gap-5 rounded-2xl border border-seam bg-curtain p-4 ${remove.isPending ? 'opacity-50' : ''}`}>
      <Link
        to="/movies/$movieId"
        params={{ movieId: movie.slug }}
        tabIndex={-1}
        aria-hidden="true"
        className="w-20 shrink-0"
      >
        <Poster url={movie.posterUrl} className="rounded-lg" />
      </Link>
      <div className="grid grow content-start gap-1">
        <Link
          to="/movies/$movieId"
          params={{ movieId: movie.slug }}
          className="text-lg leading-snug font-semibold hover:text-lamp"
        >
          {movie.name}
        </Link>
        <p className="text-sm text-dust">
          {movie.year} · {movie.genres.map((genre) => genre.name).join(', ')}
        </p>
        {!available && <p className="text-sm text-alarm">It can’t be bought now, and does not count.</p>}
        {remove.error && <Failure error={remove.error} />}
        <div className="-ml-3">
          <Button
            look="quiet"
            aria-label={`Remove ${movie.name}`}
            isBusy={remove.isPending}
            onClick={() => remove.mutate({ movieId: movie.id })}
          >
            Remove
          </Button>
        </div>
      </div>
      <p className="text-lg font-semibold whitespace-nowrap">{price ? formatMoney(price) : '–'}</p>
    </li>
  );
}
