import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { raiseAlert } from './alerts.ts';
import { finishRefund } from './finish-refund.ts';
import { orNothing } from './gateway-errors.ts';
import { setSettled } from './queries.ts';
import { selectPendingRefunds } from './refund-queries.ts';
import { closeLostAttempt, selectUnsettled } from './reconcile-queries.ts';
import { settleAttempt } from './settle.ts';

/** For so long the webhook is waited for, or the job that has a refund in hand. */
const PATIENCE_SECONDS = 600;

/** How often the same attempt is asked about. */
const PAUSE_SECONDS = 240;

/** A refund the gateway says nothing about for so long needs a person. */
const STUCK_SECONDS = 86_400;

const BATCH_SIZE = 100;
const AT_ONCE = 5;

// Who does not answer now is asked again in five minutes, and does not hold up the others.
const IMPATIENT = { timeout: 5_000, maxNetworkRetries: 0 };

type ReconcileDeps = Pick<Deps, 'db' | 'stripe' | 'queue' | 'clock' | 'log' | 'config' | 'metrics'>;

/**
 * Asks the gateway about every attempt and every refund it should have told of by now: its webhook may be lost. Where it
 * does not answer, nothing changes; the next run asks again.
 *
 * @throws AggregateError when some failed, after all others are done.
 */
export async function reconcilePayments(deps: ReconcileDeps, signal: AbortSignal): Promise<void> {
  const now = deps.clock.now();
  const createdBefore = addSeconds(now, -PATIENCE_SECONDS);
  const failures: unknown[] = [];
  const askedBefore = addSeconds(now, -PAUSE_SECONDS);
  for (let isAnswered = true; isAnswered && !signal.aborted;) {
    const attempts = await selectUnsettled(deps.db, { createdBefore, askedBefore, limit: BATCH_SIZE });
    const failed = await each(attempts, signal, failures, ({ id, sessionId }) => askAbout(deps, id, sessionId, now));
    // Where all of them fail, the gateway is away.
    isAnswered = attempts.length === BATCH_SIZE && failed < attempts.length;
  }
  const refunds = await selectPendingRefunds(deps.db, { createdBefore });
  await each(refunds, signal, failures, async ({ id, createdAt }) => {
    try {
      await finishRefund(deps, id, IMPATIENT);
    } catch (error) {
      const isStuck = createdAt < addSeconds(now, -STUCK_SECONDS);
      if (isStuck) raiseAlert(deps, 'refund_stuck', { refundId: id }, 'a refund has waited for a day');
      throw error;
    }
  });
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} payments could not be reconciled`);
}

async function askAbout(deps: ReconcileDeps, paymentId: string, sessionId: string | null, now: Date): Promise<void> {
  // Asked about or not, others have their turn first.
  await setSettled(deps.db, paymentId, { askedAt: now, isFinal: false });
  if (sessionId !== null) {
    const settled = settleAttempt(deps, paymentId, sessionId, IMPATIENT).then(() => true);
    if (await orNothing(settled)) return;
    raiseAlert(deps, 'needs_review', { paymentId, sessionId }, 'the gateway does not know of this checkout');
  }
  // The answer to its making was lost: nobody was given its page, and who asks for one gets another.
  await closeLostAttempt(deps.db, paymentId, now);
  await setSettled(deps.db, paymentId, { askedAt: now, isFinal: true });
}

/** Does what it takes with each, a few at once; gives how many failed. */
async function each<Item>(
  items: Item[],
  signal: AbortSignal,
  failures: unknown[],
  act: (item: Item) => Promise<void>,
): Promise<number> {
  const before = failures.length;
  for (let start = 0; start < items.length && !signal.aborted; start += AT_ONCE) {
    const settled = await Promise.allSettled(items.slice(start, start + AT_ONCE).map(act));
    failures.push(...settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : [])));
  }
  return failures.length - before;
}
