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

function subscribe(listener: () => void): () => void {
  return cinema.$session.onChange(listener);
}
