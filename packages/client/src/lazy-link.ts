import type { TRPCLink } from '@trpc/client';
import { observable, type Unsubscribable } from '@trpc/server/observable';
import { toClientError } from './errors.ts';
import type { CinemaRouter } from './router.gen.ts';

/** A link that is fetched when it is first needed: what few callers use costs the others nothing. */
export function lazyLink(load: () => Promise<TRPCLink<CinemaRouter>>): TRPCLink<CinemaRouter> {
  return (runtime) => (call) =>
    observable((observer) => {
      let inner: Unsubscribable | undefined;
      let isOver = false;
      load().then(
        (link) => {
          if (!isOver) inner = link(runtime)(call).subscribe(observer);
        },
        (error: unknown) => observer.error(toClientError(error)),
      );
      return () => {
        isOver = true;
        inner?.unsubscribe();
      };
    });
}
