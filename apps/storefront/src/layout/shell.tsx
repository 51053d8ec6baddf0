import { onlineManager } from '@tanstack/react-query';
import { Outlet, useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { Notice } from '../ui/notice.tsx';
import { Header } from './header.tsx';

/** What every page has around it. */
export function Shell() {
  const main = useFocusOnNavigation();
  const isOnline = useSyncExternalStore(subscribeToOnline, () => onlineManager.isOnline());
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-full focus:bg-lamp focus:px-6 focus:py-3 focus:font-semibold focus:text-night"
      >
        Skip to the content
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1} className="mx-auto w-full max-w-7xl grow px-4 py-8 sm:px-8 sm:py-12">
        {!isOnline && (
          <div className="mb-8">
            <Notice tone="bad">You are offline. What is missing here comes as soon as you are back.</Notice>
          </div>
        )}
        <Outlet />
      </main>
      <footer className="border-t border-seam/60">
        <p className="mx-auto max-w-7xl px-4 py-8 text-sm text-dust sm:px-8">
          The Online Cinema runs on an open API.{' '}
          <a href="/docs" className="underline underline-offset-4 hover:text-screen">
            Read its documentation
          </a>
        </p>
      </footer>
    </div>
  );
}

/** After a step to another page, keyboard and screen reader begin where it begins. */
function useFocusOnNavigation() {
  const router = useRouter();
  const main = useRef<HTMLElement>(null);
  useEffect(
    () =>
      router.subscribe('onRendered', ({ pathChanged, fromLocation }) => {
        if (pathChanged && fromLocation) main.current?.focus({ preventScroll: true });
      }),
    [router],
  );
  return main;
}

// Queries wait for the network; this tells why nothing comes.
function subscribeToOnline(listener: () => void): () => void {
  return onlineManager.subscribe(listener);
}
