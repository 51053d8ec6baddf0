import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import { type Kysely, sql } from 'kysely';
import type { DB } from '@online-cinema/db/types.gen';
import type { Deps } from '../deps.ts';
import { holdViewer } from './acts-queries.ts';
import { selectCandidates } from './recommendations-candidates.ts';
import { explain, type Chosen } from './recommendations-reasons.ts';
import { makeTaste, selectActedFilms, selectTraits } from './recommendations-taste.ts';

const MOST = 50;
/** So many films of one reason stand in a row before others get their turn. */
const MOST_OF_ONE_REASON = 6;
const BATCH_SIZE = 100;

/** Recommends films to one viewer anew, from all he did so far. What he does meanwhile waits, and counts next time. */
export async function recommendAnew(db: Kysely<DB>, userId: string): Promise<void> {
  await inTransaction(db, async (trx) => {
    if (!(await holdViewer(trx, userId)) || !(await beginComputation(trx, userId))) return;
    await replaceRecommendations(trx, userId, await makePicks(trx, userId));
  });
}

/**
 * Recommends films to all who acted in the last thirty days, where they did something since it was done, or it is a day
 * old: films come and go. One viewer for whom it fails holds up no other.
 *
 * @throws Error when it failed for some, after all others are done.
 */
export async function recommendToActive({ db }: Pick<Deps, 'db'>, signal: AbortSignal): Promise<void> {
  const failures: unknown[] = [];
  let after: string | null = null;
  do {
    const userIds: string[] = await selectStale(db, after);
    for (const userId of userIds) {
      signal.throwIfAborted();
      await recommendAnew(db, userId).catch((error: unknown) => failures.push(error));
    }
    after = userIds.length === BATCH_SIZE ? (userIds.at(-1) ?? null) : null;
  } while (after !== null);
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} viewers got no recommendations`);
}

async function makePicks(trx: Db, userId: string): Promise<Chosen[]> {
  const films = await selectActedFilms(trx, userId);
  const liked = films.filter(({ weight }) => weight > 0);
  if (liked.length === 0) return [];
  const traits = await selectTraits(trx, films);
  const taste = makeTaste(films, traits);
  const candidates = await selectCandidates(trx, { userId, taste, liked });
  return spread(candidates.map((candidate) => explain(candidate, { taste, liked }))).slice(0, MOST);
}

// However much somebody likes one director, not all that is shown is by him.
function spread(picks: Chosen[]): Chosen[] {
  const seen = new Map<string, number>();
  const turns = picks.map((pick) => {
    const count = seen.get(pick.why.text) ?? 0;
    seen.set(pick.why.text, count + 1);
    return { pick, turn: Math.floor(count / MOST_OF_ONE_REASON) };
  });
  return turns.toSorted((one, other) => one.turn - other.turn).map(({ pick }) => pick);
}

/** Notes that what a viewer did until now is being looked at, and holds it; `false` when he never did anything. */
async function beginComputation(trx: Db, userId: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('viewerActs')
    .set({ computedAt: sql<string>`clock_timestamp()`, queuedAt: null })
    .where('userId', '=', userId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

async function replaceRecommendations(trx: Db, userId: string, picks: Chosen[]): Promise<void> {
  await trx.deleteFrom('recommendations').where('userId', '=', userId).execute();
  if (picks.length === 0) return;
  await trx
    .insertInto('recommendations')
    .values(picks.map(({ movieId, why }, rank) => ({ userId, rank, movieId, why: JSON.stringify(why) })))
    .execute();
}

async function selectStale(db: Db, after: string | null): Promise<string[]> {
  const { rows } = await sql<{ userId: string }>`
    select user_id from viewer_acts
    where acted_at > now() - interval '30 days'
      and (computed_at is null or computed_at < acted_at or computed_at < now() - interval '1 day')
      and (${after}::uuid is null or user_id > ${after}::uuid)
    order by user_id limit ${BATCH_SIZE}`.execute(db);
  return rows.map(({ userId }) => userId);
}
