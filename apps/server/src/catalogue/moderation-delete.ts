import type { DeleteMovie } from '@online-cinema/contract/moderation';
import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import { type Actor, audit } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { type Notice, notify } from '../notices.ts';
import { noticeMails, removeObjectsJob } from './jobs.ts';
import {
  deleteFromCarts,
  deleteMovieRow,
  type LeavingMovie,
  lockLeavingMovie,
  type MovieTies,
  noteRefusedDeletion,
  selectMovieTies,
  selectStaffIds,
  withdrawMovie,
} from './moderation-queries.ts';

/** The staff hears of a film that can't be deleted once in this time. */
const NOTICE_PAUSE_SECONDS = 3_600;
const MAILS_A_JOB = 50;

type DeletionDeps = Pick<Deps, 'db' | 'queue' | 'clock'>;

/**
 * Takes a film out of the catalogue. One that nothing hangs on is deleted; one that orders tell of is withdrawn. While it
 * is in carts, or in orders that wait for payment, it stays, and the staff is told, unless `force` is given: then it leaves
 * the carts, and their owners are told. An order that waits can be paid only where its page is open already.
 *
 * @throws AppError `not_found`, `movie_purchased`, `movie_in_carts` (with `cartCount`, `pendingOrderCount`).
 */
export async function deleteMovie(
  deps: DeletionDeps,
  actor: NonNullable<Actor>,
  { movieId: ref, force }: DeleteMovie,
): Promise<void> {
  const now = deps.clock.now();
  // A refusal is thrown after the commit: what the staff is told of it must stay.
  const refusal = await inTransaction(deps.db, async (trx) => {
    const movie = await lockLeavingMovie(trx, ref);
    if (!movie) return new AppError('not_found');
    const ties = await selectMovieTies(trx, movie.id);
    if (ties.isPurchased) return new AppError('movie_purchased');
    if (!force && ties.cartCount + ties.pendingOrderCount > 0) {
      await tellStaff(deps, trx, movie, ties, now);
      const { cartCount, pendingOrderCount } = ties;
      return new AppError('movie_in_carts', { details: { cartCount, pendingOrderCount } });
    }
    const isWithdrawn = ties.isRemembered || ties.cartCount > 0;
    if (isWithdrawn) await withdraw(deps, trx, movie, now);
    else await erase(deps, trx, movie);
    const details = { withdrawn: isWithdrawn, cartCount: ties.cartCount };
    await audit(trx, { actor, action: 'movies.delete', target: { kind: 'movie', id: movie.id }, details });
    return null;
  });
  if (refusal) throw refusal;
}

async function tellStaff(deps: DeletionDeps, trx: Db, movie: LeavingMovie, ties: MovieTies, now: Date): Promise<void> {
  if (!(await noteRefusedDeletion(trx, movie.id, { now, since: addSeconds(now, -NOTICE_PAUSE_SECONDS) }))) return;
  const places = [
    ...(ties.cartCount > 0 ? [count(ties.cartCount, 'cart')] : []),
    ...(ties.pendingOrderCount > 0 ? [`${count(ties.pendingOrderCount, 'order')} not paid yet`] : []),
  ];
  await tell(deps, trx, await selectStaffIds(trx), {
    kind: 'movie_in_carts',
    text: `${movie.name} (${movie.year}) cannot be deleted: it is in ${places.join(' and ')}.`,
    link: `/movies/${movie.slug}`,
  });
}

async function withdraw(deps: DeletionDeps, trx: Db, movie: LeavingMovie, now: Date): Promise<void> {
  await withdrawMovie(trx, movie.id, now);
  await tell(deps, trx, await deleteFromCarts(trx, movie.id), {
    kind: 'movie_left_cart',
    text: `${movie.name} (${movie.year}) is no longer sold. It has left your cart.`,
    link: '/cart',
  });
}

async function erase({ queue }: DeletionDeps, trx: Db, movie: LeavingMovie): Promise<void> {
  const keys = await deleteMovieRow(trx, movie.id);
  if (movie.posterKey !== null) keys.push(movie.posterKey);
  if (keys.length > 0) await queue.enqueue(trx, removeObjectsJob, { keys });
}

async function tell({ queue }: DeletionDeps, trx: Db, userIds: string[], notice: Notice): Promise<void> {
  const noticeIds = await notify(trx, userIds, notice);
  for (let from = 0; from < noticeIds.length; from += MAILS_A_JOB) {
    await queue.enqueue(trx, noticeMails, {
      kind: notice.kind,
      noticeIds: noticeIds.slice(from, from + MAILS_A_JOB),
    });
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
