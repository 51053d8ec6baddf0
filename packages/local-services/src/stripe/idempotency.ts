import { isDeepStrictEqual } from 'node:util';
import { invalidRequest, StripeApiError } from './errors.ts';
import type { Params } from './params.ts';

/** What was answered, so that it can be answered again. */
interface SavedAnswer {
  status: number;
  body: string;
  requestId: string;
}

/** The keys seen so far: https://docs.stripe.com/api/idempotent_requests */
export interface IdempotencyKeys {
  /**
   * Claims a key for a call. Answers what was saved under it, or `undefined` when the call has to be done: then
   * {@link save} or {@link release} has to follow.
   *
   * @throws StripeApiError 409 while another call with the key runs, 400 when the key was used for something else
   */
  claim(key: string, path: string, params: Params): SavedAnswer | undefined;
  save(key: string, answer: SavedAnswer): void;
  /** Forgets a claim whose call never began: it was refused, or the network failed before it. */
  release(key: string): void;
  clear(): void;
  /** What is kept, to be kept over a restart. Calls under way are not. */
  entries(): KeptCall[];
  restore(kept: KeptCall[]): void;
}

/** A key with the call it was used for, and its answer. */
export type KeptCall = [key: string, call: { path: string; params: Params; answer: SavedAnswer }];

const MAX_KEY_LENGTH = 255;

export function createIdempotencyKeys(): IdempotencyKeys {
  const calls = new Map<string, { path: string; params: Params; answer?: SavedAnswer }>();
  return {
    claim(key, path, given) {
      // As a file gives them back: form fields come without a prototype.
      const params = structuredClone(given);
      if (key.length > MAX_KEY_LENGTH) {
        throw invalidRequest(`Idempotency keys can be at most ${MAX_KEY_LENGTH} characters long.`);
      }
      const known = calls.get(key);
      if (!known) {
        calls.set(key, { path, params });
        return undefined;
      }
      if (known.path !== path) throw mismatch(key, `for the same endpoint they were first used for ('${known.path}')`);
      if (!isDeepStrictEqual(known.params, params)) {
        throw mismatch(key, 'with the same parameters they were first used with');
      }
      if (!known.answer) throw inProgress(key);
      return known.answer;
    },
    save(key, answer) {
      const known = calls.get(key);
      if (known) known.answer = answer;
    },
    release: (key) => void calls.delete(key),
    clear: () => calls.clear(),
    entries: () =>
      [...calls].flatMap(([key, { path, params, answer }]): KeptCall[] =>
        answer ? [[key, { path, params, answer }]] : [],
      ),
    restore(kept) {
      for (const [key, call] of kept) calls.set(key, call);
    },
  };
}

function mismatch(key: string, rest: string): StripeApiError {
  return new StripeApiError(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used ${rest}. Try using a key other than '${key}' if you meant to execute a different request.`,
  });
}

function inProgress(key: string): StripeApiError {
  return new StripeApiError(409, {
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
  });
}
