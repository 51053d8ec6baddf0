/**
 * Writes every generated file anew: the database types, the client's router type, the OpenAPI document. All of them are
 * committed, so that a change of schema or API is a diff somebody reads; CI checks that they are fresh.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@online-cinema/db/migrate';
import { openDb } from '@online-cinema/db/open';
import { startPostgres } from '@online-cinema/local-services/postgres';
import { createOpenApiDocument } from '@online-cinema/server/http/openapi';
import { generateClientRouter } from './generate-client-router.ts';
import { generateDbTypes } from './generate-db-types.ts';

const OPENAPI_FILE = new URL('../docs/openapi.json', import.meta.url);

async function generateFromMigrations(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cinema-generate-'));
  const postgres = await startPostgres({ dataDir });
  try {
    const db = openDb({ url: postgres.url });
    await migrate(db);
    await db.destroy();
    await generateDbTypes(postgres.url);
  } finally {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

await generateFromMigrations();
await generateClientRouter();
await writeFile(OPENAPI_FILE, `${JSON.stringify(createOpenApiDocument(), null, 2)}\n`);
