import { LRUCache } from 'lru-cache';
import superjson from 'superjson';
import type { Clock } from './clock.ts';
import { etagOf } from './etag.ts';

/** How long an answer is remembered that shows counters, which change without a word: milliseconds. */
export const COUNTED_MS = 1_000;

/** How long any other is, should the word that it changed get lost: milliseconds. */
export const TOLD_MS = 10_000;

/** What a procedure answered, in the forms it is sent in. */
export type Answer = {
  /** The body over REST, and its name. */
  body: Buffer;
  etag: string;
  /** The body over RPC; of one call. */
  rpcBody(): Buffer;
};

/** Answers of public reads, until somebody tells that they changed. Each process has its own. */
export type AnswerMemory = {
  /** What is remembered under a key. */
  find(key: string): Answer | undefined;
  /**
   * Gives the result remembered under a key for at most `forMs`, or makes it: once, however many ask meanwhile. Results
   * that are not ok are shared with those who wait, and forgotten.
   */
  recall<Result extends Made>(key: string, forMs: number, make: () => Promise<Result>): Promise<Result>;
  /** Forgets everything, also what is being made. */
  clear(): void;
  /** Begins to remember, or stops: without word of changes nothing may be remembered. It begins empty, and stopped. */
  listen(hears: boolean): void;
};

/** What a procedure made: see `MiddlewareResult` of tRPC. */
type Made = { ok: true; data: unknown } | { ok: false };
type Remembered = { result: Made; answer: Answer };

// Beside the text of REST there are that of RPC and the values themselves.
const BYTES_PER_BYTE_OF_JSON = 6;
const BYTES_PER_ENTRY = 500;

/** Makes a memory of at most `megabytes`; of 0 it remembers nothing. */
export function createAnswerMemory({ megabytes, clock }: { megabytes: number; clock: Clock }): AnswerMemory {
  const isUsed = megabytes > 0;
  const maxBytes = Math.max(1, megabytes * 1_000_000);
  const answers = new LRUCache<string, Remembered>({
    maxSize: maxBytes,
    // One answer may not push out all others.
    maxEntrySize: Math.ceil(maxBytes / 4),
    perf: { now: () => clock.now().getTime() },
    // Asked each time: a clock that is moved by hand moves within the millisecond for which the time would be kept.
    ttlResolution: 0,
  });
  let making = new Map<string, Promise<Made>>();
  let hears = false;
  // What began to be read before a change must not be remembered after it.
  let generation = 0;

  function clear(): void {
    generation += 1;
    answers.clear();
    making = new Map();
  }

  async function make(key: string, forMs: number, run: () => Promise<Made>): Promise<Made> {
    const began = generation;
    const result = await run();
    if (!result.ok || began !== generation) return result;
    const answer = toAnswer(result.data);
    const size = BYTES_PER_ENTRY + 2 * key.length + BYTES_PER_BYTE_OF_JSON * answer.body.length;
    answers.set(key, { result, answer }, { ttl: forMs, size });
    return result;
  }

  return {
    find: (key) => answers.get(key)?.answer,
    async recall<Result extends Made>(key: string, forMs: number, run: () => Promise<Result>): Promise<Result> {
      if (!isUsed || !hears) return await run();
      const remembered = answers.get(key);
      // A key names a procedure: what is remembered under it is of its type.
      if (remembered) return remembered.result as Result;
      const shared = making;
      const begun = shared.get(key) ?? make(key, forMs, run).finally(() => shared.delete(key));
      shared.set(key, begun);
      return (await begun) as Result;
    },
    clear,
    listen(now) {
      hears = now;
      clear();
    },
  };
}

/**
 * Names what a call asks for. Null: its input is none that such reads take, and has no name.
 */
export function keyOf(path: string, input: unknown): string | null {
  if (input === undefined) return path;
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return null;
  const fields = Object.entries(input).filter(([, value]) => value !== undefined);
  if (!fields.every(([, value]) => [value].flat().every(isPlain))) return null;
  // Said in any order, it is the same.
  fields.sort(([one], [other]) => (one < other ? -1 : 1));
  return `${path} ${JSON.stringify(fields)}`;
}

// What JSON would write as something else has no place in a name.
function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

/** Puts what a procedure answered in the forms it is sent in. */
export function toAnswer(data: unknown): Answer {
  const body = Buffer.from(JSON.stringify(data));
  let rpcBody: Buffer | undefined;
  return {
    body,
    etag: etagOf(body),
    rpcBody: () => (rpcBody ??= Buffer.from(JSON.stringify({ result: { data: superjson.serialize(data) } }))),
  };
}
