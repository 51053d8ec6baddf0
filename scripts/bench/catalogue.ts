import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrate } from '@online-cinema/db/migrate';
import { startPostgres } from '@online-cinema/local-services/postgres';
import { readConfig } from '@online-cinema/server/config';
import { type Case, makeCases } from './catalogue/cases.ts';
import { explain, type ListeningDb, openListeningDb } from './catalogue/plans.ts';
import { generateCatalogue } from './generate-catalogue.ts';

// Asks the catalogue all that it can be asked, and has Postgres explain the very statements it was sent: how long each
// takes, and whether one reads or sorts what grows with the catalogue. Prints a table, and fails for such a plan.
const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    films: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    /** A database that was generated before; nothing is written to it. */
    database: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});

// A search of half a million films keeps them in mind page by page; with the default of 4 MB it knows them less exactly, and
// looks at more of them.
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  work_mem: '32MB',
};
const RUNS = 5;

await (values.database === undefined ? benchGenerated() : bench(values.database));

async function benchGenerated(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cinema-bench-catalogue-'));
  try {
    await using postgres = await startPostgres({ dataDir, settings: SETTINGS });
    const { db } = openListeningDb(postgres.url);
    await migrate(db);
    await db.destroy();
    const startedAt = performance.now();
    await generateCatalogue(postgres.url, { films: Number(values.films), seed: Number(values.seed) });
    console.error(`${values.films} films in ${Math.round((performance.now() - startedAt) / 1000)} s`);
    await bench(postgres.url);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function bench(url: string): Promise<void> {
  const listening = openListeningDb(url);
  const { db } = listening;
  try {
    const cases = await makeCases({ db, config: readConfig({ NODE_ENV: 'test', DATABASE_URL: url }) });
    console.log('| asked | found | Postgres ms | with all round ms | pages read | |\n|---|---|---|---|---|---|');
    for (const each of cases.filter(({ name }) => name.includes(values.only))) await benchCase(listening, each);
  } finally {
    await db.destroy();
  }
}

async function benchCase({ db, heard }: ListeningDb, { name, run }: Case): Promise<void> {
  const found = await run();
  const times: number[] = [];
  for (let number = 0; number < RUNS; number += 1) {
    heard.length = 0;
    const startedAt = performance.now();
    await run();
    times.push(performance.now() - startedAt);
  }
  const statements = heard.slice();
  const explained = await explain(db, statements);
  const faults = explained.flatMap((statement) => statement.faults);
  if (faults.length > 0) process.exitCode = 1;
  const sum = (of: (statement: (typeof explained)[number]) => number) =>
    explained.reduce((total, each) => total + of(each), 0);
  const cells = [
    name,
    found,
    sum(({ ms }) => ms).toFixed(1),
    median(times).toFixed(1),
    sum(({ buffers }) => buffers),
    faults.join('; '),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

function median(numbers: number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
}
