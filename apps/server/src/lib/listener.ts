import pg from 'pg';
import type { Log } from './log.ts';

const TIMEOUT_MS = 5_000;
/** How long a connection that is dead without a word may go unnoticed. */
const CHECK_EVERY_MS = 5_000;
const RETRY_FIRST_MS = 100;
const RETRY_MOST_MS = 5_000;

/** Shown by Postgres beside the connection that listens. */
export const LISTENER_NAME = 'online-cinema-listener';

/** Somebody who wants to know what is told on a channel. None of these may throw. */
export type Hearer = {
  /** Something was told. */
  onNotice(payload: string): void;
  /** From now on everything is heard. What was told before may have been missed. */
  onHearing?(): void;
  /** From now on nothing is heard, until `onHearing`. */
  onDeaf?(): void;
};

/** Hears what other processes, and this one, tell with NOTIFY. */
export type Listener = {
  /** Listens on a channel until the function it gives is called. Connects when the first one listens. */
  listen(channel: string, hearer: Hearer): () => void;
  close(): Promise<void>;
};

/**
 * Makes a listener: one connection for all channels of this process, opened again whenever it breaks.
 *
 * LISTEN belongs to a connection: `url` must lead to Postgres itself, or to a PgBouncer that pools sessions.
 */
export function createListener({ url, log }: { url: string; log: Log }): Listener {
  const channels = new Map<string, Set<Hearer>>();
  let client: pg.Client | null = null;
  let isHearing = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let retryMs = RETRY_FIRST_MS;

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: url,
      application_name: LISTENER_NAME,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      keepAlive: true,
    });
    client = next;
    next.on('error', (error) => lose(next, error));
    next.on('end', () => lose(next));
    next.on('notification', ({ channel, payload = '' }) => {
      for (const hearer of channels.get(channel) ?? []) hearer.onNotice(payload);
    });
    try {
      await next.connect();
      // One that is added meanwhile is asked for too.
      for (const channel of channels.keys()) await next.query(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      return lose(next, error);
    }
    if (client !== next) return;
    isHearing = true;
    retryMs = RETRY_FIRST_MS;
    for (const hearer of allHearers()) hearer.onHearing?.();
    check(next);
  }

  // A connection that breaks says so several ways; the first counts.
  function lose(lost: pg.Client, error?: unknown): void {
    if (client !== lost) return;
    client = null;
    clearTimeout(timer);
    lost.end().catch(() => {});
    if (isHearing) for (const hearer of allHearers()) hearer.onDeaf?.();
    isHearing = false;
    if (isClosed) return;
    log.warn({ err: error, retryMs }, 'notices of the database are not heard');
    timer = setTimeout(() => void connect(), retryMs).unref();
    retryMs = Math.min(2 * retryMs, RETRY_MOST_MS);
  }

  function check(listening: pg.Client): void {
    timer = setTimeout(() => {
      listening.query('select 1').then(
        () => client === listening && check(listening),
        (error: unknown) => lose(listening, error),
      );
    }, CHECK_EVERY_MS).unref();
  }

  // While the connection is being opened, whoever opens it asks for every channel there is.
  async function join(channel: string, hearer: Hearer): Promise<void> {
    const listening = client;
    if (!listening || !isHearing) return;
    try {
      await listening.query(`listen ${pg.escapeIdentifier(channel)}`);
      if (client === listening && channels.get(channel)?.has(hearer)) hearer.onHearing?.();
    } catch (error) {
      lose(listening, error);
    }
  }

  function allHearers(): Hearer[] {
    return [...channels.values()].flatMap((hearers) => [...hearers]);
  }

  return {
    listen(channel, hearer) {
      if (isClosed) throw new Error('The listener is closed.');
      const hearers = channels.get(channel) ?? new Set();
      channels.set(channel, hearers.add(hearer));
      // Nobody has listened before, or the connection is lost and its timer runs.
      if (client === null && timer === undefined) void connect();
      else void join(channel, hearer);
      return () => hearers.delete(hearer);
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
