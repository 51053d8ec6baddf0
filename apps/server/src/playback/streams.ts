import type { ActiveStream } from '@online-cinema/contract/playback';
import { inTransaction } from '@online-cinema/db/transaction';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import {
  deleteSilent,
  deleteStreamOfDevice,
  insertStream,
  lockStreams,
  selectActiveStreams,
  selectStream,
  setSeen,
} from './streams-queries.ts';

/** How long a stream holds its slot after the last sign of life: a request for bytes, or a word of its player. */
const SILENT_AFTER_SECONDS = 60;
/** Until so long after it nobody else can be taking the slot: no lock is needed to keep it. */
const CERTAIN_SECONDS = 45;
/** Signs of life are noted this often at most. */
const NOTED_EVERY_SECONDS = 15;
/** After so long nobody comes back to a stream, and no word of a player is still under way. */
const FORGOTTEN_AFTER_SECONDS = 86_400;

const BATCH_SIZE = 500;

type StreamDeps = Pick<Deps, 'db' | 'config' | 'clock'>;

/** What names a stream: its own id, and of whom and what it must be. */
export type StreamRef = { id: string; userId: string; movieId: string };

/**
 * Takes a slot for a film that starts, and gives its stream's id. A device gives up the slot it had.
 *
 * @throws AppError `too_many_streams` with the streams that hold all slots.
 */
export async function takeStream(
  { db, config, clock }: StreamDeps,
  { userId, movieId, deviceId = null }: { userId: string; movieId: string; deviceId?: string | null | undefined },
): Promise<string> {
  return await inTransaction(db, async (trx) => {
    await lockStreams(trx, userId);
    const now = clock.now();
    if (deviceId !== null) await deleteStreamOfDevice(trx, userId, deviceId);
    const active = await selectActiveStreams(trx, userId, addSeconds(now, -SILENT_AFTER_SECONDS));
    if (active.length >= config.maxStreams) throw tooManyStreams(config, active);
    return await insertStream(trx, { userId, movieId, deviceId, now });
  });
}

/**
 * Notes that a stream lives. One that was silent takes a slot again, if there is one.
 *
 * @param lastSeenAt when it was last seen, as its row says.
 * @returns `null`; or the streams that have all slots by now.
 */
export async function keepStream(
  { db, config, clock }: StreamDeps,
  { id, userId }: Pick<StreamRef, 'id' | 'userId'>,
  lastSeenAt: Date,
): Promise<Active[] | null> {
  const now = clock.now();
  const uncertainSince = addSeconds(now, -CERTAIN_SECONDS);
  if (lastSeenAt > uncertainSince) {
    const unlessSince = addSeconds(now, -NOTED_EVERY_SECONDS);
    if (lastSeenAt <= unlessSince) await setSeen(db, id, { now, unlessSince });
    return null;
  }
  return await inTransaction(db, async (trx) => {
    await lockStreams(trx, userId);
    const active = await selectActiveStreams(trx, userId, addSeconds(now, -SILENT_AFTER_SECONDS));
    const others = active.filter((stream) => stream.id !== id);
    if (others.length >= config.maxStreams) return others;
    await setSeen(trx, id, { now, unlessSince: uncertainSince });
    return null;
  });
}

/** Hears a player speak of its stream. One that was stopped, or has no slot any more, is not missed. */
export async function hearStream(deps: StreamDeps, stream: StreamRef): Promise<void> {
  const row = await selectStream(deps.db, stream);
  if (row) await keepStream(deps, stream, row.lastSeenAt);
}

/** Deletes the streams nobody comes back to, and the numbers of words that are long heard. */
export async function forgetStreams(
  { db, clock, metrics }: Pick<Deps, 'db' | 'clock' | 'metrics'>,
  signal: AbortSignal,
): Promise<void> {
  const since = addSeconds(clock.now(), -FORGOTTEN_AFTER_SECONDS);
  for (const kind of ['playback_streams', 'playback_devices'] as const) {
    while (!signal.aborted) {
      const deleted = await deleteSilent(db, kind, { since, limit: BATCH_SIZE });
      metrics.countDeleted(kind, deleted);
      if (deleted < BATCH_SIZE) break;
    }
  }
}

/** The refusal that names what the account plays. */
export function tooManyStreams({ maxStreams }: Pick<Deps['config'], 'maxStreams'>, active: Active[]): AppError {
  return new AppError('too_many_streams', { details: { maxStreams, streams: active.map(describe) } });
}

type Active = Awaited<ReturnType<typeof selectActiveStreams>>[number];

function describe({ id, deviceId, startedAt, lastSeenAt, movieId, slug, name }: Active): ActiveStream {
  return {
    playbackId: id,
    movie: { id: movieId, slug, name },
    deviceId,
    startedAt: startedAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
  };
}
