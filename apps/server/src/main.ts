import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startApp, updateSchema } from './app.ts';
import { readConfig, readDatabaseConfig } from './config.ts';
import { createLog } from './lib/log.ts';

// How long a stop may take before the process goes anyway.
const STOP_TIMEOUT_MS = 35_000;

// The web app, where it was built beside us.
const STOREFRONT = fileURLToPath(new URL('../../storefront/dist', import.meta.url));

async function main([command]: string[]): Promise<void> {
  // A migration needs its database and none of the secrets.
  if (command === 'migrate') return await updateSchema(readDatabaseConfig(process.env), createLog('info'));
  const config = readConfig(process.env);
  const storefrontFolder = existsSync(STOREFRONT) ? STOREFRONT : undefined;
  const app = await startApp({ config, storefrontFolder });
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    app.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        app.deps.log.error({ err: error }, 'stop failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // A rejection nobody waits for is a fault of ours, but no reason to drop everybody else's requests.
  process.on('unhandledRejection', (error) => app.deps.log.error({ err: error }, 'unhandled rejection'));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
