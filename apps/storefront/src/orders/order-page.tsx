import { isCinemaError } from '@online-cinema/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { type Order, trpc } from '../cinema.ts';
import { NotFoundPage } from '../layout/not-found-page.tsx';
import { Button, ButtonLink, Spinner } from '../ui/button.tsx';
import { formatMoment, formatMoney } from '../ui/format.ts';
import { Failure, Notice } from '../ui/notice.tsx';
import { Page, SkeletonRows } from '../ui/page.tsx';
import { Poster } from '../ui/poster.tsx';
import { ReceiptButton } from './receipt-button.tsx';
import { StatusBadge } from './status-badge.tsx';

const ASK_AGAIN_AFTER_MS = 1_500;
const MOST_QUESTIONS = 80;

/** One order. `checkout` tells how the buyer came back from the payment page. */
export function OrderPage({ orderId, checkout }: { orderId: string; checkout: string | undefined }) {
  const client = useQueryClient();
  const {
    data: order,
    error,
    refetch,
  } = useQuery(
    trpc.orders.get.queryOptions(
      { orderId },
      {
        // The payment service tells the cinema of the payment, not this page: it is asked for until it is there.
        refetchInterval: ({ state }) =>
          checkout === 'success' && state.data?.status === 'pending' && state.dataUpdateCount < MOST_QUESTIONS
            ? ASK_AGAIN_AFTER_MS
            : false,
      },
    ),
  );

  const status = order?.status;
  useEffect(() => {
    if (status !== 'paid') return;
    for (const part of [trpc.library, trpc.cart, trpc.movies.get, trpc.orders.list]) {
      void client.invalidateQueries(part.pathFilter());
    }
  }, [status, client]);

  if (isCinemaError(error, 'not_found') || isCinemaError(error, 'invalid_input')) return <NotFoundPage what="order" />;
  if (error && !order) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!order) {
    return (
      <Page title="Your order">
        <SkeletonRows label="Loading the order" />
      </Page>
    );
  }
  return (
    <Page title={`Order ${order.number}`} beside={<StatusBadge status={order.status} />}>
      <State order={order} checkout={checkout} />
      <Items order={order} />
      <Facts order={order} />
    </Page>
  );
}

/** Where the order stands, and what the buyer can do about it. */
function State({ order, checkout }: { order: Order; checkout: string | undefined }) {
  if (order.status === 'paid' && checkout === 'success') {
    return (
      <Notice tone="good">
        <p className="grow">Thank you, it is paid. The film is yours: enjoy it.</p>
        <ButtonLink to="/library">To your library</ButtonLink>
      </Notice>
    );
  }
  if (order.status !== 'pending') return null;
  if (checkout === 'success') {
    return (
      <Notice>
        <Spinner />
        <p>Your payment is being confirmed. This takes a few seconds; you need not wait here.</p>
      </Notice>
    );
  }
  return <Pay order={order} wasLeft={checkout === 'canceled'} />;
}

function Pay({ order, wasLeft }: { order: Order; wasLeft: boolean }) {
  const client = useQueryClient();
  const checkout = useMutation(
    trpc.orders.checkout.mutationOptions({
      onSuccess: ({ checkoutUrl }) => window.location.assign(checkoutUrl),
      // It may have been paid meanwhile, on another page.
      onError: () => void client.invalidateQueries(trpc.orders.get.pathFilter()),
    }),
  );
  return (
    <Notice>
      <div className="grid grow gap-1">
        <p>{sentenceFor(order, wasLeft)}</p>
        {order.expiresAt && (
          <p className="text-sm text-dust">Its films are kept for you until {formatMoment(order.expiresAt)}.</p>
        )}
      </div>
      <Button isBusy={checkout.isPending || checkout.isSuccess} onClick={() => checkout.mutate({ orderId: order.id })}>
        Pay {formatMoney(order.total)}
      </Button>
      {checkout.error && <Refused order={order} error={checkout.error} />}
    </Notice>
  );
}

/** Why there is no payment page. Where only another order helps, this one can be canceled. */
function Refused({ order, error }: { order: Order; error: unknown }) {
  const client = useQueryClient();
  const cancel = useMutation(
    trpc.orders.cancel.mutationOptions({
      onSettled: () => {
        for (const part of [trpc.orders, trpc.cart]) void client.invalidateQueries(part.pathFilter());
      },
    }),
  );
  const gone = isCinemaError(error, 'not_for_sale') ? (error.data.excluded ?? []) : [];
  const items = order.items.filter((item) => gone.some(({ movieId }) => movieId === item.movieId));
  if (items.length === 0 && !isCinemaError(error, 'price_changed')) return <Failure error={error} />;
  return (
    <div className="grid w-full gap-3">
      <Notice tone="bad">
        <p className="grow">
          {items.length === 0
            ? 'A price has changed since you ordered. Cancel this order: its films are in your cart again, at the price of today.'
            : `No longer for sale: ${items.map(({ name }) => name).join(', ')}. Cancel this order: what else is in it is in your cart again.`}
        </p>
        <Button look="plain" isBusy={cancel.isPending} onClick={() => cancel.mutate({ orderId: order.id })}>
          Cancel this order
        </Button>
      </Notice>
      {cancel.error && <Failure error={cancel.error} />}
    </div>
  );
}

function sentenceFor(order: Order, wasLeft: boolean): string {
  if (order.payment?.status === 'declined') return 'The payment was declined. Try again, perhaps with another card.';
  if (wasLeft) return 'You left the payment page, and nothing was charged.';
  return 'This order waits for its payment.';
}

function Items({ order }: { order: Order }) {
  return (
    <ul className="grid gap-3">
      {order.items.map((item) => (
        <li key={item.movieId} className="flex items-center gap-5 rounded-2xl border border-seam bg-curtain p-3 pr-5">
          <Poster url={item.posterUrl} className="max-w-14 rounded-lg" />
          <div className="grid grow gap-1">
            <Link to="/movies/$movieId" params={{ movieId: item.slug }} className="font-semibold hover:text-lamp">
              {item.name}
            </Link>
            <span className="text-sm text-dust">{item.year}</span>
          </div>
          <span className="font-semibold">{formatMoney(item.price)}</span>
        </li>
      ))}
      <li className="flex justify-between px-5 pt-3 text-xl">
        <span className="text-dust">Total</span>
        <strong>{formatMoney(order.total)}</strong>
      </li>
    </ul>
  );
}

function Facts({ order }: { order: Order }) {
  const moments = [
    ['Ordered', order.createdAt],
    ['Paid', order.paidAt],
    ['Canceled', order.canceledAt],
  ] as const;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-8 gap-y-2 border-t border-seam pt-6 text-dust">
      {moments.map(
        ([name, moment]) =>
          moment && (
            <div key={name} className="col-span-2 grid grid-cols-subgrid">
              <dt>{name}</dt>
              <dd className="text-screen">{formatMoment(moment)}</dd>
            </div>
          ),
      )}
      {order.payment?.receiptUrl != null && (
        <div className="col-span-2 grid grid-cols-subgrid">
          <dt>Receipt</dt>
          <dd>
            <ReceiptButton receiptUrl={order.payment.receiptUrl} orderNumber={order.number} />
          </dd>
        </div>
      )}
    </dl>
  );
}
