import { TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { isCinemaError, toClientError } from './errors.ts';
import type { CinemaRouter } from './router.gen.ts';
import type { SessionKeeper } from './session.ts';
import { joinSignals, onAbort } from './signals.ts';
import { wire } from './wire.ts';

/** What a stream is opened with: the global of browsers, or a package that does the same elsewhere. */
export type EventSourceConstructor = new (url: string, options?: { withCredentials?: boolean }) => EventSourceLike;

type EventSourceLike = {
  addEventListener(type: string, listener: (event: Event) => void): void;
  close(): void;
};

/** What an event has beside its type. */
type StreamEvent = Event & { readonly data?: unknown; readonly lastEventId?: string };

/** Opens one stream, once, which goes on after `lastEventId`. */
type Ticket = { ticket: string; lastEventId: string };

export type StreamOptions = {
  url: string;
  EventSource: EventSourceConstructor | undefined;
  session: Pick<SessionKeeper, 'forCall'>;
  takeTicket: (input: { lastEventId?: string }, options: { signal: AbortSignal }) => Promise<Ticket>;
  /** Ends all streams. */
  disposal: AbortSignal;
};

/** The first wait before a stream is opened again, and the longest; each is drawn from its second half. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 30_000;
/** After this silence a connection is believed to be gone, unless the cinema has said another. */
const LONGEST_SILENCE_MS = 60_000;

/**
 * Keeps a subscription going over as many connections as it takes, each with a ticket of its own and after the last
 * event that came. It ends with an error when no ticket is given for good: the session has ended, or the input is wrong.
 */
export function streamLink(options: StreamOptions): TRPCLink<CinemaRouter> {
  return () =>
    ({ op }) =>
      observable((observer) => {
        const over = new AbortController();
        const sessionChanged = new Error('Another sign-in or sign-out came after this one.');
        let lastEventId = lastEventIdOf(op.input);
        let owner: string | undefined;
        let source: EventSourceLike | undefined;
        let silenceMs = LONGEST_SILENCE_MS;
        let timer: ReturnType<typeof setTimeout> | undefined;
        let failures = 0;
        let startedAt = Infinity;

        async function takeTicket(): Promise<string> {
          owner ??= (await options.session.forCall())?.id;
          const input = lastEventId === undefined ? {} : { lastEventId };
          const given = await options.takeTicket(input, { signal: over.signal });
          if ((await options.session.forCall())?.id !== owner) throw sessionChanged;
          lastEventId = given.lastEventId;
          return given.ticket;
        }

        async function connect(): Promise<void> {
          const EventSource = options.EventSource ?? globalThis.EventSource;
          if (!EventSource) throw NO_EVENT_SOURCE;
          observer.next({ result: { type: 'state', state: 'connecting', error: null } });
          const ticket = await takeTicket();
          if (over.signal.aborted) return;
          source = new EventSource(addressOf(options.url, op.path, ticket, lastEventId));
          const on = (type: string, take: (event: StreamEvent) => void) =>
            source?.addEventListener(type, (event) => {
              listenOn();
              take(event);
            });
          on('connected', ({ data }) => {
            silenceMs = readSilence(data);
            listenOn();
            startedAt = Date.now();
            observer.next({ result: { type: 'started' } });
            observer.next({ result: { type: 'state', state: 'pending', error: null } });
          });
          on('ping', () => {});
          on('message', ({ data, lastEventId: id }) => {
            const value = wire.deserialize(JSON.parse(String(data)));
            lastEventId = id || lastEventId;
            observer.next({ result: id ? { id, data: { id, data: value } } : { data: value } });
          });
          on('serialized-error', ({ data }) =>
            fail(TRPCClientError.from<CinemaRouter>({ error: wire.deserialize(JSON.parse(String(data))) } as never)),
          );
          on('return', () => {
            observer.next({ result: { type: 'stopped' } });
            observer.complete();
          });
          // An EventSource that connects again by itself would do so with the ticket it has used.
          on('error', () => fail(new Error('The connection broke.')));
          listenOn();
        }

        // A connection may be gone without a word: the cinema says after which silence that is to be believed.
        function listenOn(): void {
          clearTimeout(timer);
          timer = setTimeout(() => fail(new Error('Nothing was heard for too long.')), silenceMs);
        }

        function fail(error: Error): void {
          source?.close();
          source = undefined;
          retryLater(error);
        }

        function open(): void {
          connect().catch((error: unknown) => {
            if (over.signal.aborted) return;
            if (error === sessionChanged || error === NO_EVENT_SOURCE || isFinal(error))
              observer.error(toClientError(error));
            else retryLater(error);
          });
        }

        function retryLater(error: unknown): void {
          if (over.signal.aborted) return;
          observer.next({ result: { type: 'state', state: 'connecting', error: toClientError(error) } });
          if (Date.now() - startedAt > RETRY_MOST_MS) failures = 0;
          startedAt = Infinity;
          const waitMs = Math.min(RETRY_FIRST_MS * 2 ** failures, RETRY_MOST_MS);
          failures += 1;
          clearTimeout(timer);
          timer = setTimeout(open, waitMs * (0.5 + Math.random() / 2));
        }

        const { controller: end, release } = joinSignals([op.signal, options.disposal]);
        const stop = onAbort(end.signal, () => observer.complete());
        if (!end.signal.aborted) open();
        return () => {
          stop();
          release();
          over.abort();
          clearTimeout(timer);
          source?.close();
        };
      });
}

const NO_EVENT_SOURCE = new Error(
  'There is no EventSource here: give createCinemaClient one, such as that of `eventsource`.',
);

function addressOf(url: string, path: string, ticket: string, lastEventId: string | undefined): string {
  const encode = (value: unknown) => encodeURIComponent(JSON.stringify(value));
  const input = wire.serialize(lastEventId === undefined ? {} : { lastEventId });
  return `${url}/${path}?connectionParams=${encode({ ticket })}&input=${encode(input)}`;
}

function readSilence(data: unknown): number {
  const { reconnectAfterInactivityMs } = JSON.parse(String(data)) as { reconnectAfterInactivityMs?: unknown };
  return typeof reconnectAfterInactivityMs === 'number' ? reconnectAfterInactivityMs : LONGEST_SILENCE_MS;
}

/** A refusal that will be no other the next time. */
function isFinal(error: unknown): boolean {
  if (!isCinemaError(error)) return false;
  const { httpStatus } = error.data;
  return httpStatus < 500 && httpStatus !== 408 && httpStatus !== 429;
}

function lastEventIdOf(input: unknown): string | undefined {
  const given = typeof input === 'object' && input !== null && 'lastEventId' in input ? input.lastEventId : undefined;
  return typeof given === 'string' ? given : undefined;
}
