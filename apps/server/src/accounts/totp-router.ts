import { TokenPair } from '@online-cinema/contract/accounts';
import { Message } from '@online-cinema/contract/common';
import {
  CompleteLogin,
  DisableTotp,
  RecoveryCodes,
  SetUpTotp,
  TotpCodeInput,
  TotpSetup,
} from '@online-cinema/contract/totp';
import { anyProcedure, rest, router, userProcedure } from '../trpc.ts';
import { AUTH_BODY_LIMIT } from './limits.ts';
import { disableTotp, enableTotp, renewRecoveryCodes, setUpTotp } from './totp.ts';
import { completeLogin } from './totp-login.ts';

/** The part of `accounts` about two-factor login. */
export const totpRouter = router({
  completeLogin: anyProcedure
    .meta(
      rest('POST', '/accounts/login/totp', 'Sign in with a code, after the password', {
        noStore: true,
        unbatched: true,
        bodyLimit: AUTH_BODY_LIMIT,
      }),
    )
    .input(CompleteLogin)
    .output(TokenPair)
    .mutation(({ ctx, input }) => completeLogin(ctx.deps, input, ctx)),

  totp: router({
    setup: userProcedure
      .meta(
        rest('POST', '/accounts/totp/setup', 'Get a secret for an authenticator app', {
          noStore: true,
          unbatched: true,
          beforeTotp: true,
          bodyLimit: AUTH_BODY_LIMIT,
        }),
      )
      .input(SetUpTotp)
      .output(TotpSetup)
      .mutation(({ ctx, input }) => setUpTotp(ctx.deps, ctx.caller, input?.password)),

    enable: userProcedure
      .meta(
        rest('POST', '/accounts/totp/enable', 'Ask for a code at each sign-in from now on; other sessions end', {
          noStore: true,
          unbatched: true,
          beforeTotp: true,
          bodyLimit: AUTH_BODY_LIMIT,
        }),
      )
      .input(TotpCodeInput)
      .output(RecoveryCodes)
      .mutation(({ ctx, input }) => enableTotp(ctx.deps, ctx.caller, input.code)),

    disable: userProcedure
      .meta(
        rest('POST', '/accounts/totp/disable', 'Ask for no code any more', {
          unbatched: true,
          bodyLimit: AUTH_BODY_LIMIT,
        }),
      )
      .input(DisableTotp)
      .output(Message)
      .mutation(async ({ ctx, input }) => {
        await disableTotp(ctx.deps, ctx.caller.userId, input.password);
        return { message: 'Two-factor login is off. Your recovery codes are good no more.' };
      }),

    newRecoveryCodes: userProcedure
      .meta(
        rest('POST', '/accounts/totp/recovery-codes', 'Get new recovery codes in place of the old ones', {
          noStore: true,
          unbatched: true,
          bodyLimit: AUTH_BODY_LIMIT,
        }),
      )
      .input(TotpCodeInput)
      .output(RecoveryCodes)
      .mutation(({ ctx, input }) => renewRecoveryCodes(ctx.deps, ctx.caller.userId, input.code)),
  }),
});
