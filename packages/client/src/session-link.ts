import type { TRPCLink } from '@trpc/client';
import { observableToPromise } from '@trpc/server/observable';
import { type CallContext, fromPromise } from './calls.ts';
import { isCinemaError } from './errors.ts';
import type { CinemaRouter } from './router.gen.ts';
import type { SessionKeeper } from './session.ts';
import type { StoredSession } from './session-store.ts';

/** The procedures a session is made and ended with: a token beside them would say nothing. */
const WITHOUT_SESSION: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'accounts.activate',
  'accounts.completeLogin',
  'accounts.login',
  'accounts.logout',
  'accounts.refresh',
  'accounts.register',
  'accounts.resendActivation',
]);

/** Sends calls with the session, and repeats once what was refused because its access token is no longer good. */
export function sessionLink({ forCall, afterRefusal }: SessionKeeper): TRPCLink<CinemaRouter> {
  return () =>
    ({ op, next }) => {
      if (WITHOUT_SESSION.has(op.path)) return next(op);
      const send = (session: StoredSession | null) => {
        const context: CallContext = { ...op.context, sessionId: session?.id, accessToken: session?.accessToken };
        return observableToPromise(next({ ...op, context }));
      };
      return fromPromise(async () => {
        const session = await forCall();
        // The same for all tries of a call: who signed in between two of them has not made it.
        const context: CallContext = op.context;
        if (context.caller === undefined) context.caller = session?.id ?? null;
        else if (session && session.id !== context.caller) {
          throw new Error('Somebody else signed in before this call was repeated.');
        }
        try {
          return await send(session);
        } catch (error) {
          if (!session || !isCinemaError(error, 'not_authenticated')) throw error;
          const renewed = await afterRefusal(session);
          if (!renewed) throw error;
          return await send(renewed);
        }
      });
    };
}
