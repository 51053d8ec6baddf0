import type { Page } from '@online-cinema/contract/common';
import type {
  DecideRefund,
  QueuedRefund,
  Refund,
  RefundPayment,
  RefundQueueInput,
  RequestRefund,
} from '@online-cinema/contract/refunds';
import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import { assertStillAdmin } from '../accounts/standing.ts';
import { audit, type CallingActor } from '../audit.ts';
import type { Deps } from '../deps.ts';
import type { Keep } from '../idempotency.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { readPage } from '../lib/paging.ts';
import { SHOP_ACTS } from '../orders/limits.ts';
import { lockForRefund } from './apply-refund.ts';
import { finishRefund, type RefundDeps } from './finish-refund.ts';
import { lockOrder, selectAttempt } from './queries.ts';
import { refundJob } from './refund-jobs.ts';
import { refundMail } from './refund-mail.ts';
import {
  insertRefund,
  type LockedPayment,
  lockPayment,
  selectFulfilling,
  selectRefund,
  selectRefundPlace,
  selectStandings,
  updateRefund,
} from './refund-queries.ts';
import { countQueued, QUEUE_SORT, selectQueuePage, toQueuedRefund } from './refund-queue-queries.ts';
import { assertNotRequested, chooseShare, leftAmong } from './refund-share.ts';

/** For how long after the payment money comes back without anybody's decision, if nothing was watched. */
const AUTOMATIC_SECONDS = 14 * 86_400;

// Who waits for the answer waits no longer than this; the job has more time.
const IMPATIENT = { timeout: 5_000, maxNetworkRetries: 0 };

/**
 * Pays an order of a user back, or some of its films: at once within fourteen days when none of them was watched, else
 * when an admin approves it.
 *
 * @throws AppError `not_found`, `not_refundable` (not paid, not among its films, under review), `already_refunded`,
 * `too_many_requests`.
 */
export async function requestRefund(
  deps: RefundDeps & Pick<Deps, 'limits'>,
  userId: string,
  { orderId, movieIds, reason }: RequestRefund,
  keep: Keep<Refund>,
): Promise<Refund> {
  await deps.limits.take('refund.user', userId, SHOP_ACTS);
  const refund = await inTransaction(deps.db, async (trx) => {
    const order = await lockOrder(trx, orderId);
    if (!order || order.userId !== userId) throw new AppError('not_found');
    if (order.status === 'refunded') throw new AppError('already_refunded');
    const paymentId = order.status === 'paid' ? await selectFulfilling(trx, orderId) : undefined;
    const payment = paymentId === undefined ? undefined : await lockPayment(trx, paymentId);
    if (!payment || payment.reviewReason !== null) throw new AppError('not_refundable');

    const now = deps.clock.now();
    const share = await chooseShare(trx, payment, movieIds);
    const isInTime = order.paidAt !== null && addSeconds(order.paidAt, AUTOMATIC_SECONDS) > now;
    const status = isInTime && !share.isWatched ? 'pending' : 'requested';
    const made = await beginRefund(deps, trx, payment, { ...share, origin: 'buyer', status, reason });
    await keep(trx, made);
    return made;
  });
  const tried = await tryNow(deps, refund);
  if (tried.status !== refund.status) await keep(deps.db, tried);
  return tried;
}

/**
 * Pays a payment back, or some films of its order, as the staff decides. One that waits for review gave no films: it goes
 * back whole.
 *
 * @throws AppError `not_found`, `not_refundable` (no money came, not among its films, disputed), `already_refunded`,
 * `refund_requested` (with `refundId`).
 */
export async function refundPayment(
  deps: RefundDeps,
  actor: CallingActor,
  { paymentId, movieIds, reason }: RefundPayment,
  keep: Keep<Refund>,
): Promise<Refund> {
  const refund = await inTransaction(deps.db, async (trx) => {
    const attempt = await selectAttempt(trx, paymentId);
    if (!attempt) throw new AppError('not_found');
    const payment = await lockForRefund(trx, { orderId: attempt.orderId, paymentId });
    if (payment.status === 'refunded') throw new AppError('already_refunded');
    const isPaid = payment.status === 'successful' || payment.status === 'partially_refunded';
    // The bank has the money of a dispute: Stripe refuses to pay it back beside.
    if (!isPaid || payment.reviewReason === 'disputed') throw new AppError('not_refundable');

    await assertNotRequested(trx, payment, movieIds);
    const share = await chooseShare(trx, payment, movieIds);
    const made = await beginRefund(deps, trx, payment, { ...share, origin: 'staff', status: 'pending', reason });
    await audit(trx, {
      actor,
      action: 'payments.refund',
      target: { kind: 'payment', id: paymentId },
      details: { refundId: made.id, amount: made.amount.amount, currency: made.amount.currency },
    });
    await assertStillAdmin(deps, trx, actor);
    await keep(trx, made);
    return made;
  });
  const tried = await tryNow(deps, refund);
  if (tried.status !== refund.status) await keep(deps.db, tried);
  return tried;
}

