import { CreateOrder, Order, OrderInput, OrderListInput, OrderPage, PlacedOrder } from '@online-cinema/contract/orders';
import { once } from '../idempotency.ts';
import { rest, router, userProcedure } from '../trpc.ts';
import { placeOrder } from './placing.ts';
import { getOrder, listOrders } from './service.ts';

/** `orders`: what the caller has ordered. Paying is in `orderPaymentsRouter`. */
export const ordersRouter = router({
  create: userProcedure
    .meta(rest('POST', '/orders', 'Order what is in the cart', { status: 201, idempotent: true }))
    .input(CreateOrder)
    .output(PlacedOrder)
    .mutation(({ ctx, input, path }) =>
      once(ctx, { path, input }, (keep) => placeOrder(ctx.deps, ctx.caller.userId, input, keep)),
    ),

  list: userProcedure
    .meta(rest('GET', '/orders', 'Your orders, newest first'))
    .input(OrderListInput)
    .output(OrderPage)
    .query(({ ctx, input }) => listOrders(ctx.deps, ctx.caller.userId, input)),

  get: userProcedure
    .meta(rest('GET', '/orders/{orderId}', 'One of your orders'))
    .input(OrderInput)
    .output(Order)
    .query(({ ctx, input }) => getOrder(ctx.deps, ctx.caller.userId, input.orderId)),
});
