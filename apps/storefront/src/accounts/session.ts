import { isCinemaError } from '@online-cinema/client';
import { useSyncExternalStore } from 'react';
import { cinema, queryClient } from '../cinema.ts';

/** Tells whether somebody is signed in on this device. */
export function isSignedIn(): boolean {
  return cinema.$session.current() !== null;
}

/** The same inside a component, which is drawn again when it changes. */
export function useIsSignedIn(): boolean {
  return useSyncExternalStore(subscribe, isSignedIn);
}

/** When somebody signs in or out: forgets what the one before could see, and leaves the pages the one now may not see. */
export function followSession(router: { invalidate: () => Promise<void> }): void {
  cinema.$session.onChange(() => {
    void router.invalidate();
    void queryClient.resetQueries();
  });
}

/** Staff who must set up two-factor login before anything else are led there, whatever they were refused. */
export function leadToTwoFactor(onRefused: () => void): void {
  const follow = ({ type, action }: { type: string; action?: { type: string; error?: unknown } }) => {
    if (type === 'updated' && action?.type === 'error' && isCinemaError(action.error, 'totp_setup_required'))
      onRefused();
  };
  queryClient.getQueryCache().subscribe(follow);
  queryClient.getMutationCache().subscribe(follow);
}

function subscribe(listener: () => void): () => void {
  return cinema.$session.onChange(listener);
}
