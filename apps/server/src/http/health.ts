import { isMigrated } from '@online-cinema/db/migrate';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { Deps } from '../deps.ts';

const CHECK_TIMEOUT_MS = 3_000;

/** `/livez`: the process answers. `/readyz`: it can do its work, and is not about to stop. */
export async function mountHealth(
  app: FastifyInstance,
  options: { deps: Pick<Deps, 'db' | 'log'>; isStopping: () => boolean },
): Promise<void> {
  app.get('/livez', async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const checks = options.isStopping() ? { stopping: false } : await inTime(runChecks(options.deps));
    const isReady = Object.values(checks).every(Boolean);
    reply.header('cache-control', 'no-store');
    if (!isReady) reply.header('retry-after', '2');
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks });
  });
}

/** A database that has frozen does not even refuse: who asks for health must not wait with us. */
async function inTime(checks: Promise<Record<string, boolean>>): Promise<Record<string, boolean>> {
  const { promise: late, resolve } = Promise.withResolvers<Record<string, boolean>>();
  const timer = setTimeout(() => resolve({ database: false }), CHECK_TIMEOUT_MS);
  return await Promise.race([checks, late]).finally(() => clearTimeout(timer));
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
