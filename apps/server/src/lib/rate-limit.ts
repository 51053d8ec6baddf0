import { createHmac } from 'node:crypto';
import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql } from 'kysely';
import { addSeconds, type Clock } from './clock.ts';
import { AppError } from './errors.ts';
import { deriveKey } from './one-time-tokens.ts';

/** At most `count` within any `seconds`. */
export type Window = { count: number; seconds: number };

/** Some tries are free; each further one has to wait, twice as long as the one before it, up to the longest delay. */
export type Delays = { free: number; firstSeconds: number; longestSeconds: number; forgottenAfterSeconds: number };

/** How often something may be done. Every one of the windows must have room. */
export type Limit = { windows: readonly [Window, ...Window[]] } | { delays: Delays };

/** One try: what, by whom, and how often that may be. */
export type Try = { name: string; subject: string; limit: Limit };

/**
 * Counts, for all processes together, how often a subject did something: an address, an account, a network. `name` says
 * what. Nothing is free when the database is away: each method then fails with the database's error.
 */
export type RateLimiter = {
  /**
   * Counts one try before it is made, so that many at once are counted too. A refused one does not count.
   *
   * @throws AppError `too_many_requests`, with the whole seconds until the next try is free.
   */
  take(name: string, subject: string, limit: Limit): Promise<void>;
  /** The same for several at once, in this order: those after a refused one are not counted. */
  takeAll(tries: readonly Try[]): Promise<void>;
  /** The same for whom must not be told: `false` where `take` refuses. */
  tryTake(name: string, subject: string, limit: Limit): Promise<boolean>;
  /** Takes back a try that could not be made. */
  giveBack(name: string, subject: string): Promise<void>;
  /** Forgets every try of a subject. */
  clear(name: string, subject: string): Promise<void>;
};

/** How long a process believes its own memory before it asks again: another one may have cleared the subject. */
const BELIEVED_MS = 5_000;
const REMEMBERED_SUBJECTS = 10_000;

/** Makes a limiter over the table `rate_limits`. Subjects are kept as HMAC, under a key derived from `secret`. */
export function createRateLimiter({ db, clock, secret }: { db: Db; clock: Clock; secret: string }): RateLimiter {
  const key = deriveKey(secret, 'rate-limits');
  const hash = (name: string, subject: string) => createHmac('sha256', key).update(`${name}:${subject}`).digest();
  const blocked = createMemory();

  /** When the first that is refused is free, in ms since 1970; null when none was, and all are counted. */
  async function findBlock(tries: readonly Try[]): Promise<number | null> {
    const now = clock.now();
    const hits = tries.map((each) => ({ ...each, subject: hash(each.name, each.subject) }));
    const known = hits.map(({ subject }) => blocked.get(subject, now));
    const refused = known.findIndex((freeAtMs) => freeAtMs !== null);
    const counted = refused < 0 ? hits : hits.slice(0, refused);
    const freeAt = counted.length === 0 ? [] : await upsertHits(db, counted, now);
    const [last, lastFreeAt] = [counted[freeAt.length - 1], freeAt.at(-1)];
    if (!last || !lastFreeAt || lastFreeAt <= now) return known[refused] ?? null;
    blocked.set(last.subject, lastFreeAt.getTime(), now);
    return lastFreeAt.getTime();
  }

  async function takeAll(tries: readonly Try[]): Promise<void> {
    const freeAtMs = await findBlock(tries);
    if (freeAtMs === null) return;
    const retryAfterSeconds = Math.max(1, Math.ceil((freeAtMs - clock.now().getTime()) / 1000));
    throw new AppError('too_many_requests', { retryAfterSeconds, details: { retryAfterSeconds } });
  }

  return {
    take: async (name, subject, limit) => await takeAll([{ name, subject, limit }]),
    takeAll,
    tryTake: async (name, subject, limit) => (await findBlock([{ name, subject, limit }])) === null,
    async giveBack(name, subject) {
      const hashed = hash(name, subject);
      blocked.delete(hashed);
      await deleteNewestHit(db, name, hashed);
    },
    async clear(name, subject) {
      const hashed = hash(name, subject);
      blocked.delete(hashed);
      await db.deleteFrom('rateLimits').where('name', '=', name).where('subject', '=', hashed).execute();
    },
  };
}

/** A limiter that lets everything pass, for where `RATE_LIMITS` is off. */
export const noLimits: RateLimiter = {
  take: async () => {},
  takeAll: async () => {},
  tryTake: async () => true,
  giveBack: async () => {},
  clear: async () => {},
};

// Not `now`: of two tries at once the one that read the clock first may be counted last.
const FREE_LONG_AGO = sql<Date>`timestamptz 'epoch'`;

type Hit = { name: string; subject: Buffer; limit: Limit };

/**
 * Counts hits, each unless its subject has to wait, and then none after it: for each that was looked at, when the subject
 * was free before it, or null for the first. One statement, which begins so that it is prepared once in a connection.
 */
