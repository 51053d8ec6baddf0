import { createHmac, randomUUID } from 'node:crypto';
import type { StripeEvent } from './store.ts';

/** How deliveries go wrong. `null` (or absent at the start) is the quiet default. */
export interface WebhookSettings {
  /** The one receiver; without it events are made and kept, but sent nowhere. */
  url: string | null;
  /** How long each event is held back, in milliseconds. */
  delayMs: number | null;
  /** Loses deliveries for good: all of them, or the next so many. They are not retried. */
  drop: boolean | number | null;
  /** Sends each event once more, or so many times more. */
  duplicate: boolean | number | null;
  /** Sends events of the same moment in random order. */
  shuffle: boolean | null;
  /** The first retry's distance in milliseconds; it doubles up to 8 s. 500 when `null`. */
  retryMs: number | null;
}

/** One try to hand an event over. */
export interface Delivery {
  id: string;
  eventId: string;
  eventType: string;
  url: string;
  /** 1 for the first try of each copy. */
  attempt: number;
  outcome: 'delivered' | 'failed' | 'dropped';
  /** The receiver's status; `null` when it never answered. */
  status: number | null;
  /** What the receiver said (its first 300 characters), or why it could not be reached. */
  answer: string;
  /** ISO 8601. */
  at: string;
}

/** The way out for events: signed, in parallel, in no promised order, retried until the receiver says 2xx. */
export interface Dispatcher {
  dispatch(event: StripeEvent): void;
  /** Sends one event at once, whatever the settings; resolves when the receiver has answered. */
  resend(event: StripeEvent): Promise<Delivery>;
  /** Sends all that is held back or waits for a retry; resolves when every receiver has answered. */
  flush(): Promise<Delivery[]>;
  configure(changes: Partial<WebhookSettings>): WebhookSettings;
  deliveries(): Delivery[];
  /** Forgets what waits and what was delivered and goes back to the defaults, except for the address. */
  reset(): void;
  stop(): void;
}

interface Job {
  event: StripeEvent;
  attempt: number;
  timer?: NodeJS.Timeout;
}

const MAX_ATTEMPTS = 8;
const MAX_RETRY_MS = 8000;
const RECEIVER_TIMEOUT_MS = 10_000;
const SHUFFLE_WINDOW_MS = 200;
const CALM = { delayMs: null, drop: null, duplicate: null, shuffle: null, retryMs: null };

/** Makes the way out for events. `now` stamps the signatures. */
export function createDispatcher({ secret, now }: { secret: string; now: () => number }): Dispatcher {
  const settings: WebhookSettings = { url: null, ...CALM };
  const waiting = new Set<Job>();
  let log: Delivery[] = [];
  let life = new AbortController();

  function hold(job: Job, delayMs: number): void {
    waiting.add(job);
    job.timer = setTimeout(() => void send(job, false), delayMs).unref();
  }

  async function send(job: Job, forced: boolean): Promise<Delivery> {
    clearTimeout(job.timer);
    waiting.delete(job);
    const { event, attempt } = job;
    const { signal } = life;
    const base = { id: randomUUID(), eventId: event.id, eventType: event.type, url: settings.url ?? '', attempt };
    const at = new Date(now()).toISOString();
    if (!forced && settings.drop) {
      settings.drop = countDown(settings.drop);
      const delivery: Delivery = { ...base, outcome: 'dropped', status: null, answer: 'lost on the way', at };
      log.push(delivery);
      return delivery;
    }
    const answer = await post(base.url, event, signal);
    const delivered = answer.status !== null && answer.status >= 200 && answer.status < 300;
    const delivery: Delivery = { ...base, ...answer, outcome: delivered ? 'delivered' : 'failed', at };
    if (signal.aborted) return delivery; // reset or stopped meanwhile: this belongs to a past life
    log.push(delivery);
    if (delivered) event.pending_webhooks = 0;
    else if (attempt < MAX_ATTEMPTS) {
      hold({ event, attempt: attempt + 1 }, Math.min((settings.retryMs ?? 500) * 2 ** (attempt - 1), MAX_RETRY_MS));
    }
    return delivery;
  }

  async function post(
    url: string,
    event: StripeEvent,
    signal: AbortSignal,
  ): Promise<Pick<Delivery, 'status' | 'answer'>> {
    const body = JSON.stringify(event, null, 2);
    const timestamp = Math.floor(now() / 1000);
    const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual', // Stripe follows none: a redirect is a failed delivery
        signal: AbortSignal.any([signal, AbortSignal.timeout(RECEIVER_TIMEOUT_MS)]),
        headers: {
          'Content-Type': 'application/json; charset=utf-8',
          'Cache-Control': 'no-cache',
          'Stripe-Signature': `t=${timestamp},v1=${signature}`,
          'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        },
        body,
      });
      return { status: response.status, answer: (await response.text()).slice(0, 300) };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return { status: null, answer: cause instanceof Error ? cause.message : String(cause) };
    }
  }

  return {
    dispatch(event) {
      if (settings.url === null) return;
      event.pending_webhooks = 1;
      const copies = 1 + Number(settings.duplicate ?? 0);
      for (let copy = 0; copy < copies; copy += 1) {
        hold(
          { event, attempt: 1 },
          (settings.delayMs ?? 0) + (settings.shuffle ? Math.random() * SHUFFLE_WINDOW_MS : 0),
        );
      }
    },
    resend: (event) => send({ event, attempt: 1 }, true),
    flush() {
      const jobs = [...waiting];
      return Promise.all((settings.shuffle ? shuffled(jobs) : jobs).map((job) => send(job, true)));
    },
    configure: (changes) => Object.assign(settings, changes),
    deliveries: () => [...log],
    reset() {
      life.abort();
      life = new AbortController();
      for (const job of waiting) clearTimeout(job.timer);
      waiting.clear();
      log = [];
      Object.assign(settings, CALM);
    },
    stop() {
      life.abort();
      for (const job of waiting) clearTimeout(job.timer);
      waiting.clear();
      settings.url = null;
    },
  };
}

/** Takes one from a number of times; `true` is for ever, and nothing is left of 1. */
export function countDown(times: boolean | number): boolean | number | null {
  if (typeof times === 'boolean') return times;
  return times > 1 ? times - 1 : null;
}

function shuffled<Item>(items: Item[]): Item[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
