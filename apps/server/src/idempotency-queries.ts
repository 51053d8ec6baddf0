import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql } from 'kysely';

/** A request with a key, and who works on it. */
export type Claim = { userId: string; key: string; procedure: string; inputHash: Buffer; claimId: string };

/** Takes a key to work on; `false` when it is used, or somebody else works on the same. Old ones are as good as new. */
export async function insertClaim(
  db: Db,
  claim: Claim & { claimedUntil: Date; expiresAt: Date },
  now: Date,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('idempotencyKeys')
    .values(claim)
    .onConflict((conflict) =>
      conflict
        .columns(['userId', 'key'])
        .doUpdateSet((eb) => ({
          procedure: eb.ref('excluded.procedure'),
          inputHash: eb.ref('excluded.inputHash'),
          claimId: eb.ref('excluded.claimId'),
          claimedUntil: eb.ref('excluded.claimedUntil'),
          expiresAt: eb.ref('excluded.expiresAt'),
          output: null,
        }))
        .where((eb) =>
          eb.or([
            eb('idempotencyKeys.expiresAt', '<=', now),
            // Who worked on it has died.
            eb.and([
              eb('idempotencyKeys.output', 'is', null),
              eb('idempotencyKeys.claimedUntil', '<=', now),
              eb('idempotencyKeys.procedure', '=', claim.procedure),
              eb('idempotencyKeys.inputHash', '=', claim.inputHash),
            ]),
          ]),
        ),
    )
    .executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** What is known of a key: whether it was this request, and its output; null while somebody works on it. */
export async function selectKept(
  db: Db,
  { userId, key, procedure, inputHash }: Omit<Claim, 'claimId'>,
): Promise<{ isSame: boolean; output: string | null } | undefined> {
  const row = await db
    .selectFrom('idempotencyKeys')
    .where('userId', '=', userId)
    .where('key', '=', key)
    .select(['procedure', 'inputHash', 'output'])
    .executeTakeFirst();
  return row && { isSame: row.procedure === procedure && row.inputHash.equals(inputHash), output: row.output };
}

/** Keeps an output; `false` when the key is no longer this one's to work on. */
export async function setOutput(trx: Db, { userId, key, claimId }: Claim, output: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('idempotencyKeys')
    .set({ output })
    .where('userId', '=', userId)
    .where('key', '=', key)
    .where('claimId', '=', claimId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Frees a key whose request was not answered. */
export async function deleteClaim(db: Db, { userId, key, claimId }: Claim): Promise<void> {
  await db
    .deleteFrom('idempotencyKeys')
    .where('userId', '=', userId)
    .where('key', '=', key)
    .where('claimId', '=', claimId)
    .where('output', 'is', null)
    .execute();
}

/** Deletes some of the answers whose time is over. */
export function deleteExpiredKeys(now: Date, limit: number): RawBuilder<unknown> {
  return sql`
    delete from idempotency_keys where (user_id, key) in (
      select user_id, key from idempotency_keys where expires_at <= ${now} limit ${limit} for update skip locked
    )`;
}
