import type { Kysely } from 'kysely';
import type { DB } from '@online-cinema/db/types.gen';
import type Stripe from 'stripe';
import type { Config } from './config.ts';
import type { Clock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import type { Mailer } from './lib/mailer.ts';
import type { MediaGrants } from './lib/media-grants.ts';
import type { OneTimeTokens } from './lib/one-time-tokens.ts';
import type { Passwords } from './lib/passwords.ts';
import type { Queue } from './lib/queue.ts';
import type { Storage } from './lib/storage.ts';
import type { Tokens } from './lib/tokens.ts';

/** What the domain may reach. Made once, in `app.ts`; a function asks for the part it needs. */
export type Deps = {
  config: Config;
  db: Kysely<DB>;
  queue: Queue;
  mailer: Mailer;
  storage: Storage;
  passwords: Passwords;
  tokens: Tokens;
  oneTimeTokens: OneTimeTokens;
  mediaGrants: MediaGrants;
  stripe: Stripe;
  clock: Clock;
  log: Log;
};
