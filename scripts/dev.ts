/**
 * What `npm start` runs: the whole cinema on this machine, with nothing to set up. Starts what production gets from
 * outside (unless the environment names the real thing), fills an empty database, and runs API and worker.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startInbox } from '@online-cinema/local-services/inbox';
import { startPostgres } from '@online-cinema/local-services/postgres';
import { startStripeSimulator } from '@online-cinema/local-services/stripe';
import { openDeps, startApp, updateSchema } from '@online-cinema/server/app';
import { type Config, readConfig } from '@online-cinema/server/config';
import { createLog } from '@online-cinema/server/lib/log';
import { listStarters, watchStarters } from './dev/ancestors.ts';
import { drawBox } from './dev/box.ts';
import { assertPortsFree, readPorts } from './dev/ports.ts';
import { forgetRun, takeOver } from './dev/run-file.ts';
import { ensureStorefront } from './dev/storefront.ts';
import { listWaysIn } from './dev/ways-in.ts';
import { seedDemo } from './seed/seed.ts';

/** Stopped in reverse order. */
const running: { stop(): Promise<void> }[] = [];
let dataDir = '.data';
let stopping: Promise<void> | null = null;

async function start(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  dataDir = resolve(process.env['DATA_DIR'] || '.data');
  const ports = readPorts(process.env);
  const starters = listStarters();
  process.on('SIGINT', () => void stop(0));
  process.on('SIGTERM', () => void stop(0));
  watchStarters(starters, () => void stop(1));

  await takeOver(dataDir, starters);
  const local = {
    postgres: !process.env['DATABASE_URL'],
    mail: !process.env['SMTP_URL'],
    stripe: !process.env['STRIPE_SECRET_KEY'],
  };
  await assertPortsFree({
    PORT: ports.PORT,
    ...(local.postgres && { POSTGRES_PORT: ports.POSTGRES_PORT }),
    ...(local.mail && { INBOX_PORT: ports.INBOX_PORT, SMTP_PORT: ports.SMTP_PORT }),
    ...(local.stripe && { STRIPE_SIMULATOR_PORT: ports.STRIPE_SIMULATOR_PORT }),
  });

  const [postgres, inbox, stripe] = await Promise.all([
    local.postgres ? keep(startPostgres({ dataDir: join(dataDir, 'postgres'), port: ports.POSTGRES_PORT })) : null,
    local.mail ? keep(startInbox({ port: ports.INBOX_PORT, smtpPort: ports.SMTP_PORT })) : null,
    local.stripe
      ? keep(
          startStripeSimulator({
            port: ports.STRIPE_SIMULATOR_PORT,
            dataFile: join(dataDir, 'stripe-simulator.json'),
            webhookUrl: `http://127.0.0.1:${ports.PORT}/webhooks/stripe`,
          }),
        )
      : null,
  ]);
  const config = readConfig({
    LOG_LEVEL: 'warn',
    // Where the usual dev servers of web apps run.
    CORS_ORIGINS: 'http://localhost:3000,http://localhost:5173',
    ...process.env,
    DATA_DIR: dataDir,
    ...(postgres && { DATABASE_URL: postgres.url }),
    ...(inbox && { SMTP_URL: inbox.smtpUrl }),
    ...(stripe && { STRIPE_API_URL: stripe.url }),
  });
  // Everybody knows the demo's password: a cinema in earnest begins empty, and with a link for its first admin.
  if (process.env['DEMO_SEED'] !== 'false' && !config.isProduction) await seed(config);
  const app = await keep(startApp({ config, storefrontFolder: ensureStorefront() }));

  const rows: [string, string][] = [
    ['App', config.publicUrl],
    ['API docs', `${config.publicUrl}/docs`],
    ...(inbox ? [['Inbox', inbox.url] as [string, string]] : []),
    ...(stripe ? [['Stripe simulator', stripe.url] as [string, string]] : []),
    ...(postgres ? [['Database', postgres.url] as [string, string]] : []),
    ...(await listWaysIn(app.deps, process.env['ADMIN_EMAIL'])),
    ...(stripe ? [['Pay with', 'card 4242 4242 4242 4242, any date and CVC'] as [string, string]] : []),
  ];
  console.log(`\n${drawBox('Online Cinema', rows)}\n\nCtrl-C stops everything.`);
}

// Before anybody is answered: whoever finds the cinema ready finds its films and accounts.
async function seed(config: Config): Promise<void> {
  const log = createLog(config.logLevel);
  await updateSchema(config, log);
  const { deps, close } = await openDeps({ config, log });
  try {
    await seedDemo(deps);
  } finally {
    await close();
  }
}

async function keep<Service extends { stop(): Promise<void> }>(starting: Promise<Service>): Promise<Service> {
  const service = await starting;
  running.push(service);
  return service;
}

async function stop(exitCode: number): Promise<void> {
  stopping ??= (async () => {
    for (const service of running.toReversed()) await service.stop();
    forgetRun(dataDir);
  })();
  await stopping;
  process.exit(exitCode);
}

start().catch(async (error: unknown) => {
  console.error(`\nThe cinema did not start.\n${error instanceof Error ? error.message : String(error)}\n`);
  await stop(1);
});
