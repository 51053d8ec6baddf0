import { DeletionRequested, RequestDeletion } from '@online-cinema/contract/accounts';
import { Message } from '@online-cinema/contract/common';
import { AUTH_BODY_LIMIT } from '../accounts/limits.ts';
import { rest, router, userProcedure } from '../trpc.ts';
import { cancelDeletion, requestDeletion } from './deletion.ts';
import { requestExport } from './export.ts';

/** The part of `accounts` about what is kept of somebody: it reaches into every feature that keeps something. */
export const privacyRouter = router({
  exportData: userProcedure
    .meta(
      rest('POST', '/accounts/export', 'Ask for a copy of everything that belongs to the account', {
        status: 202,
        description: 'A link to a JSON archive is mailed. It may be asked for once in 24 hours.',
      }),
    )
    .output(Message)
    .mutation(async ({ ctx }) => {
      await requestExport(ctx.deps, ctx.caller.userId);
      return { message: 'We gather your data and send you a link to it by mail.' };
    }),

  requestDeletion: userProcedure
    .meta(
      rest('POST', '/accounts/request-deletion', 'Ask for the account to be deleted', {
        description: 'It is deleted 14 days later, unless that is canceled before.',
        unbatched: true,
        bodyLimit: AUTH_BODY_LIMIT,
      }),
    )
    .input(RequestDeletion)
    .output(DeletionRequested)
    .mutation(async ({ ctx, input }) => ({
      deletesAt: await requestDeletion(ctx.deps, ctx.caller.userId, input.password),
    })),

  cancelDeletion: userProcedure
    .meta(rest('POST', '/accounts/cancel-deletion', 'Keep the account after all'))
    .output(Message)
    .mutation(async ({ ctx }) => {
      await cancelDeletion(ctx.deps, ctx.caller.userId);
      return { message: 'Your account stays.' };
    }),
});
