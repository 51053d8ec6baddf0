import { Refund, RefundPayment } from '@online-cinema/contract/refunds';
import { actorOf } from '../audit.ts';
import { once } from '../idempotency.ts';
import { refundPayment } from '../payments/refunds.ts';
import { adminProcedure, rest, router } from '../trpc.ts';

/** `admin.payments`: what viewers have paid. */
export const adminPaymentsRouter = router({
  refund: adminProcedure
    .meta(
      rest('POST', '/admin/payments/{paymentId}/refund', 'Pay a payment back, or some of its films', {
        idempotent: true,
      }),
    )
    .input(RefundPayment)
    .output(Refund)
    .mutation(({ ctx, input, path }) =>
      once(ctx, { path, input }, (keep) => refundPayment(ctx.deps, actorOf(ctx), input, keep)),
    ),
});
