import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type App, startApp, updateSchema } from './app.ts';
import { readConfig, readDatabaseConfig } from './config.ts';
import { createLog, type Log } from './lib/log.ts';

// How long a stop may take before the process goes anyway.
const STOP_TIMEOUT_MS = 35_000;

// The web app, where it was built beside us.
const STOREFRONT = fileURLToPath(new URL('../../storefront/dist', import.meta.url));

async function main([command]: string[]): Promise<void> {
  // A migration needs its database and none of the secrets.
  if (command === 'migrate') return await updateSchema(readDatabaseConfig(process.env), createLog('info'));
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  const storefrontFolder = existsSync(STOREFRONT) ? STOREFRONT : undefined;
  const starting = startApp({ config, log, storefrontFolder });
  stopOnSignal(starting, log);
  // A rejection nobody waits for is a fault of ours, but no reason to drop everybody else's requests.
  process.on('unhandledRejection', (error) => {
    log.error({ err: error }, 'unhandled rejection');
    void starting.then((app) => app.deps.metrics.countUnhandledRejection());
  });
  await starting;
}

// Listened for from the first moment: who is told to stop while he starts, starts, and stops.
function stopOnSignal(starting: Promise<App>, log: Log): void {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    try {
      await (await starting).stop();
      process.exit(0);
    } catch (error) {
      log.error({ err: error }, 'stop failed');
      process.exit(1);
    }
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
