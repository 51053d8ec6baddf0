import { Checkout, Order, OrderInput } from '@online-cinema/contract/orders';
import { PaymentDetails, PaymentInput, PaymentListInput, PaymentPage, Receipt } from '@online-cinema/contract/payments';
import { once } from '../idempotency.ts';
import { rest, router, userProcedure } from '../trpc.ts';
import { cancelOrder } from './cancel.ts';
import { openCheckout } from './checkout.ts';
import { RECEIPT_VIEWS } from './receipt-views.ts';
import { getReceipt } from './receipts.ts';
import { getPayment, listPayments } from './service.ts';

/** `payments`: what the caller has paid, or tried to. */
export const paymentsRouter = router({
  list: userProcedure
    .meta(rest('GET', '/payments', 'Your payments, newest first'))
    .input(PaymentListInput)
    .output(PaymentPage)
    .query(({ ctx, input }) => listPayments(ctx.deps, ctx.caller.userId, input)),

  get: userProcedure
    .meta(rest('GET', '/payments/{paymentId}', 'One of your payments, and what went back of it'))
    .input(PaymentInput)
    .output(PaymentDetails)
    .query(({ ctx, input }) => getPayment(ctx.deps, ctx.caller.userId, input.paymentId)),

  receipt: userProcedure
    .meta(
      rest('GET', '/payments/{paymentId}/receipt', 'The receipt of a payment', {
        description: 'A page to read; with `Accept: application/pdf` a file to keep.',
        noStore: true,
        views: RECEIPT_VIEWS,
      }),
    )
    .input(PaymentInput)
    .output(Receipt)
    .query(({ ctx, input }) => getReceipt(ctx.deps, ctx.caller.userId, input.paymentId)),
});

/** What callers find under `orders`, but only payments can do. */
export const orderPaymentsRouter = router({
  checkout: userProcedure
    .meta(rest('POST', '/orders/{orderId}/checkout', 'Open the payment page of an order', { idempotent: true }))
    .input(OrderInput)
    .output(Checkout)
    .mutation(({ ctx, input, path }) =>
      once(ctx, { path, input }, (keep) => openCheckout(ctx.deps, ctx.caller.userId, input.orderId, keep)),
    ),

  cancel: userProcedure
    .meta(rest('POST', '/orders/{orderId}/cancel', 'Give an order up that is not paid'))
    .input(OrderInput)
    .output(Order)
    .mutation(({ ctx, input }) => cancelOrder(ctx.deps, ctx.caller.userId, input.orderId)),
});
