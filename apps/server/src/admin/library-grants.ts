import type { GrantMovie } from '@online-cinema/contract/admin-shop';
import { inTransaction } from '@online-cinema/db/transaction';
import { assertStillAdmin, lockStanding } from '../accounts/standing.ts';
import { audit, type CallingActor } from '../audit.ts';
import { deleteCartItems, isInPendingOrder, selectPricedMovie } from '../cart/queries.ts';
import { selectAnyMovie } from '../catalogue/queries.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { ownsMovie } from '../library/queries.ts';
import { deleteGrantedMovie, insertGrantedMovie } from './library-queries.ts';

/**
 * Puts a film of the catalogue in a user's library, for nothing, and takes it out of his cart. What he owns already stays
 * as it is.
 *
 * @throws AppError `not_found`, `in_pending_order`: it might be paid any moment.
 */
export async function grantMovie(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  actor: CallingActor,
  { userId, movieId: ref, reason }: GrantMovie,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    // The shopper's lock: meanwhile nothing is put in his cart, ordered, or paid.
    if (!(await lockStanding(trx, userId))) throw new AppError('not_found');
    const movie = await selectPricedMovie(trx, ref);
    if (!movie) throw new AppError('not_found');
    await assertStillAdmin({ clock }, trx, actor);
    if (await isInPendingOrder(trx, userId, movie.id)) throw new AppError('in_pending_order');
    if (!(await insertGrantedMovie(trx, { userId, movieId: movie.id, addedAt: clock.now() }))) return;
    await deleteCartItems(trx, userId, [movie.id]);
    const details = { movieId: movie.id, reason };
    await audit(trx, { actor, action: 'users.grantMovie', target: { kind: 'user', id: userId }, details });
  });
}

/**
 * Takes a film back that was given; whoever watches it is cut off.
 *
 * @throws AppError `not_found` (no such user, or he does not own it), `not_granted` (he has bought it).
 */
export async function revokeMovie(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  actor: CallingActor,
  { userId, movieId: ref, reason }: GrantMovie,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    if (!(await lockStanding(trx, userId))) throw new AppError('not_found');
    const movie = await selectAnyMovie(trx, ref);
    await assertStillAdmin({ clock }, trx, actor);
    if (!movie || !(await ownsMovie(trx, userId, movie.id))) throw new AppError('not_found');
    if (!(await deleteGrantedMovie(trx, userId, movie.id))) throw new AppError('not_granted');
    const details = { movieId: movie.id, reason };
    await audit(trx, { actor, action: 'users.revokeMovie', target: { kind: 'user', id: userId }, details });
  });
}
