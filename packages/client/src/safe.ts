import type { CinemaError } from './errors.ts';

/** What came of a call: its answer, or why there is none. */
export type Outcome<Data> =
  | { readonly data: Data; readonly error: null }
  | { readonly data: null; readonly error: CinemaError | UnansweredError };

/** Nobody answered: no network, no answer in time, a call that was aborted. It has no reason. */
export type UnansweredError = Error & { readonly data?: undefined };

/**
 * Waits for a call without throwing.
 *
 * @example
 * const { data, error } = await cinema.$safe(cinema.orders.create.mutate({ expectedTotal }));
 * if (error?.data?.reason === 'price_changed') show(error.data.newTotal);
 */
export async function safe<Data>(call: Promise<Data>): Promise<Outcome<Data>> {
  try {
    return { data: await call, error: null };
  } catch (error) {
    return { data: null, error: error instanceof Error ? error : new Error(String(error)) };
  }
}
