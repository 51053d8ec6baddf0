import {
  Activate,
  Login,
  Me,
  RefreshTokenInput,
  Register,
  Registered,
  ResendActivation,
  TokenPair,
} from '@online-cinema/contract/accounts';
import { Message } from '@online-cinema/contract/common';
import { AppError } from '../lib/errors.ts';
import { anyProcedure, rest, router, userProcedure } from '../trpc.ts';
import { AUTH_BODY_LIMIT } from './limits.ts';
import { describeProfile } from './profile.ts';
import { selectMe } from './queries.ts';
import { activate, login, register, resendActivation } from './service.ts';
import { endSession, refreshSession } from './sessions.ts';

/** `accounts`: register, activate, sign in and out, and who the caller is. */
export const accountsRouter = router({
  register: anyProcedure
    .meta(
      rest('POST', '/accounts/register', 'Open an account', {
        status: 201,
        unbatched: true,
        bodyLimit: AUTH_BODY_LIMIT,
      }),
    )
    .input(Register)
    .output(Registered)
    .mutation(({ ctx, input }) => register(ctx.deps, input, ctx.ip)),

  activate: anyProcedure
    .meta(
      rest('POST', '/accounts/activate', 'Activate an account with the token of its mail', {
        bodyLimit: AUTH_BODY_LIMIT,
      }),
    )
    .input(Activate)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await activate(ctx.deps, input.token);
      return { message: 'Your account is active.' };
    }),

  resendActivation: anyProcedure
    .meta(
      rest('POST', '/accounts/resend-activation', 'Ask for another activation mail', {
        unbatched: true,
        bodyLimit: AUTH_BODY_LIMIT,
      }),
    )
    .input(ResendActivation)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await resendActivation(ctx.deps, { email: input.email, ip: ctx.ip });
      return { message: 'If an account waits for activation at this address, a mail is on its way.' };
    }),

  login: anyProcedure
    .meta(rest('POST', '/accounts/login', 'Sign in', { noStore: true, unbatched: true, bodyLimit: AUTH_BODY_LIMIT }))
    .input(Login)
    .output(TokenPair)
    .mutation(({ ctx, input }) => login(ctx.deps, input, ctx)),

  refresh: anyProcedure
    .meta(
      rest('POST', '/accounts/refresh', 'Exchange a refresh token for new tokens', {
        noStore: true,
        bodyLimit: AUTH_BODY_LIMIT,
      }),
    )
    .input(RefreshTokenInput)
    .output(TokenPair)
    .mutation(({ ctx, input }) => refreshSession(ctx.deps, input.refreshToken)),

  logout: anyProcedure
    .meta(rest('POST', '/accounts/logout', 'End the session of a refresh token', { bodyLimit: AUTH_BODY_LIMIT }))
    .input(RefreshTokenInput)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await endSession(ctx.deps, input.refreshToken);
      return { message: 'You are signed out.' };
    }),

  me: userProcedure
    .meta(rest('GET', '/accounts/me', 'Who am I', { noStore: true, beforeTotp: true }))
    .output(Me)
    .query(async ({ ctx }) => {
      const me = await selectMe(ctx.deps.db, ctx.caller.userId);
      if (!me) throw new AppError('not_authenticated');
      return { ...me, profile: describeProfile(ctx.deps.config, me.profile) };
    }),
});