/**
 * Grants a refund somebody asked for.
 *
 * @throws AppError `not_found`, `decided`, `not_refundable` (disputed: it waits on), `already_refunded`.
 */
export async function approveRefund(deps: RefundDeps, actor: CallingActor, input: DecideRefund): Promise<Refund> {
  const refund = await decide(deps, actor, input, 'approve', async (trx, payment, { amount }) => {
    if (payment.reviewReason === 'disputed') throw new AppError('not_refundable');
    // Somebody may have paid a part back in the gateway's dashboard since.
    const left = leftAmong(payment, await selectStandings(trx, payment.id), ['pending', 'succeeded']);
    if (left === 0 && payment.amount > 0) throw new AppError('already_refunded');
    const decision = { status: 'pending', amount: Math.min(amount, left) } as const;
    await updateRefund(trx, input.refundId, { ...decision, note: input.note ?? null, decidedAt: deps.clock.now() });
    await deps.queue.enqueue(trx, refundJob, { refundId: input.refundId });
  });
  return await tryNow(deps, refund);
}

/** Declines a refund somebody asked for, and tells him. @throws AppError `not_found`, `decided`. */
export async function rejectRefund(deps: RefundDeps, actor: CallingActor, input: DecideRefund): Promise<Refund> {
  return await decide(deps, actor, input, 'reject', async (trx) => {
    const now = deps.clock.now();
    const decision = { status: 'rejected', note: input.note ?? null, decidedAt: now, finishedAt: now } as const;
    await updateRefund(trx, input.refundId, decision);
    await deps.queue.enqueue(trx, refundMail, { refundId: input.refundId });
  });
}

/** The refunds in one state, newest first. @throws AppError `invalid_cursor`. */
export async function listRefunds(
  { db }: Pick<Deps, 'db'>,
  { status, ...page }: RefundQueueInput,
): Promise<Page<QueuedRefund>> {
  return await readPage(page, {
    query: { list: 'refunds', status },
    sort: QUEUE_SORT,
    select: (position, limit) => selectQueuePage(db, { status, position, limit }),
    count: () => countQueued(db, status),
    toItem: toQueuedRefund,
  });
}

async function decide(
  deps: RefundDeps,
  actor: CallingActor,
  { refundId }: DecideRefund,
  decision: 'approve' | 'reject',
  act: (trx: Db, payment: LockedPayment, refund: { amount: number }) => Promise<void>,
): Promise<Refund> {
  return await inTransaction(deps.db, async (trx) => {
    const place = await selectRefundPlace(trx, refundId);
    if (!place) throw new AppError('not_found');
    const payment = await lockForRefund(trx, place);
    const refund = (await selectStandings(trx, payment.id)).find(({ id }) => id === refundId);
    if (refund?.status !== 'requested') throw new AppError('decided');
    await act(trx, payment, refund);
    const decided = await selectRefund(trx, refundId);
    await audit(trx, {
      actor,
      action: `refunds.${decision}`,
      target: { kind: 'refund', id: refundId },
      details: { paymentId: payment.id, ...decided.amount },
    });
    await assertStillAdmin(deps, trx, actor);
    return decided;
  });
}

async function beginRefund(
  { queue, clock }: RefundDeps,
  trx: Db,
  payment: LockedPayment,
  refund: {
    origin: 'buyer' | 'staff';
    status: 'requested' | 'pending';
    amount: number;
    movieIds: string[];
    reason: string;
  },
): Promise<Refund> {
  const { origin, status, amount, movieIds, reason } = refund;
  const createdAt = clock.now();
  const row = { paymentId: payment.id, origin, status, amount, movieIds, reason, createdAt };
  const refundId = await insertRefund(trx, row);
  if (status === 'pending') await queue.enqueue(trx, refundJob, { refundId });
  return await selectRefund(trx, refundId);
}

// The answer is final where the gateway answers soon. Where it does not, the job goes on.
async function tryNow(deps: RefundDeps, refund: Refund): Promise<Refund> {
  if (refund.status !== 'pending') return refund;
  await finishRefund(deps, refund.id, IMPATIENT).catch((error: unknown) => {
    deps.log.warn({ err: error, refundId: refund.id }, 'a refund is not made yet');
  });
  return await selectRefund(deps.db, refund.id);
}
