import { MoviePage } from '@online-cinema/contract/catalogue';
import { Nothing } from '@online-cinema/contract/common';
import { ActInput, FavoriteListInput } from '@online-cinema/contract/reactions';
import { rest, router, userProcedure } from '../trpc.ts';
import { addFavorite, removeFavorite } from './acts.ts';
import { listFavorites } from './favorites.ts';

/** `favorites`: the films the caller keeps in mind. */
export const favoritesRouter = router({
  list: userProcedure
    .meta(
      rest('GET', '/favorites', 'Your favourite films', {
        description: 'With every filter and sort of the catalogue. Films that have left it are left out.',
      }),
    )
    .input(FavoriteListInput)
    .output(MoviePage)
    .query(({ ctx, input }) => listFavorites(ctx.deps, ctx.caller.userId, input)),

  add: userProcedure
    .meta(rest('PUT', '/favorites/{movieId}', 'Add a film to your favourites', { status: 204 }))
    .input(ActInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => addFavorite(ctx.deps, ctx.caller.userId, input.movieId)),

  remove: userProcedure
    .meta(rest('DELETE', '/favorites/{movieId}', 'Remove a film from your favourites', { status: 204 }))
    .input(ActInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => removeFavorite(ctx.deps, ctx.caller.userId, input.movieId)),
});
