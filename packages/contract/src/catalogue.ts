import { z } from 'zod';
import { Day, Id, Money, Moment, MovieRef, PageInput, pageOf } from './common.ts';
import { tidyText } from './related.ts';

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

const NameOrId = tidyText(200);
const Year = z.int().min(0).max(9_999);
const Imdb = z.number().min(0).max(10);
const Amount = z.int().min(0).max(2_147_483_647);

/**
 * Narrows a list of films. Several values of one filter mean any of them, several filters all of them. Names are
 * compared without regard to capitals; one that nobody knows matches nothing.
 */
export const MovieFilters = z
  .strictObject({
    query: z
      .string()
      .trim()
      .max(200)
      .optional()
      .meta({ description: 'Words of the title, the people or the description.' }),
    genre: oneOrMore(NameOrId).optional().meta({ description: 'Names or ids of genres.' }),
    star: oneOrMore(NameOrId).optional().meta({ description: 'Names or ids of stars.' }),
    director: oneOrMore(NameOrId).optional().meta({ description: 'Names or ids of directors.' }),
    certification: oneOrMore(NameOrId).optional().meta({ description: 'Names or ids of certifications.' }),
    country: oneOrMore(NameOrId).optional().meta({ description: 'Names or ids of countries.' }),
    language: oneOrMore(NameOrId).optional().meta({ description: 'Names or ids of languages.' }),
    yearFrom: Year.optional().meta({ description: 'The first year.' }),
    yearTo: Year.optional().meta({ description: 'The last year.' }),
    imdbMin: Imdb.optional().meta({ description: 'The lowest rating at IMDb.' }),
    imdbMax: Imdb.optional().meta({ description: 'The highest rating at IMDb.' }),
    priceMin: Amount.optional().meta({
      description: "The lowest price, in the minor unit of the shop's currency. Films not for sale are left out.",
    }),
    priceMax: Amount.optional().meta({
      description: "The highest price, in the minor unit of the shop's currency. Films not for sale are left out.",
    }),
    status: oneOrMore(MovieStatus).optional().meta({ description: 'How far the making of the film has come.' }),
  })
  .superRefine((filters, context) => {
    for (const [from, to] of RANGES) {
      const [lower, upper] = [filters[from], filters[to]];
      if (lower === undefined || upper === undefined || lower <= upper) continue;
      context.addIssue({ code: 'custom', path: [to], message: `Must not be below ${from}.` });
    }
  });
export type MovieFilters = z.infer<typeof MovieFilters>;

const RANGES = [
  ['yearFrom', 'yearTo'],
  ['imdbMin', 'imdbMax'],
  ['priceMin', 'priceMax'],
] as const;

/** Asks for a page of the catalogue. Without an `order`, titles and prices go up and everything else goes down. */
export const MovieListInput = MovieFilters.safeExtend({
  sort: z.enum(MOVIE_SORTS).optional().meta({ description: 'Default: relevance with a query, else popularity.' }),
  order: z.enum(['asc', 'desc']).optional().meta({ description: 'Default: what one expects of the sort.' }),
  ...PageInput.shape,
});
export type MovieListInput = z.infer<typeof MovieListInput>;

const Count = z.int().min(1);

/** A genre or certification, and how many of the films it has. */
const NamedCount = z.object({ id: Id, name: z.string(), count: Count }).meta({ id: 'NamedCount' });

/**
 * What the films under some filters are made of, to narrow them further. Entries without films are left out. Each list
 * ignores the filter it is for, as its values mean any of them: with `genre=Drama`, "Crime 12" are the films that are
 * to be had beside the dramas. Bounds can be sent back as filters.
 */
export const MovieFacets = z
  .object({
    total: z.int(),
    isEstimate: z.boolean().meta({ description: 'Whether counts are estimated: more than 10,000 films match.' }),
    genres: z.array(NamedCount).meta({ description: 'Those of most films first.' }),
    certifications: z.array(NamedCount).meta({ description: 'Those of most films first.' }),
    decades: z.array(z.object({ yearFrom: z.int(), yearTo: z.int(), count: Count })),
    prices: z
      .array(z.object({ priceMin: z.int(), priceMax: z.int().nullable(), count: Count }))
      .meta({ description: "At most five bands of a round width, in the minor unit of the shop's currency." }),
  })
  .meta({ id: 'MovieFacets' });
export type MovieFacets = z.infer<typeof MovieFacets>;

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
  countries: z.array(Named),
  languages: z.array(Named),
  releaseDate: Day.nullable(),
  votes: z.int().meta({ description: 'At IMDb.' }),
  metaScore: z.int().min(0).max(100).nullable(),
  gross: Money.nullable(),
  budget: Money.nullable(),
  posterUrl: z.string().nullable(),
  trailer: z.string().nullable().meta({ description: 'Address of the trailer, when there is one.' }),
  ratingAverage: z.number().nullable(),
  ratingCount: z.int(),
  hasVideo: z.boolean(),
  createdAt: Moment,
  updatedAt: Moment,
};

/** A film in a list: all about it but its description, what viewers have done with it, and its further stars. */
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
    description: z.string(),
    stars: z.array(Named),
    likeCount: z.int(),
    dislikeCount: z.int(),
    favoriteCount: z.int(),
    commentCount: z.int(),
    owned: z.boolean().optional().meta({ description: 'Signed in only.' }),
    inCart: z.boolean().optional().meta({ description: 'Signed in only.' }),
    favorite: z.boolean().optional().meta({ description: 'Signed in only.' }),
    myReaction: z.enum(['like', 'dislike']).nullable().optional().meta({ description: 'Signed in only.' }),
    myRating: z.int().nullable().optional().meta({ description: 'Signed in only.' }),
  })
  .meta({ id: 'Movie' });
export type Movie = z.infer<typeof Movie>;

/** Names the film to show. */
export const MovieInput = z.strictObject({ movieId: MovieRef });

// Over REST a field may come once or repeated, from the SDK as a value or a list. The same set is the same query.
function oneOrMore<Value extends string>(value: z.ZodType<Value, Value>) {
  return z
    .union([value, z.array(value).min(1).max(50)], { error: whyNeither })
    .transform((given): Value[] => [...new Set(typeof given === 'string' ? [given] : given)].toSorted());
}

// Of "neither a value nor a list" nobody learns what is wrong.
function whyNeither({ input, errors }: { input: unknown; errors: z.core.$ZodIssue[][] }): string | undefined {
  return errors[Array.isArray(input) ? 1 : 0]?.[0]?.message;
}
