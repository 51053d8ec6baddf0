import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { sql } from 'kysely';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { aFilm, exportFilms, toLines } from '../testing/imports.ts';
import { listJobs } from '../testing/jobs.ts';
import { startServerProcess } from '../testing/process.ts';
import { importJob } from './import-jobs.ts';

// Nobody works here but those a test starts.
let app: TestApp;
let moderator: Viewer;
beforeAll(async () => {
  app = await startTestApp({ PROCESS: 'api' });
  moderator = await app.signIn({ role: 'moderator' });
});
beforeEach(async () => {
  await app.db.deleteFrom('movies').execute();
  await sql`delete from boss.job`.execute(app.db);
});
afterAll(() => app[Symbol.asyncDispose]());

const films = Array.from({ length: 900 }, (_, index) => aFilm({ name: `Film ${index}`, genres: ['Drama'] }));
const start = async () => (await moderator.client.movies.import.mutate({ file: new Blob([toLines(films)]) })).jobId;
const status = (jobId: string) => moderator.client.movies.importStatus.query({ jobId });
const work = (jobId: string, signal = new AbortController().signal) =>
  importJob.run(app.deps, { importId: jobId }, signal);

async function expectWhole(jobId: string, counts: object): Promise<void> {
  expect(await status(jobId)).toMatchObject({ state: 'done', progress: 1, counts: { rows: 900, ...counts } });
  expect((await exportFilms(moderator)).map(({ name }) => name).toSorted()).toEqual(
    films.map(({ name }) => name).toSorted(),
  );
  const genres = await app.db.selectFrom('genres').where('name', '=', 'Drama').select('movieCount').execute();
  expect(genres).toEqual([{ movieCount: 900 }]);
}

test('an import whose worker is killed goes on behind the last batch that was written', async () => {
  const held = await createMovie(app.db, { name: 'Film 700', year: 1995 });
  await app.db.updateTable('movies').set({ time: 100 }).where('id', '=', held.id).execute();
  const jobId = await start();
  await app.db.transaction().execute(async (trx) => {
    // The worker comes as far as the batch with this film.
    await trx.selectFrom('movies').where('id', '=', held.id).select('id').forUpdate().execute();
    await using other = await startServerProcess({
      PUBLIC_URL: app.config.publicUrl,
      DATABASE_URL: app.config.databaseUrl,
      DATA_DIR: app.config.dataDir,
    });
    await vi.waitFor(
      async () => {
        const { rows } = await sql`
          select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
            and query like '%for no key update%'`.execute(app.db);
        expect(rows).toHaveLength(1);
      },
      { timeout: 20_000, interval: 20 },
    );
    other.child.kill('SIGKILL');
    await other.exited;
  });
  expect(await status(jobId)).toMatchObject({ state: 'importing', counts: { created: 500, updated: 0 } });
  const written = await exportFilms(moderator);
  expect(written).toHaveLength(501);

  await work(jobId);
  await expectWhole(jobId, { created: 899, updated: 1, unchanged: 0 });
});

test('a run that has taken long enough writes its batch and hands on the rest', async () => {
  const jobId = await start();
  for (const [created, left] of [
    [250, 1],
    [500, 1],
    [750, 1],
    [900, 1],
    [900, 0],
  ]) {
    await sql`delete from boss.job`.execute(app.db);
    await work(jobId, AbortSignal.abort());
    expect((await status(jobId)).counts.created).toBe(created);
    expect(await listJobs(app, importJob.name)).toHaveLength(left ?? 0);
  }
  await expectWhole(jobId, { created: 900 });
});

test('two runs at once write every row once', async () => {
  const jobId = await start();
  await Promise.all([work(jobId), work(jobId), work(jobId)]);
  await expectWhole(jobId, { created: 900, updated: 0, unchanged: 0 });
  await work(jobId);
  await expectWhole(jobId, { created: 900, updated: 0, unchanged: 0 });
});

test('an import that fails again and again is given up, and says so', async () => {
  const jobId = await start();
  await app.deps.storage.remove('imports');
  for (let attempt = 1; attempt < 6; attempt += 1) await expect(work(jobId)).rejects.toThrow('ENOENT');
  expect((await status(jobId)).state).toBe('checking');
  await expect(work(jobId)).rejects.toThrow('ENOENT');
  expect(await status(jobId)).toMatchObject({ state: 'failed', errors: [{ row: null, column: null }], errorCount: 1 });
  await work(jobId);
});
