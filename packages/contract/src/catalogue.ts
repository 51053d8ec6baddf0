import { z } from 'zod';
import { Day, Id, Money, Moment, MovieRef, PageInput, pageOf } from './common.ts';

/** How far the making of a film has come. */
export const MovieStatus = z.enum(['released', 'in_production', 'post_production']);
export type MovieStatus = z.infer<typeof MovieStatus>;

/** A genre, star, director, certification, country or language beside its film. */
export const Named = z.object({ id: Id, name: z.string() }).meta({ id: 'Named' });
export type Named = z.infer<typeof Named>;

/** What the films can be sorted by. `imdb` is IMDb's rating, `popularity` its votes, `rating` that of our viewers. */
export const MOVIE_SORTS = ['relevance', 'price', 'year', 'imdb', 'popularity', 'rating', 'title', 'newest'] as const;
/** One of {@link MOVIE_SORTS}. */
export type MovieSort = (typeof MOVIE_SORTS)[number];

/** Asks for a page of the catalogue. Without an `order`, titles and prices go up and everything else goes down. */
export const MovieListInput = PageInput.extend({
  query: z
    .string()
    .trim()
    .max(200)
    .optional()
    .meta({ description: 'Words of the title, the people or the description.' }),
  sort: z.enum(MOVIE_SORTS).optional().meta({ description: 'Default: relevance with a query, else popularity.' }),
  order: z.enum(['asc', 'desc']).optional().meta({ description: 'Default: what one expects of the sort.' }),
});
export type MovieListInput = z.infer<typeof MovieListInput>;

const cardFields = {
  id: Id,
  slug: z.string().meta({ examples: ['the-matrix-1999'] }),
  name: z.string(),
  year: z.int(),
  time: z.int().meta({ description: 'Minutes.' }),
  imdb: z.number().min(0).max(10),
  price: Money.nullable().meta({ description: 'null: not for sale.' }),
  status: MovieStatus,
  certification: Named,
  genres: z.array(Named),
  directors: z.array(Named),
  posterUrl: z.string().nullable(),
  ratingAverage: z.number().nullable(),
  ratingCount: z.int(),
  hasVideo: z.boolean(),
};

/** A film in a list. */
export const MovieCard = z
  .object({ ...cardFields, stars: z.array(Named).max(3).meta({ description: 'The first three.' }) })
  .meta({ id: 'MovieCard' });
export type MovieCard = z.infer<typeof MovieCard>;

/** A page of the catalogue. */
export const MoviePage = pageOf(MovieCard).meta({ id: 'MoviePage' });

/** A film with everything about it; what the caller has to do with it, when signed in. */
export const Movie = z
  .object({
    ...cardFields,
    releaseDate: Day.nullable(),
    votes: z.int(),
    metaScore: z.int().min(0).max(100).nullable(),
    gross: Money.nullable(),
    budget: Money.nullable(),
    description: z.string(),
    stars: z.array(Named),
    countries: z.array(Named),
    languages: z.array(Named),
    trailer: z.string().nullable().meta({ description: 'Address of the trailer, when there is one.' }),
    likeCount: z.int(),
    dislikeCount: z.int(),
    favoriteCount: z.int(),
    commentCount: z.int(),
    createdAt: Moment,
    updatedAt: Moment,
    owned: z.boolean().optional().meta({ description: 'Signed in only.' }),
    inCart: z.boolean().optional().meta({ description: 'Signed in only.' }),
  })
  .meta({ id: 'Movie' });
export type Movie = z.infer<typeof Movie>;

/** Names the film to show. */
export const MovieInput = z.strictObject({ movieId: MovieRef });
