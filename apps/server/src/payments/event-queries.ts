import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

/** Keeps an event of Stripe; `false` when it is here already. */
export async function insertStripeEvent(
  db: Db,
  event: { id: string; type: string; payload: string },
): Promise<boolean> {
  const row = await db
    .insertInto('stripeEvents')
    .values({ id: event.id, type: event.type, payload: sql`${event.payload}::jsonb` })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** An event as Stripe sent it. The plugin that renames keys must not touch what stands inside. */
export async function selectStripeEvent(db: Db, eventId: string): Promise<unknown> {
  const row = await db
    .withoutPlugins()
    .selectFrom('stripe_events' as never)
    .where('id' as never, '=', eventId as never)
    .select(sql<unknown>`payload`.as('payload'))
    .executeTakeFirst();
  return row?.payload;
}

/** Tells whether an event came longer ago than so many seconds. */
export async function isEventOlder(db: Db, eventId: string, seconds: number): Promise<boolean> {
  const row = await db
    .selectFrom('stripeEvents')
    .where('id', '=', eventId)
    .where(sql<boolean>`received_at < now() - make_interval(secs => ${seconds})`)
    .select('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes when an event was dealt with. */
export async function setEventProcessed(db: Db, eventId: string, processedAt: Date): Promise<void> {
  await db.updateTable('stripeEvents').set({ processedAt }).where('id', '=', eventId).execute();
}