async function upsertHits(db: Db, hits: readonly Hit[], now: Date): Promise<(Date | null)[]> {
  const at = sql`${now}::timestamptz`;
  const table = (place: number) => sql.table(`hit_${place}`);
  const steps = hits.map((hit, place) => {
    const isNext = sql`select from ${table(place - 1)} before where before.free_at is null or before.free_at <= ${at}`;
    return sql`${table(place)} as (${upsertHit(hit, at, addSeconds(now, secondsOf(hit.limit)), place > 0 ? isNext : null)})`;
  });
  const results = hits.map((_, place) => sql`select ${sql.lit(place)} as place, free_at from ${table(place)}`);
  const { rows } = await sql<{
    freeAt: Date | null;
  }>`with ${sql.join(steps)} ${sql.join(results, sql` union all `)} order by place`.execute(db);
  return rows.map(({ freeAt }) => freeAt);
}

function upsertHit(
  { name, subject, limit }: Hit,
  at: RawBuilder<unknown>,
  expiresAt: Date,
  onlyIf: RawBuilder<unknown> | null,
): RawBuilder<unknown> {
  const first = sql`array[${at}]`;
  return sql`
    insert into rate_limits as kept (name, subject, hits, free_at, expires_at)
    select ${name}::text, ${subject}::bytea, ${first}, ${freeAfter(limit, first, at)}, ${expiresAt}::timestamptz
    ${onlyIf ? sql`where exists (${onlyIf})` : sql``}
    on conflict (name, subject) do update set (hits, free_at, expires_at) = (
      select next.hits, ${freeAfter(limit, sql`next.hits`, at)}, excluded.expires_at
      from (
        select (case when kept.expires_at <= ${at} then excluded.hits else excluded.hits || kept.hits end)
          [1:${sql.lit(hitsKept(limit))}] as hits
      ) as next
      where kept.free_at <= ${at}
      union all
      select kept.hits, kept.free_at, kept.expires_at where kept.free_at > ${at}
    )
    returning old.free_at`;
}

/** When the next hit is free once these, newest first, have been counted. */
function freeAfter(limit: Limit, hits: RawBuilder<unknown>, now: RawBuilder<unknown>): RawBuilder<unknown> {
  if ('windows' in limit) {
    // A window is full while the oldest of the hits that fill it is still inside. `greatest` passes over nulls.
    const ends = limit.windows.map(
      ({ count, seconds }) => sql`(${hits})[${sql.lit(count)}] + make_interval(secs => ${sql.lit(seconds)})`,
    );
    return sql`greatest(${FREE_LONG_AGO}, ${sql.join(ends)})`;
  }
  const { free, firstSeconds, longestSeconds } = limit.delays;
  const steps = sql`cardinality(${hits}) - ${sql.lit(free)}`;
  const seconds = sql`least(${sql.lit(firstSeconds)} * power(2, ${steps}), ${sql.lit(longestSeconds)})`;
  return sql`case when ${steps} < 0 then ${FREE_LONG_AGO} else ${now} + make_interval(secs => ${seconds}) end`;
}

function secondsOf(limit: Limit): number {
  return 'windows' in limit
    ? Math.max(...limit.windows.map((window) => window.seconds))
    : limit.delays.forgottenAfterSeconds;
}

function hitsKept(limit: Limit): number {
  if ('windows' in limit) return Math.max(...limit.windows.map((window) => window.count));
  // As many as it takes to double from the first delay to the longest.
  const { free, firstSeconds, longestSeconds } = limit.delays;
  return free + Math.ceil(Math.log2(longestSeconds / firstSeconds));
}

// Without the newest there is room again, as there was before it.
async function deleteNewestHit(db: Db, name: string, subject: Buffer): Promise<void> {
  await db
    .updateTable('rateLimits')
    .set({ hits: sql`hits[2:]`, freeAt: FREE_LONG_AGO })
    .where('name', '=', name)
    .where('subject', '=', subject)
    .execute();
}

/** Remembers who is blocked anyway, so that a flood of tries is refused without asking the database each time. */
function createMemory() {
  const blocks = new Map<string, { freeAtMs: number; askAtMs: number }>();
  const keyOf = (subject: Buffer) => subject.toString('base64');
  return {
    get(subject: Buffer, now: Date): number | null {
      const block = blocks.get(keyOf(subject));
      if (!block) return null;
      if (block.askAtMs > now.getTime()) return block.freeAtMs;
      blocks.delete(keyOf(subject));
      return null;
    },
    set(subject: Buffer, freeAtMs: number, now: Date): void {
      // The oldest goes: it costs one question more.
      const [oldest] = blocks.keys();
      if (blocks.size >= REMEMBERED_SUBJECTS && oldest !== undefined) blocks.delete(oldest);
      blocks.set(keyOf(subject), { freeAtMs, askAtMs: Math.min(freeAtMs, now.getTime() + BELIEVED_MS) });
    },
    delete(subject: Buffer): void {
      blocks.delete(keyOf(subject));
    },
  };
}
