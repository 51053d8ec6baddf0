import { DecideRefund, Refund, RefundPage, RefundQueueInput, RequestRefund } from '@online-cinema/contract/refunds';
import { actorOf } from '../audit.ts';
import { once } from '../idempotency.ts';
import { adminProcedure, moderatorProcedure, rest, router, userProcedure } from '../trpc.ts';
import { approveRefund, listRefunds, rejectRefund, requestRefund } from './refunds.ts';

/** `refunds`: money that goes back. */
export const refundsRouter = router({
  request: userProcedure
    .meta(
      rest('POST', '/orders/{orderId}/refund', 'Ask for the money of an order, or of some of its films', {
        status: 201,
        idempotent: true,
        description:
          'Within 14 days of the payment it is paid back at once if none of these films was watched; else the staff ' +
          'decides. The films leave the library with the money.',
      }),
    )
    .input(RequestRefund)
    .output(Refund)
    .mutation(({ ctx, input, path }) =>
      once(ctx, { path, input }, (keep) => requestRefund(ctx.deps, ctx.caller.userId, input, keep)),
    ),

  queue: moderatorProcedure
    .meta(rest('GET', '/refunds', 'Refunds in one state, newest first', { noStore: true }))
    .input(RefundQueueInput)
    .output(RefundPage)
    .query(({ ctx, input }) => listRefunds(ctx.deps, input)),

  approve: adminProcedure
    .meta(rest('POST', '/refunds/{refundId}/approve', 'Grant a refund somebody asked for'))
    .input(DecideRefund)
    .output(Refund)
    .mutation(({ ctx, input }) => approveRefund(ctx.deps, actorOf(ctx), input)),

  reject: adminProcedure
    .meta(rest('POST', '/refunds/{refundId}/reject', 'Decline a refund somebody asked for'))
    .input(DecideRefund)
    .output(Refund)
    .mutation(({ ctx, input }) => rejectRefund(ctx.deps, actorOf(ctx), input)),
});
