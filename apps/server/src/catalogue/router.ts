import { Movie, MovieInput, MovieListInput, MoviePage } from '@online-cinema/contract/catalogue';
import { anyProcedure, rest, router, viewerProcedure } from '../trpc.ts';
import { listMovies } from './search.ts';
import { getMovie } from './service.ts';

/** `movies`: the catalogue, open to everybody. */
export const moviesRouter = router({
  list: anyProcedure
    .meta(rest('GET', '/movies', 'Search and browse the films'))
    .input(MovieListInput)
    .output(MoviePage)
    .query(({ ctx, input }) => listMovies(ctx.deps, input)),

  get: viewerProcedure
    .meta(rest('GET', '/movies/{movieId}', 'A film with everything about it'))
    .input(MovieInput)
    .output(Movie)
    .query(({ ctx, input }) => getMovie(ctx.deps, input.movieId, ctx.caller)),
});
