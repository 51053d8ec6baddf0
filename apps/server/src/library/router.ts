import { LibraryInput, LibraryPage } from '@online-cinema/contract/library';
import { rest, router, userProcedure } from '../trpc.ts';
import { listLibrary } from './service.ts';

/** `library`: the films the caller owns. */
export const libraryRouter = router({
  list: userProcedure
    .meta(
      rest('GET', '/library', 'The films you own', {
        description: 'With every filter and sort of the catalogue. Films that have left it stay here.',
      }),
    )
    .input(LibraryInput)
    .output(LibraryPage)
    .query(({ ctx, input }) => listLibrary(ctx.deps, ctx.caller.userId, input)),
});
