import { LibraryInput, LibraryPage } from '@online-cinema/contract/library';
import { rest, router, userProcedure } from '../trpc.ts';
import { listLibrary } from './service.ts';

/** `library`: the films the caller owns. */
export const libraryRouter = router({
  list: userProcedure
    .meta(rest('GET', '/library', 'The films you own'))
    .input(LibraryInput)
    .output(LibraryPage)
    .query(({ ctx, input }) => listLibrary(ctx.deps, ctx.caller.userId, input)),
});
