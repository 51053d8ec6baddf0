import { startApp } from './app.ts';
import { readConfig } from './config.ts';

// How long a stop may take before the process goes anyway.
const STOP_TIMEOUT_MS = 30_000;

async function main(): Promise<void> {
  const app = await startApp({ config: readConfig(process.env) });
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

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
