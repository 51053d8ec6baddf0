import { join } from 'node:path';
import { openDb } from '@online-cinema/db/open';
import { migrate } from '@online-cinema/db/migrate';
import type { Config } from './config.ts';
import type { Deps } from './deps.ts';
import { createHttpServer } from './http/server.ts';
import { JOBS } from './jobs.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { createLog, type Log } from './lib/log.ts';
import { createMailer } from './lib/mailer.ts';
import { createMediaGrants } from './lib/media-grants.ts';
import { createOneTimeTokens } from './lib/one-time-tokens.ts';
import { createPasswords, type PasswordCost, PRODUCTION_COST } from './lib/passwords.ts';
import { createBoss, createQueue, installQueues } from './lib/queue.ts';
import { ensureDevelopmentKey, readSigningKeys } from './lib/signing-keys.ts';
import { createFileStorage, folderOf } from './lib/storage.ts';
import { createStripe } from './lib/stripe.ts';
import { createTokens } from './lib/tokens.ts';
import { startWorker } from './worker.ts';

/** What a process is started with; `clock` and `log` default to the real ones. */
export type AppOptions = {
  config: Config;
  /** The folder of the built web app; absent: none is served. */
  storefrontFolder?: string | undefined;
  clock?: Clock;
  log?: Log;
  /** What a password hash costs; only tests make it cheaper. */
  passwordCost?: PasswordCost;
};

/** A started process. */
export type App = {
  deps: Deps;
  /** Where the HTTP server listens; null in a process that only works. */
  url: string | null;
  /** Finishes what is under way and stops: not ready at once, then no new requests, then no new jobs. */
  stop(): Promise<void>;
};

/** Brings the schema and the queues up to date, and starts the halves `PROCESS` names. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config } = options;
  const log = options.log ?? createLog(config.logLevel);
  await updateSchema(config, log);
  const db = openDb({
    url: config.databaseUrl,
    poolSize: config.databasePool,
    applicationName: `online-cinema-${config.process}`,
    onError: (error) => log.warn({ err: error }, 'a database connection broke'),
  });

  const isWorker = config.process !== 'api';
  const boss = createBoss({ url: config.databaseUrl, isWorker, poolSize: isWorker ? 5 : 2, log });
  await boss.start();
  const deps: Deps = { config, db, log, queue: createQueue(boss), ...(await createServices(options)) };

  let isStopping = false;
  const http =
    config.process === 'worker'
      ? null
      : await createHttpServer({ deps, isStopping: () => isStopping, storefrontFolder: options.storefrontFolder });
  const url = http ? await http.listen({ port: config.port, host: config.host }) : null;
  if (isWorker) await startWorker(boss, deps, JOBS);
  log.info({ url, process: config.process }, 'started');

  return {
    deps,
    url,
    async stop() {
      isStopping = true;
      await http?.close();
      await boss.stop({ graceful: true, timeout: 20_000 });
      deps.mailer.close();
      await db.destroy();
      log.info('stopped');
    },
  };
}

/** Brings schema and queues up to date: what every start does first, and what a deployment may do before it. */
export async function updateSchema(config: Pick<Config, 'databaseUrl'>, log: Log): Promise<void> {
  // A migration may take longer than any request may.
  const db = openDb({ url: config.databaseUrl, poolSize: 1, statementTimeoutMs: 0, lockTimeoutMs: 0 });
  try {
    const applied = await migrate(db);
    if (applied.length > 0) log.info({ applied }, 'migrated');
  } finally {
    await db.destroy();
  }
  await installQueues(config.databaseUrl, JOBS, log);
}

type Services = Omit<Deps, 'config' | 'db' | 'log' | 'queue'>;

async function createServices({ config, clock = systemClock, passwordCost }: AppOptions): Promise<Services> {
  const keys = await readSigningKeys(config.jwtPrivateKeys ?? (await ensureDevelopmentKey(config.dataDir)));
  const storageFolder = config.storageUrl === undefined ? join(config.dataDir, 'storage') : folderOf(config.storageUrl);
  return {
    clock,
    mailer: createMailer({
      smtpUrl: config.smtpUrl,
      from: config.mailFrom,
      domain: new URL(config.publicUrl).hostname,
    }),
    storage: createFileStorage(storageFolder),
    passwords: createPasswords(passwordCost ?? PRODUCTION_COST),
    tokens: createTokens({ keys, issuer: config.publicUrl, now: () => clock.now() }),
    oneTimeTokens: createOneTimeTokens(config.tokenSecret),
    mediaGrants: createMediaGrants(config.tokenSecret),
    stripe: createStripe(config.stripe),
  };
}
