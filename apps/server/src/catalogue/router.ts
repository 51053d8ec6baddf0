import {
  Movie,
  MovieFacets,
  MovieFilters,
  MovieInput,
  MovieListInput,
  MoviePage,
} from '@online-cinema/contract/catalogue';
import { SimilarInput, SimilarMovies, SuggestInput, Suggestions } from '@online-cinema/contract/suggestions';
import { COUNTED_MS, TOLD_MS } from '../lib/answer-memory.ts';
import { anyProcedure, rest, router, viewerProcedure } from '../trpc.ts';
import { readCatalogue } from './anonymous-reads.ts';
import { countFacets } from './facets.ts';
import { listMovies } from './list.ts';
import { getMovie } from './service.ts';
import { similarMovies } from './similar.ts';
import { suggest } from './suggest.ts';

/** `movies`: the catalogue, open to everybody. */
export const moviesRouter = router({
  list: anyProcedure
    .meta(rest('GET', '/movies', 'Search and browse the films', { rememberMs: COUNTED_MS, mayLag: true }))
    .input(MovieListInput)
    .output(MoviePage)
    .query(({ ctx, input }) => readCatalogue(ctx, (deps) => listMovies(deps, input))),

  facets: anyProcedure
    .meta(
      rest('GET', '/movies/facets', 'What the films under these filters are made of', {
        rememberMs: TOLD_MS,
        mayLag: true,
      }),
    )
    .input(MovieFilters)
    .output(MovieFacets)
    .query(({ ctx, input }) => readCatalogue(ctx, (deps) => countFacets(deps, input))),

  suggest: anyProcedure
    .meta(
      rest('GET', '/movies/suggest', 'Titles and people that somebody who is typing may mean', {
        rememberMs: TOLD_MS,
        mayLag: true,
      }),
    )
    .input(SuggestInput)
    .output(Suggestions)
    .query(async ({ ctx, input }) => ({ items: await readCatalogue(ctx, (deps) => suggest(deps, input.query)) })),

  similar: anyProcedure
    .meta(rest('GET', '/movies/{movieId}/similar', 'Films like this one, and why', { rememberMs: COUNTED_MS }))
    .input(SimilarInput)
    .output(SimilarMovies)
    .query(async ({ ctx, input }) => ({ items: await similarMovies(ctx.deps, input.movieId) })),

  get: viewerProcedure
    .meta(rest('GET', '/movies/{movieId}', 'A film with everything about it', { rememberMs: COUNTED_MS }))
    .input(MovieInput)
    .output(Movie)
    .query(({ ctx, input }) => getMovie(ctx.deps, input.movieId, ctx.caller)),
});
