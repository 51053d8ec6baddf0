import { join } from 'node:path';
import { type Db, openDb } from '@online-cinema/db/open';
import { migrate } from '@online-cinema/db/migrate';
import type { PgBoss } from 'pg-boss';
import type { Config } from './config.ts';
import type { Deps } from './deps.ts';
import { startMetricsServer } from './http/metrics.ts';
import { createHttpServer } from './http/server.ts';
import { JOBS } from './jobs.ts';
import { createAnswerMemory } from './lib/answer-memory.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { createFfmpeg } from './lib/ffmpeg.ts';
import { createListener } from './lib/listener.ts';
import { createLog, type Log } from './lib/log.ts';
import { createLoginChallenges } from './lib/login-challenges.ts';
import { createMailer } from './lib/mailer.ts';
import { createMediaGrants } from './lib/media-grants.ts';
import { createMetrics } from './lib/metrics.ts';
import { createOneTimeTokens } from './lib/one-time-tokens.ts';
import { createPasswords, type PasswordCost, PRODUCTION_COST } from './lib/passwords.ts';
import { createPictures } from './lib/pictures.ts';
import { createBoss, createQueue, installQueues } from './lib/queue.ts';
import { createRateLimiter, noLimits } from './lib/rate-limit.ts';
import { noReplica, openReplica } from './lib/replica.ts';
import { ensureDevelopmentKey, readSigningKeys } from './lib/signing-keys.ts';
import { createS3Storage, readS3Url } from './lib/storage-s3.ts';
import { createFileStorage, folderOf, type Storage } from './lib/storage.ts';
import { createStripe } from './lib/stripe.ts';
import { createRecoveryCodes } from './lib/recovery-codes.ts';
import { assertTimeZoneKnown } from './lib/time-zone.ts';
import { createTokens } from './lib/tokens.ts';
import { createTotp } from './lib/totp.ts';
import { traceStatements } from './lib/traced-statements.ts';
import { noTracing, type Tracing } from './lib/tracing.ts';
import { createUserStreams } from './lib/user-streams.ts';
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
  /** Where Prometheus reads; null when `METRICS_PORT` names no port. */
  metricsUrl: string | null;
  /** Finishes what is under way and stops: not ready at once, then no new requests, then no new jobs. */
  stop(): Promise<void>;
};

/** Brings the schema and the queues up to date, and starts the halves `PROCESS` names. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config } = options;
  const log = options.log ?? createLog(config.logLevel);
  await updateSchema(config, log);
  const { deps, boss, close } = await openDeps({ ...options, log });
  await assertTimeZoneKnown(deps.db, config.shopTimeZone).catch(async (error: unknown) => {
    await close();
    throw error;
  });

  let isStopping = false;
  const http =
    config.process === 'worker'
      ? null
      : await createHttpServer({ deps, isStopping: () => isStopping, storefrontFolder: options.storefrontFolder });
  const metricsServer =
    config.metricsPort === undefined
      ? null
      : await startMetricsServer({ metrics: deps.metrics, port: config.metricsPort, host: config.metricsHost, log });
  // A process that answers nobody remembers nothing.
  if (http && config.answerMemoryMb > 0) forgetWhatChanges(deps);
  const url = http ? await http.listen({ port: config.port, host: config.host }) : null;
  if (config.process !== 'api') await startWorker(boss, deps, JOBS);
  log.info({ url, process: config.process }, 'started');

  return {
    deps,
    url,
    metricsUrl: metricsServer?.url ?? null,
    async stop() {
      isStopping = true;
      // They would not end by themselves. Whoever reads them asks another process.
      deps.streams.close();
      await http?.close();
      await metricsServer?.stop();
      await close();
      log.info('stopped');
    },
  };
}

// Whoever changes the catalogue tells everybody. While nothing is heard, nothing is remembered.
function forgetWhatChanges({ listener, answers }: Pick<Deps, 'listener' | 'answers'>): void {
  listener.listen('catalogue_changed', {
    onNotice: () => answers.clear(),
    onHearing: () => answers.listen(true),
    onDeaf: () => answers.listen(false),
  });
}

/** Opens what the domain may reach, and nothing that waits for requests or jobs. The schema must be up to date. */
export async function openDeps(options: AppOptions): Promise<{ deps: Deps; boss: PgBoss; close: () => Promise<void> }> {
  const { config, log = createLog(options.config.logLevel) } = options;
  const tracing = await openTracing(config, log);
  const db = openDb({
    url: config.databaseUrl,
    poolSize: config.databasePool,
    preparedStatements: config.preparedStatements,
    applicationName: `online-cinema-${config.process}`,
    onError: (error) => log.warn({ err: error }, 'a database connection broke'),
    ...(config.tracing && { onStatement: traceStatements(tracing, config.databaseUrl) }),
  });

  const isWorker = config.process !== 'api';
  const boss = createBoss({ url: config.databaseUrl, isWorker, poolSize: isWorker ? 5 : 2, log });
  await boss.start();
  const queue = createQueue(boss, tracing);
  const metrics = createMetrics({
    readQueues: () => queue.count(),
    withProcess: config.metricsPort !== undefined,
    log,
  });
  const replica =
    config.replicaUrl === undefined
      ? noReplica(db)
      : openReplica({
          url: config.replicaUrl,
          primary: db,
          primaryUrl: config.databaseUrl,
          poolSize: config.databasePool,
          preparedStatements: config.preparedStatements,
          applicationName: `online-cinema-${config.process}`,
          ...(config.tracing && { onStatement: traceStatements(tracing, config.replicaUrl) }),
          metrics,
          log,
        });
  const listener = createListener({ url: config.databaseUrl, log });
  const deps: Deps = {
    config,
    db,
    replica,
    log,
    metrics,
    tracing,
    queue,
    listener,
    streams: createUserStreams({ listener, channel: 'notifications' }),
    ...(await createServices({ ...options, log }, db, tracing)),
  };
  async function close(): Promise<void> {
    // A transcode takes longer than any stop may: its job is done again elsewhere.
    deps.ffmpeg.close();
    await boss.stop({ graceful: true, timeout: 20_000 });
    deps.mailer.close();
    await listener.close();
    await replica.close();
    await db.destroy();
    await tracing.close();
  }
  return { deps, boss, close };
}

