import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { z } from 'zod';
import { defineJob } from '../job.ts';

const BATCH_SIZE = 1_000;

/** Deletes the counts that mean nothing any more. */
export const expiredLimitsJob = defineJob({
  name: 'limits.delete-expired',
  data: z.strictObject({}),
  everySeconds: () => 600,
  async run({ db, clock, metrics }, _data, signal) {
    const now = clock.now();
    while (!signal.aborted) {
      const deleted = await deleteExpiredLimits(db, now);
      metrics.countDeleted('rate_limits', deleted);
      if (deleted < BATCH_SIZE) return;
    }
  },
});

/** Deletes some of the expired rows; how many there were. */
async function deleteExpiredLimits(db: Db, now: Date): Promise<number> {
  // A row that is counted up at this moment is passed over: it is no longer old.
  const { numAffectedRows } = await sql`
    delete from rate_limits where (name, subject) in (
      select name, subject from rate_limits where expires_at <= ${now}
      limit ${BATCH_SIZE} for update skip locked
    )`.execute(db);
  return Number(numAffectedRows ?? 0);
}
