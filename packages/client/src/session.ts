import type { TRPCClient } from '@trpc/client';
import { isCinemaError } from './errors.ts';
import { newId } from './ids.ts';
import type { CinemaRouter } from './router.gen.ts';
import type { SessionStore, StoredSession } from './session-store.ts';

/** What is known of a session without asking the cinema. */
export type SessionInfo = {
  /** When the present access token expires; the client renews it by itself. */
  readonly accessTokenExpiresAt: Date;
};

/** The session of a client: it renews itself and ends when the cinema says so. */
export type Session = {
  /**
   * Signs in.
   *
   * @throws CinemaError `invalid_credentials`, `not_active`, `too_many_requests`; `totp_required` when the account asks
   * for a code too: go on with {@link completeTotp} and the `challenge` in its `data`.
   */
  readonly signIn: (credentials: { email: string; password: string }) => Promise<void>;
  /**
   * Signs in with the second step: a code of the authenticator app, or one of the recovery codes.
   *
   * @example
   * try {
   *   await cinema.$session.signIn({ email, password });
   * } catch (error) {
   *   if (!isCinemaError(error, 'totp_required')) throw error;
   *   await cinema.$session.completeTotp({ challenge: error.data.challenge, code: await askForCode() });
   * }
   *
   * @throws CinemaError `invalid_code`, with `challengeEnded` in its `data` when the password has to be entered again;
   * `too_many_requests`.
   */
  readonly completeTotp: (
    step: { challenge: string } & ({ code: string; recoveryCode?: never } | { recoveryCode: string; code?: never }),
  ) => Promise<void>;
  /**
   * Signs out: this device forgets its tokens at once, then the cinema ends the session.
   *
   * @throws Error when the cinema could not be told; the tokens are forgotten all the same.
   */
  readonly signOut: () => Promise<void>;
  /** Tells what is known of the session; null when signed out. With a storage that answers later: null until it has. */
  readonly current: () => SessionInfo | null;
  /**
   * Calls the listener after every sign-in and sign-out, also those in other tabs and those by the cinema; not after
   * renewals. Returns how to stop that.
   */
  readonly onChange: (listener: (session: SessionInfo | null) => void) => () => void;
  /**
   * Gives an access token for a request of your own, renewed when it was about to expire; null when signed out.
   *
   * @throws Error when it has expired and could not be renewed now.
   */
  readonly accessToken: () => Promise<string | null>;
};

/** What the links need of a session. */
export type SessionKeeper = {
  /** Gives the session a call shall go with, renewed when that is due and possible. */
  readonly forCall: () => Promise<StoredSession | null>;
  /**
   * Gives the session to repeat a call with that was refused as `not_authenticated`; null when there is none.
   *
   * @throws Error when the session could not be renewed now.
   */
  readonly afterRefusal: (used: StoredSession) => Promise<StoredSession | null>;
};

/** Access tokens are renewed this long before they expire; those that live shorter, after nine tenths of their life. */
const RENEWAL_MARGIN_MS = 30_000;

export function createSession(cinema: TRPCClient<CinemaRouter>, store: SessionStore): Session & SessionKeeper {
  let renewal: { readonly of: StoredSession; readonly done: Promise<void> } | undefined;
  // Counts sign-ins and sign-outs: an answer that arrives after a later one of them has no say any more.
  let turn = 0;
  let described: { session: StoredSession | null; info: SessionInfo | null } = { session: null, info: null };

  return {
    signIn: (credentials) => begin(() => cinema.accounts.login.mutate(credentials)),

    completeTotp: (step) => begin(() => cinema.accounts.completeLogin.mutate(step)),

    async signOut() {
      turn++;
      await store.ready;
      const session = store.current();
      if (!session) return;
      await store.save(null);
      await cinema.accounts.logout.mutate({ refreshToken: session.refreshToken });
    },

    current,

    onChange: (listener) => store.onChange(() => listener(current())),

    async accessToken() {
      await store.ready;
      const session = store.current();
      if (session && isDue(session)) {
        await renew(session).catch((error: unknown) => {
          if (store.current() === session && session.expiresAt <= Date.now()) throw error;
        });
      }
      return store.current()?.accessToken ?? null;
    },

    async forCall() {
      await store.ready;
      const session = store.current();
      if (!session || !isDue(session)) return session;
      // What can't be renewed now goes as it is: not every procedure asks for it, and those that do will say so.
      await renew(session).catch(() => undefined);
      const renewed = store.current();
      if (renewed && renewed.id !== session.id) throw new Error('Somebody else signed in before this call was sent.');
      return renewed;
    },

    async afterRefusal(used) {
      if (store.current() === used) await renew(used);
      const session = store.current();
      // Never with the session of somebody else, who may have signed in meanwhile.
      return session?.id === used.id ? session : null;
    },
  };

  // The same object until the session changes: React compares them.
  function current(): SessionInfo | null {
    const session = store.current();
    if (described.session !== session) described = { session, info: describe(session) };
    return described.info;
  }

  async function begin(askForTokens: () => Promise<Tokens>): Promise<void> {
    const mine = ++turn;
    const tokens = await askForTokens();
    if (mine !== turn) {
      await cinema.accounts.logout.mutate({ refreshToken: tokens.refreshToken }).catch(() => undefined);
      throw new Error('Another sign-in or sign-out came after this one.');
    }
    await store.save({ id: newId(), ...keep(tokens) });
  }

  function renew(session: StoredSession): Promise<void> {
    if (renewal?.of !== session) {
      const mine = {
        of: session,
        done: exchangeTokens(session).finally(() => renewal === mine && (renewal = undefined)),
      };
      renewal = mine;
    }
    return renewal.done;
  }

  // Whenever an answer has come, this device may have signed out or in, and another tab may have been faster: the tokens
  // are kept, or the session is ended, only when it still is the one they were asked for.
  async function exchangeTokens(session: StoredSession): Promise<void> {
    await store.reload();
    if (store.current() !== session) return;
    const tokens = await cinema.accounts.refresh
      .mutate({ refreshToken: session.refreshToken })
      .catch((error: unknown) => {
        if (isCinemaError(error, 'invalid_refresh_token')) return null;
        throw error;
      });
    await store.reload();
    if (store.current() !== session) return;
    await store.save(tokens && { id: session.id, ...keep(tokens) });
  }
}

function isDue({ renewAt }: StoredSession): boolean {
  return renewAt <= Date.now();
}

type Tokens = { accessToken: string; refreshToken: string; expiresIn: number };

// From now on: the clock of a device may be wrong by hours, but not by much within the life of a token.
function keep({ accessToken, refreshToken, expiresIn }: Tokens): Omit<StoredSession, 'id'> {
  const lifeMs = expiresIn * 1_000;
  const expiresAt = Date.now() + lifeMs;
  return { accessToken, refreshToken, expiresAt, renewAt: expiresAt - Math.min(RENEWAL_MARGIN_MS, lifeMs / 10) };
}

function describe(session: StoredSession | null): SessionInfo | null {
  return session && { accessTokenExpiresAt: new Date(session.expiresAt) };
}
