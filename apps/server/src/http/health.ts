import { isMigrated } from '@online-cinema/db/migrate';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { Deps } from '../deps.ts';

/** `/livez`: the process answers. `/readyz`: it can do its work, and is not about to stop. */
export async function mountHealth(
  app: FastifyInstance,
  options: { deps: Pick<Deps, 'db' | 'log'>; isStopping: () => boolean },
): Promise<void> {
  app.get('/livez', async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const checks = options.isStopping() ? { stopping: false } : await runChecks(options.deps);
    const isReady = Object.values(checks).every(Boolean);
    reply.header('cache-control', 'no-store');
    if (!isReady) reply.header('retry-after', '2');
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks });
  });
}

async function runChecks({ db, log }: Pick<Deps, 'db' | 'log'>): Promise<Record<string, boolean>> {
  try {
    const { rows } = await sql<{ queue: boolean }>`select to_regclass('boss.job') is not null as queue`.execute(db);
    return { database: true, migrations: await isMigrated(db), queue: rows[0]?.queue === true };
  } catch (error) {
    log.warn({ err: error }, 'not ready');
    return { database: false };
  }
}
