import { setTimeout } from 'node:timers/promises';
import { isCinemaError } from '@online-cinema/client';

const MOST_TRIES = 20;
const PAUSE_MS = 200;

/** Calls again while the cinema says that it is too busy, as clients do: the machine the tests run on may be. */
export async function patiently<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (tries === MOST_TRIES || !isCinemaError(error, 'unavailable')) throw error;
      await setTimeout(PAUSE_MS);
    }
  }
}
