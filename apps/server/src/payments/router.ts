import { Checkout, OrderInput } from '@online-cinema/contract/orders';
import { PaymentListInput, PaymentPage } from '@online-cinema/contract/payments';
import { rest, router, userProcedure } from '../trpc.ts';
import { openCheckout } from './checkout.ts';
import { listPayments } from './service.ts';

/** `payments`: what the caller has paid, or tried to. */
export const paymentsRouter = router({
  list: userProcedure
    .meta(rest('GET', '/payments', 'Your payments, newest first'))
    .input(PaymentListInput)
    .output(PaymentPage)
    .query(({ ctx, input }) => listPayments(ctx.deps, ctx.caller.userId, input)),
});

/** What callers find under `orders`, but only payments can do. */
export const orderPaymentsRouter = router({
  checkout: userProcedure
    .meta(rest('POST', '/orders/{orderId}/checkout', 'Open the payment page of an order'))
    .input(OrderInput)
    .output(Checkout)
    .mutation(({ ctx, input }) => openCheckout(ctx.deps, ctx.caller.userId, input.orderId)),
});
