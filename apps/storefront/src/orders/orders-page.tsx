import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Order, trpc } from '../cinema.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { formatDay, formatMoney } from '../ui/format.ts';
import { Empty, Failure } from '../ui/notice.tsx';
import { Page, SkeletonRows } from '../ui/page.tsx';
import { Poster } from '../ui/poster.tsx';
import { StatusBadge } from './status-badge.tsx';

const SHOWN_POSTERS = 5;

const PAGE_SIZE = 20;

/** All orders, newest first. */
export function OrdersPage() {
  const orders = useInfiniteQuery(
    trpc.orders.list.infiniteQueryOptions({ limit: PAGE_SIZE }, { getNextPageParam: (page) => page.nextCursor }),
  );
  const all = orders.data?.pages.flatMap((page) => page.items);

  return (
    <Page title="Your orders">
      {orders.isPending && <SkeletonRows label="Loading your orders" />}
      {orders.error && <Failure error={orders.error} onRetry={() => void orders.refetch()} />}
      {all?.length === 0 && (
        <Empty title="No orders yet" action={<ButtonLink to="/">Choose a film</ButtonLink>}>
          What you buy is listed here, with its receipts.
        </Empty>
      )}
      <ul className="grid gap-4">
        {all?.map((order) => (
          <li key={order.id}>
            <OrderRow order={order} />
          </li>
        ))}
      </ul>
      {orders.hasNextPage && (
        <Button look="plain" isBusy={orders.isFetchingNextPage} onClick={() => void orders.fetchNextPage()}>
          Older orders
        </Button>
      )}
    </Page>
  );
}

function OrderRow({ order }: { order: Order }) {
  return (
    <Link
      to="/orders/$orderId"
      params={{ orderId: order.id }}
      className="flex flex-wrap items-center gap-x-6 gap-y-3 rounded-2xl border border-seam bg-curtain p-5 hover:border-lamp"
    >
      <span className="grid gap-1">
        <span className="text-lg font-semibold">Order {order.number}</span>
        <span className="text-sm text-dust">{formatDay(order.createdAt)}</span>
      </span>
      <span className="flex grow gap-2">
        {order.items.slice(0, SHOWN_POSTERS).map((item) => (
          <span key={item.movieId} title={item.name} className="w-11">
            <span className="sr-only">{item.name}, </span>
            <Poster url={item.posterUrl} className="rounded" />
          </span>
        ))}
        {order.items.length > SHOWN_POSTERS && (
          <span className="self-center text-dust">and {order.items.length - SHOWN_POSTERS} more</span>
        )}
      </span>
      <StatusBadge status={order.status} />
      <span className="text-lg font-semibold">{formatMoney(order.total)}</span>
    </Link>
  );
}
