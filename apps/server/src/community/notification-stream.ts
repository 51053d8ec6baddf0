import type { Notification, StreamTicket } from '@online-cinema/contract/notifications';
import { tracked, type TrackedEnvelope, TRPCError } from '@trpc/server';
import { type Caller, isSignedIn } from '../context.ts';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { toTrpcError } from '../lib/problems.ts';
import type { Limit } from '../lib/rate-limit.ts';
import type { Seat } from '../lib/user-streams.ts';
import { toNotification } from './notifications.ts';
import { insertStreamTicket, selectEvents, selectLastEventId } from './notifications-queries.ts';

const TICKET_SECONDS = 30;
const TICKET_LIMIT: Limit = { windows: [{ count: 60, seconds: 60 }] };
/** However quiet it is, a stream looks that often whether its session lives, and whether it was told something unheard. */
const LOOK_EVERY_MS = 30_000;
const EVENTS_AT_ONCE = 50;

/**
 * Gives a ticket that opens one stream for the caller's session, and tells where that stream is to begin: after
 * `lastEventId`, or with what is told from now on.
 *
 * @throws AppError `too_many_requests`.
 */
export async function issueStreamTicket(
  { db, clock, limits, oneTimeTokens }: Pick<Deps, 'db' | 'clock' | 'limits' | 'oneTimeTokens'>,
  { userId, sessionId }: Caller,
  lastEventId?: string,
): Promise<StreamTicket> {
  await limits.take('notifications.ticket', userId, TICKET_LIMIT);
  const now = clock.now();
  const id = await insertStreamTicket(db, { sessionId, expiresAt: addSeconds(now, TICKET_SECONDS), now });
  return {
    ticket: oneTimeTokens.derive('stream', id),
    expiresIn: TICKET_SECONDS,
    lastEventId: String(await startOf({ db }, userId, lastEventId)),
  };
}

type StreamDeps = Pick<Deps, 'db' | 'clock' | 'log' | 'streams'>;

/**
 * Opens a stream of what a user is told, each with the id to go on after. It reads from the database as fast as it is
 * read, and keeps nothing: whoever is slow, or comes back to another process, misses nothing and hears nothing twice.
 *
 * @throws AppError `too_many_requests`, `unavailable`; the stream itself ends with `not_authenticated` soon after its
 * session, and breaks off, so that it is opened again, when this process stops or can't read.
 */
export async function openStream(
  deps: StreamDeps,
  caller: Caller,
  { lastEventId, signal }: { lastEventId: string | undefined; signal: AbortSignal | undefined },
): Promise<AsyncGenerator<TrackedEnvelope<Notification>, void, unknown>> {
  const seat = deps.streams.open(caller.userId, signal);
  try {
    return follow(deps, caller, { seat, start: await startOf(deps, caller.userId, lastEventId), signal });
  } catch (error) {
    seat.leave();
    throw error;
  }
}

async function* follow(
  { db, clock, log }: StreamDeps,
  caller: Caller,
  { seat, start, signal }: { seat: Seat; start: number; signal: AbortSignal | undefined },
): AsyncGenerator<TrackedEnvelope<Notification>, void, unknown> {
  let last = start;
  try {
    while (!seat.isOver) {
      if (!(await isSignedIn({ db, clock }, caller))) throw toTrpcError(new AppError('not_authenticated'));
      const events = await selectEvents(db, caller.userId, last, EVENTS_AT_ONCE);
      for (const { eventId, ...row } of events) {
        yield tracked(String(eventId), toNotification(row));
        last = eventId;
      }
      if (events.length < EVENTS_AT_ONCE) await seat.wait(LOOK_EVERY_MS);
    }
  } catch (error) {
    if (error instanceof TRPCError) throw error;
    log.warn({ err: error }, 'a stream of notifications broke off');
  } finally {
    seat.leave();
  }
  // Who has left hears no error, and tRPC may have nobody to give it to: it would be a rejection that nobody waits for.
  if (signal?.aborted) return;
  // A stream that just ends has said all there is, and is not asked for again.
  throw new DOMException('The stream breaks off.', 'AbortError');
}

// An id from before the database was set back would wait for what has been told already.
async function startOf({ db }: Pick<Deps, 'db'>, userId: string, lastEventId: string | undefined): Promise<number> {
  const last = await selectLastEventId(db, userId);
  return lastEventId === undefined ? last : Math.min(Number(lastEventId), last);
}