// OpenTelemetry's SDK is loaded only by who uses it.
async function openTracing(config: Config, log: Log): Promise<Tracing> {
  if (!config.tracing) return noTracing;
  const { startTracing } = await import('./lib/tracing-otel.ts');
  return startTracing(config.tracing, { log, process: config.process });
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

type Services = Omit<
  Deps,
  'config' | 'db' | 'replica' | 'log' | 'metrics' | 'tracing' | 'queue' | 'listener' | 'streams'
>;

async function createServices(
  { config, clock = systemClock, passwordCost, log }: AppOptions & { log: Log },
  db: Db,
  tracing: Tracing,
): Promise<Services> {
  const keys = await readSigningKeys(config.jwtPrivateKeys ?? (await ensureDevelopmentKey(config.dataDir)));
  return {
    clock,
    answers: createAnswerMemory({ megabytes: config.answerMemoryMb, clock }),
    mailer: createMailer({
      smtpUrl: config.smtpUrl,
      from: config.mailFrom,
      domain: new URL(config.publicUrl).hostname,
      dkim: config.dkim,
      tracing,
    }),
    storage: openStorage(config),
    pictures: createPictures(),
    ffmpeg: createFfmpeg({ ...config.ffmpeg, log }),
    passwords: createPasswords(passwordCost ?? PRODUCTION_COST),
    tokens: createTokens({ keys, issuer: config.publicUrl, now: () => clock.now() }),
    oneTimeTokens: createOneTimeTokens(config.tokenSecret),
    loginChallenges: createLoginChallenges(config.tokenSecret),
    totp: createTotp(config.tokenSecret),
    recoveryCodes: createRecoveryCodes(config.tokenSecret),
    mediaGrants: createMediaGrants(config.tokenSecret),
    limits: config.rateLimits.areOn ? createRateLimiter({ db, clock, secret: config.tokenSecret }) : noLimits,
    stripe: createStripe({ ...config.stripe, tracing }),
  };
}

function openStorage({ storageUrl, dataDir, s3 }: Config): Storage {
  if (storageUrl === undefined) return createFileStorage(join(dataDir, 'storage'));
  if (storageUrl.startsWith('s3:')) return createS3Storage({ ...readS3Url(storageUrl), ...s3 });
  return createFileStorage(folderOf(storageUrl));
}
