import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql } from 'kysely';
import type { Deps } from '../deps.ts';
import { deleteExpiredKeys } from '../idempotency-queries.ts';
import { addSeconds } from '../lib/clock.ts';

// Small, so that no statement holds its locks for long.
const BATCH_SIZE = 500;

/** How long an address that was changed waits for the mail that tells it so; that is given up long before. */
const OLD_ADDRESS_LIFE_SECONDS = 7 * 86_400;

/** Deletes what lets nobody in any more: links and sessions that ran out, and addresses that nobody will be told about. */
export async function cleanUpAccounts(
  { db, clock, metrics }: Pick<Deps, 'db' | 'clock' | 'metrics'>,
  signal: AbortSignal,
): Promise<void> {
  const now = clock.now();
  const expired: Record<string, (limit: number) => RawBuilder<unknown>> = {
    // An address that waits to be confirmed goes with its link.
    one_time_tokens: (limit) => sql`
      delete from one_time_tokens where id in (
        select id from one_time_tokens where expires_at <= ${now} limit ${limit} for update skip locked
      )`,
    sessions: (limit) => sql`
      delete from sessions where id in (
        select id from sessions where idle_expires_at <= ${now} or expires_at <= ${now}
        limit ${limit} for update skip locked
      )`,
    email_changes: (limit) => sql`
      delete from email_changes where id in (
        select id from email_changes
        where token_id is null and uuid_extract_timestamp(id) <= ${addSeconds(now, -OLD_ADDRESS_LIFE_SECONDS)}
        limit ${limit} for update skip locked
      )`,
    idempotency_keys: (limit) => deleteExpiredKeys(now, limit),
  };
  for (const [kind, deleteSome] of Object.entries(expired)) {
    while (!signal.aborted) {
      const deleted = await countDeleted(db, deleteSome(BATCH_SIZE));
      metrics.countDeleted(kind, deleted);
      if (deleted < BATCH_SIZE) break;
    }
  }
}

async function countDeleted(db: Db, statement: RawBuilder<unknown>): Promise<number> {
  return Number((await statement.execute(db)).numAffectedRows ?? 0);
}
