import { openDeps } from '@online-cinema/server/app';
import { readConfig } from '@online-cinema/server/config';
import type { Deps } from '@online-cinema/server/deps';
import { readPorts } from '../dev/ports.ts';

/** Does something with the cinema of the environment: the same database, secrets and settings as its server has. */
export async function withCinema(act: (deps: Deps) => Promise<void>): Promise<void> {
  // Only a server works on jobs; what is enqueued here waits for it.
  const env = { LOG_LEVEL: 'warn', ...withDatabaseUrl(process.env), PROCESS: 'api', METRICS_PORT: '' };
  const { deps, close } = await openDeps({ config: readConfig(env) });
  try {
    await act(deps);
  } finally {
    await close();
  }
}

/** Where no database is named, it is the one of `npm start`. */
export function withDatabaseUrl(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const url = env['DATABASE_URL'] || `postgres://cinema:cinema@127.0.0.1:${readPorts(env).POSTGRES_PORT}/cinema`;
  return { ...env, DATABASE_URL: url };
}
