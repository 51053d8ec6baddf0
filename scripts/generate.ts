/**
 * Writes every generated file anew: the database types, the client's router type, the refusals of each procedure, the
 * version of the API, the OpenAPI document, the tables of the documentation. All of them are committed, so that a change
 * of schema or API is a diff somebody reads; CI checks that they are fresh.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@online-cinema/db/migrate';
import { openDb } from '@online-cinema/db/open';
import { startPostgres } from '@online-cinema/local-services/postgres';
import { generateClientRouter } from './generate-client-router.ts';
import { generateDbTypes } from './generate-db-types.ts';
import { generateRefusals } from './generate-refusals.ts';
import { generateVersion } from './generate-version.ts';

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
await generateRefusals();
await generateVersion();
await generateClientRouter();
// Made of the refusals as they are now.
const { writeConfiguration, writeReference } = await import('./generate-reference.ts');
await writeReference();
await writeConfiguration();
const { createOpenApiDocument } = await import('@online-cinema/server/http/openapi');
await writeFile(OPENAPI_FILE, `${JSON.stringify(createOpenApiDocument(), null, 2)}\n`);
