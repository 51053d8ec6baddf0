import {
  ChangePassword,
  ConfirmEmailChange,
  LoggedOutEverywhere,
  LogoutEverywhere,
  RequestEmailChange,
  RequestPasswordReset,
  ResetPassword,
  SessionInput,
  Sessions,
} from '@online-cinema/contract/accounts';
import { Message, Nothing } from '@online-cinema/contract/common';
import { anyProcedure, rest, router, userProcedure } from '../trpc.ts';
import { confirmEmailChange, requestEmailChange } from './email-change.ts';
import { AUTH_BODY_LIMIT } from './limits.ts';
import { changePassword } from './password-change.ts';
import { requestPasswordReset, resetPassword } from './password-reset.ts';
import { endSessionOf, listSessions, logoutEverywhere } from './session-list.ts';

/** The part of `accounts` about what lets somebody in: password, address and sessions. */
export const credentialsRouter = router({
  changePassword: userProcedure
    .meta(
      rest('POST', '/accounts/change-password', 'Change the password; other sessions end', {
        unbatched: true,
        bodyLimit: AUTH_BODY_LIMIT,
      }),
    )
    .input(ChangePassword)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await changePassword(ctx.deps, ctx.caller, input);
      return { message: 'Your password was changed. Your other devices are signed out.' };
    }),

  requestPasswordReset: anyProcedure
    .meta(
      rest('POST', '/accounts/request-password-reset', 'Ask for a mail that resets the password', {
        unbatched: true,
        bodyLimit: AUTH_BODY_LIMIT,
      }),
    )
    .input(RequestPasswordReset)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await requestPasswordReset(ctx.deps, { email: input.email, ip: ctx.ip });
      return { message: 'If there is an account with this address, a mail is on its way.' };
    }),

  resetPassword: anyProcedure
    .meta(
      rest('POST', '/accounts/reset-password', 'Set a password with the token of a mail; all sessions end', {
        unbatched: true,
        bodyLimit: AUTH_BODY_LIMIT,
      }),
    )
    .input(ResetPassword)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await resetPassword(ctx.deps, input);
      return { message: 'Your password was reset. Sign in with the new one.' };
    }),

  requestEmailChange: userProcedure
    .meta(
      rest('POST', '/accounts/request-email-change', 'Ask to move the account to another address', {
        unbatched: true,
        bodyLimit: AUTH_BODY_LIMIT,
      }),
    )
    .input(RequestEmailChange)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await requestEmailChange(ctx.deps, ctx.caller.userId, input);
      return { message: `We sent a mail to ${input.newEmail}. Follow its link to confirm the address.` };
    }),

  confirmEmailChange: anyProcedure
    .meta(
      rest('POST', '/accounts/confirm-email-change', 'Confirm a new address with the token of its mail', {
        bodyLimit: AUTH_BODY_LIMIT,
      }),
    )
    .input(ConfirmEmailChange)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await confirmEmailChange(ctx.deps, input.token);
      return { message: 'Your address was changed. Sign in with the new one from now on.' };
    }),

  sessions: userProcedure
    .meta(rest('GET', '/accounts/sessions', 'Where am I signed in', { noStore: true }))
    .output(Sessions)
    .query(async ({ ctx }) => ({ items: await listSessions(ctx.deps, ctx.caller) })),

  endSession: userProcedure
    .meta(rest('DELETE', '/accounts/sessions/{sessionId}', 'Sign a device out', { status: 204 }))
    .input(SessionInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => endSessionOf(ctx.deps, ctx.caller.userId, input.sessionId)),

  logoutEverywhere: userProcedure
    .meta(rest('POST', '/accounts/logout-everywhere', 'Sign every device out, or every other one'))
    .input(LogoutEverywhere)
    .output(LoggedOutEverywhere)
    .mutation(async ({ ctx, input }) => ({
      sessionsEnded: await logoutEverywhere(ctx.deps, ctx.caller, input.scope),
    })),
});
