import type { Named } from '@online-cinema/contract/catalogue';
import type { Reaction } from '@online-cinema/contract/reactions';
import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { compileOnce, type Placeholders } from '../lib/compiled.ts';
import { isUuid } from '../lib/uuid.ts';
import { type CardRow, cardColumns, namedList, type PosterRow } from './cards.ts';

/** The condition that `movies` is the film of an id or a slug. */
export function isMovie(ref: string) {
  return isUuid(ref) ? sql<boolean>`movies.id = ${ref}` : sql<boolean>`movies.slug = ${ref.toLowerCase()}`;
}

/** A film, withdrawn or not: what is owned stays reachable. */
export async function selectAnyMovie(
  db: Db,
  ref: string,
): Promise<(PosterRow & { withdrawnAt: Date | null }) | undefined> {
  return await db
    .selectFrom('movies')
    .where(isMovie(ref))
    .select(['id', 'posterKey', 'posterVersion', 'withdrawnAt'])
    .executeTakeFirst();
}

/** The id of a film of the catalogue; withdrawn ones are not found. */
export async function selectMovieId(db: Db, ref: string): Promise<string | undefined> {
  const movies = db.selectFrom('movies').where(isMovie(ref)).where('withdrawnAt', 'is', null);
  return (await movies.select('id').executeTakeFirst())?.id;
}

/** A film's row with all that its page shows. */
export type MovieRow = CardRow & {
  description: string;
  likeCount: number;
  dislikeCount: number;
  favoriteCount: number;
  commentCount: number;
};

const EVERY_STAR = 1_000;

/** A film with everything about it; withdrawn ones are not found. */
export async function selectMovie(db: Db, ref: string): Promise<MovieRow | undefined> {
  const statement = isUuid(ref) ? movieById(db, { ref }) : movieBySlug(db, { ref: ref.toLowerCase() });
  return (await db.executeQuery(statement)).rows[0];
}

type Ref = Placeholders<{ ref: string }>;
const movieById = compileOnce((db, { ref }: Ref) => moviesWhere(db, sql`movies.id = ${ref}`));
const movieBySlug = compileOnce((db, { ref }: Ref) => moviesWhere(db, sql`movies.slug = ${ref}`));

function moviesWhere(db: Db, isMeant: RawBuilder<SqlBool>) {
  return db
    .selectFrom('movies')
    .where(isMeant)
    .where('withdrawnAt', 'is', null)
    .select((eb) => cardColumns(eb, { stars: EVERY_STAR }))
    .select(['description', 'likeCount', 'dislikeCount', 'favoriteCount', 'commentCount']);
}

/** What a viewer has to do with a film. */
export type ViewerState = {
  owned: boolean;
  inCart: boolean;
  favorite: boolean;
  myReaction: Reaction | null;
  myRating: number | null;
};

export async function selectViewerState(db: Db, movieId: string, userId: string): Promise<ViewerState> {
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
      eb
        .exists(eb.selectFrom('favorites').where('movieId', '=', movieId).where('userId', '=', userId))
        .$castTo<boolean>()
        .as('favorite'),
      eb
        .selectFrom('reactions')
        .where('movieId', '=', movieId)
        .where('userId', '=', userId)
        .select('kind')
        .$castTo<Reaction | null>()
        .as('myReaction'),
      eb
        .selectFrom('ratings')
        .where('movieId', '=', movieId)
        .where('userId', '=', userId)
        .select('score')
        .as('myRating'),
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
