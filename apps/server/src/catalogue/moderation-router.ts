import { Movie, MovieInput } from '@online-cinema/contract/catalogue';
import { Nothing } from '@online-cinema/contract/common';
import { CreateMovie, DeleteMovie, Poster, SetPoster, UpdateMovie } from '@online-cinema/contract/moderation';
import { actorOf } from '../audit.ts';
import { moderatorProcedure, rest, router } from '../trpc.ts';
import { createMovie, updateMovie } from './moderation.ts';
import { deleteMovie } from './moderation-delete.ts';
import { POSTER_BODY, removePoster, setPoster } from './posters.ts';

/** `movies`, as those change it who keep the catalogue. */
export const moderationRouter = router({
  create: moderatorProcedure
    .meta(
      rest('POST', '/movies', 'Add a film', {
        status: 201,
        location: '/movies/{id}',
        description: 'Genres, people and so on are named, or given by id; names that are not there yet are made.',
      }),
    )
    .input(CreateMovie)
    .output(Movie)
    .mutation(({ ctx, input }) => createMovie(ctx.deps, actorOf(ctx), input)),

  update: moderatorProcedure
    .meta(
      rest('PATCH', '/movies/{movieId}', 'Change a film', {
        description: 'What is left out stays, null clears. The slug stays too, so that links keep working.',
      }),
    )
    .input(UpdateMovie)
    .output(Movie)
    .mutation(({ ctx, input }) => updateMovie(ctx.deps, actorOf(ctx), input)),

  delete: moderatorProcedure
    .meta(
      rest('DELETE', '/movies/{movieId}', 'Take a film out of the catalogue', {
        status: 204,
        description:
          'Bought films stay. One that is in carts is refused, and the staff is told; `force` withdraws it: it leaves the ' +
          'carts, and their owners are told.',
      }),
    )
    .input(DeleteMovie)
    .output(Nothing)
    .mutation(({ ctx, input }) => deleteMovie(ctx.deps, actorOf(ctx), input)),

  setPoster: moderatorProcedure
    .meta(
      rest('PUT', '/movies/{movieId}/poster', 'Set the poster of a film', {
        binary: POSTER_BODY,
        description:
          'A JPEG, PNG or WebP picture of at most 5 MB and 25 megapixels. It is fitted into 600 by 900 pixels.',
      }),
    )
    .input(SetPoster)
    .output(Poster)
    .mutation(({ ctx, input }) => setPoster(ctx.deps, actorOf(ctx), input)),

  removePoster: moderatorProcedure
    .meta(
      rest('DELETE', '/movies/{movieId}/poster', 'Take the poster of a film away', {
        status: 204,
        description: 'One is drawn in its place.',
      }),
    )
    .input(MovieInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => removePoster(ctx.deps, actorOf(ctx), input)),
});
