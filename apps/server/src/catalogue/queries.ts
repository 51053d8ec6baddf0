import type { Named } from '@online-cinema/contract/catalogue';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { isUuid } from '../lib/uuid.ts';
import { type CardRow, cardColumns, namedList } from './cards.ts';

/** The condition that `movies` is the film of an id or a slug. */
export function isMovie(ref: string) {
  return isUuid(ref) ? sql<boolean>`movies.id = ${ref}` : sql<boolean>`movies.slug = ${ref.toLowerCase()}`;
}

/** A film, withdrawn or not: what is owned stays reachable. */
export async function selectAnyMovie(db: Db, ref: string): Promise<{ id: string; updatedAt: Date } | undefined> {
  return await db.selectFrom('movies').where(isMovie(ref)).select(['id', 'updatedAt']).executeTakeFirst();
}

/** A film's row with all that its page shows. Amounts are in the minor unit of the currency beside them. */
export type MovieRow = CardRow & {
  releaseDate: string | null;
  votes: number;
  metaScore: number | null;
  grossAmount: number | null;
  grossCurrency: string | null;
  budgetAmount: number | null;
  budgetCurrency: string | null;
  description: string;
  countries: Named[];
  languages: Named[];
  likeCount: number;
  dislikeCount: number;
  favoriteCount: number;
  commentCount: number;
  createdAt: Date;
  hasTrailer: boolean;
};

const EVERY_STAR = 1_000;

/** A film with everything about it; withdrawn ones are not found. */
export async function selectMovie(db: Db, ref: string): Promise<MovieRow | undefined> {
  return await db
    .selectFrom('movies')
    .where(isMovie(ref))
    .where('withdrawnAt', 'is', null)
    .select((eb) => cardColumns(eb, { stars: EVERY_STAR }))
    .select([
      'releaseDate',
      'votes',
      'metaScore',
      'grossAmount',
      'grossCurrency',
      'budgetAmount',
      'budgetCurrency',
      'description',
      'likeCount',
      'dislikeCount',
      'favoriteCount',
      'commentCount',
      'createdAt',
      namedList('country').as('countries'),
      namedList('language').as('languages'),
    ])
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('mediaAssets')
            .whereRef('mediaAssets.movieId', '=', 'movies.id')
            .where('mediaAssets.kind', '=', 'trailer'),
        )
        .$castTo<boolean>()
        .as('hasTrailer'),
    )
    .executeTakeFirst();
}

/** What a viewer has to do with a film. */
export async function selectViewerState(
  db: Db,
  movieId: string,
  userId: string,
): Promise<{ owned: boolean; inCart: boolean }> {
  return await db
    .selectNoFrom((eb) => [
      eb
        .exists(eb.selectFrom('libraryMovies').where('movieId', '=', movieId).where('userId', '=', userId))
        .$castTo<boolean>()
        .as('owned'),
      eb
        .exists(eb.selectFrom('cartItems').where('movieId', '=', movieId).where('userId', '=', userId))
        .$castTo<boolean>()
        .as('inCart'),
    ])
    .executeTakeFirstOrThrow();
}

/** What a drawn poster shows. */
export async function selectPosterFacts(
  db: Db,
  movieId: string,
): Promise<
  { name: string; year: number; time: number; certification: string; genres: Named[]; directors: Named[] } | undefined
> {
  return await db
    .selectFrom('movies')
    .innerJoin('certifications', 'certifications.id', 'movies.certificationId')
    .where('movies.id', '=', movieId)
    .select([
      'movies.name',
      'movies.year',
      'movies.time',
      'certifications.name as certification',
      namedList('genre').as('genres'),
      namedList('director').as('directors'),
    ])
    .executeTakeFirst();
}
