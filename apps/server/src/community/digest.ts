import { inTransaction } from '@online-cinema/db/transaction';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { noteDigest, selectUsersToDigest, setDigested } from './digest-queries.ts';
import { likesDigestMail } from './notifications-jobs.ts';

const PAUSE_SECONDS = 86_400;
const BATCH_SIZE = 200;
const KIND = 'comment_like';

/**
 * Enqueues a mail for everybody with likes that were neither read nor mailed, and who got none within a day: each in a
 * transaction of its own with what is in it, so that runs at once, or one that is repeated, make one mail.
 */
export async function sendDigests({ db, queue, clock }: Pick<Deps, 'db' | 'queue' | 'clock'>, signal: AbortSignal) {
  const now = clock.now();
  const lastBefore = addSeconds(now, -PAUSE_SECONDS);
  let after: string | null = null;
  do {
    signal.throwIfAborted();
    const userIds: string[] = await selectUsersToDigest(db, { kind: KIND, lastBefore, after, limit: BATCH_SIZE });
    for (const userId of userIds) {
      await inTransaction(db, async (trx) => {
        if (!(await noteDigest(trx, userId, { now, lastBefore }))) return;
        if (!(await setDigested(trx, userId, KIND, now))) return;
        await queue.enqueue(trx, likesDigestMail, { userId, digestedAt: now.toISOString() });
      });
    }
    after = userIds.at(-1) ?? null;
  } while (after !== null);
}
