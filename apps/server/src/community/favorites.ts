import type { MoviePage } from '@online-cinema/contract/catalogue';
import type { FavoriteListInput } from '@online-cinema/contract/reactions';
import { sql } from 'kysely';
import type { z } from 'zod';
import { listPart } from '../catalogue/list.ts';
import type { Deps } from '../deps.ts';

/** A page of a viewer's favourites, unless told otherwise the last one added first. @throws AppError `invalid_cursor`. */
export async function listFavorites(
  deps: Pick<Deps, 'db' | 'config'>,
  userId: string,
  input: FavoriteListInput,
): Promise<z.infer<typeof MoviePage>> {
  // The fence keeps the planner from walking the whole catalogue for the few films of one viewer.
  const films = sql`(
    select film.*, favorites.added_at
    from favorites cross join lateral (select * from movies where movies.id = favorites.movie_id offset 0) film
    where favorites.user_id = ${userId}
  )`;
  return await listPart(deps, { name: 'favorites', of: userId, films }, input);
}
