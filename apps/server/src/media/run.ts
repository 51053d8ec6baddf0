import type { Db } from '@online-cinema/db/open';
import type { Deps } from '../deps.ts';

/** What the work on films reaches. */
export type MediaDeps = Pick<Deps, 'db' | 'storage' | 'queue' | 'config' | 'ffmpeg' | 'log'>;

/** How a run goes on: it hears of its end through `signal`, and leaves what is still to do to `handOn`. */
export type Run = { signal: AbortSignal; handOn: (trx: Db) => Promise<void> };
