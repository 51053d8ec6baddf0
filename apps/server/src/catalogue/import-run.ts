import { hash } from 'node:crypto';
import { type ImportProblem, MOST_IMPORT_PROBLEMS } from '@online-cinema/contract/imports';
import type { Db } from '@online-cinema/db/open';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { OUR_COLUMNS } from './import-columns.ts';
import { identityOf, planFilms, writePlan } from './import-films.ts';
import {
  addOutcome,
  analyzeFilms,
  beginRun,
  finishImport,
  type ImportRecord,
  lockOutcome,
  selectPlannedFilms,
  setAllChecked,
  setChecked,
} from './import-queries.ts';
import { UnreadableFile } from './import-records.ts';
import { type ImportRow, readRows } from './import-rows.ts';
import { removeObjectsJob } from './jobs.ts';
import { assertPossible } from './moderation.ts';

/** Where the files lie. */
export const IMPORT_FOLDER = 'imports';

/** How often a run may end without progress before the import is given up: as often as its job is tried. */
const MOST_ATTEMPTS = 6;
/** Rows of one transaction. */
const BATCH_ROWS = 250;
/** Rows between two notes of how far the check has come. */
const NOTED_ROWS = 1_000;
/** Postgres looks at the catalogue anew each time as many films have come as it knows of; fewer are nothing to it. */
const LEAST_PLANNED = 1_000;
/** How long one run goes on before it hands on what is left: far from the deadline of its job. */
const RUN_MS = 240_000;

type ImportDeps = Pick<Deps, 'db' | 'storage' | 'queue' | 'config' | 'clock' | 'log'>;

/**
 * Works on an import: checks every row, then writes them, batch by batch. Whoever comes after a run that was killed goes
 * on behind its last batch; of two at once, one stops. When it has taken long, or `signal` says so, it calls `handOn` in
 * the transaction of a batch and ends.
 */
export async function runImport(
  deps: ImportDeps,
  importId: string,
  { signal, handOn }: { signal: AbortSignal; handOn: (trx: Db) => Promise<void> },
): Promise<void> {
  const found = await beginRun(deps.db, importId);
  if (!found) return; // it has ended
  try {
    if (found.state === 'checking' && !(await checkFile(deps, found, signal))) return;
    await writeFile(deps, found, { signal, handOn });
  } catch (error) {
    if (found.attempts >= MOST_ATTEMPTS) await giveUp(deps, found);
    throw error;
  }
}

/** Ends an import that does not get on. */
export async function giveUp(
  deps: Pick<Deps, 'db' | 'queue' | 'clock'>,
  { id, storageKey }: Pick<ImportRecord, 'id' | 'storageKey'>,
): Promise<void> {
  const message = 'The import was given up. It can be sent again: what is written already will be left as it is.';
  const errors = [{ row: null, column: null, message }];
  await end(deps, { id, storageKey }, { state: 'failed', errors, errorCount: 1 });
}

type Ending = Omit<Parameters<typeof finishImport>[2], 'finishedAt'>;

// The file goes with the end.
async function end(
  { db, queue, clock }: Pick<Deps, 'db' | 'queue' | 'clock'>,
  { id, storageKey }: Pick<ImportRecord, 'id' | 'storageKey'>,
  ending: Ending,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (!(await finishImport(trx, id, { ...ending, finishedAt: clock.now() }))) return;
    await queue.enqueue(trx, removeObjectsJob, { keys: [storageKey] });
  });
}

/** Checks every row, and ends the import where something is wrong; tells whether all is well. */
async function checkFile(deps: ImportDeps, found: ImportRecord, signal: AbortSignal): Promise<boolean> {
  const { db, storage } = deps;
  // 64 bits of a hash for each row, and the row: some 50 bytes, so that half a million take 25 MB.
  const seen = new Map<bigint, number>();
  const errors: ImportProblem[] = [];
  const so = { checked: 0, failed: 0, errorCount: 0 };
  let bytesRead = 0;
  const note = (problems: ImportProblem[]) => {
    errors.push(...problems.slice(0, MOST_IMPORT_PROBLEMS - errors.length).map(shorten));
    so.errorCount += problems.length;
  };
  try {
    for await (const row of readRows(counted(storage.read(found.storageKey), (bytes) => (bytesRead += bytes)))) {
      const problems = [...row.problems, ...problemsOf(deps, row, seen)];
      so.checked += 1;
      if (problems.length > 0) so.failed += 1;
      note(problems);
      if (so.checked % NOTED_ROWS !== 0) continue;
      signal.throwIfAborted();
      await setChecked(db, found.id, { ...so, bytesRead });
    }
    if (so.checked === 0) throw new UnreadableFile(null, 'The file has no rows.');
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    note([{ row: error.row, column: null, message: error.message }]);
  }
  if (so.errorCount === 0) {
    await setAllChecked(db, found.id, so.checked, found.byteCount);
    return true;
  }
  await end(deps, found, { state: 'rejected', ...so, errors });
  return false;
}

// Unknown fields and wrong codes are as long as whoever made the file likes.
function shorten({ row, column, message }: ImportProblem): ImportProblem {
  return { row, column: column === null ? null : cut(column, 100), message: cut(message, 1_000) };
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}…`;
}

/** What is wrong with a row beside its cells. */
function problemsOf(deps: ImportDeps, { number, film }: ImportRow, seen: Map<bigint, number>): ImportProblem[] {
  if (!film) return [];
  const key = hash('sha256', identityOf(film), 'buffer').readBigUInt64LE();
  const before = seen.get(key);
  seen.set(key, before ?? number);
  const repeats = { row: number, column: null, message: `This is the film of row ${before} again.` };
  return [...(before === undefined ? [] : [repeats]), ...impossibilities(deps, film, number)];
}

function impossibilities(deps: ImportDeps, film: NonNullable<ImportRow['film']>, row: number): ImportProblem[] {
  try {
    assertPossible(deps, film);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const issues = error.options.issues ?? [];
    return issues.map(({ path, message }) => ({ row, column: OUR_COLUMNS.columnOf(path), message }));
  }
}

async function writeFile(
  deps: ImportDeps,
  found: ImportRecord,
  { signal, handOn }: { signal: AbortSignal; handOn: (trx: Db) => Promise<void> },
): Promise<void> {
  const pause = AbortSignal.any([signal, AbortSignal.timeout(RUN_MS)]);
  let written = found.created + found.updated + found.unchanged;
  let planned = Math.max(await selectPlannedFilms(deps.db), LEAST_PLANNED);
  let added = 0;
  for await (const rows of inBatches(readRows(deps.storage.read(found.storageKey), written))) {
    const isPaused = pause.aborted;
    const outcome = await deps.db.transaction().execute(async (trx) => {
      const before = await lockOutcome(trx, found.id);
      // Another run is here, or was.
      if (!before || before.created + before.updated + before.unchanged !== written) return undefined;
      const films = rows.map(({ film, number }) => {
        if (!film) throw new Error(`row ${number} was well when it was checked`);
        return film;
      });
      const plan = await planFilms(trx, films);
      if (!found.dryRun) await writePlan(trx, plan);
      const { created, updated, unchanged } = plan;
      const outcomeOfBatch = { created: created.length, updated: updated.length, unchanged };
      await addOutcome(trx, found.id, outcomeOfBatch);
      if (isPaused) await handOn(trx);
      return outcomeOfBatch;
    });
    if (!outcome || isPaused) return;
    written += rows.length;
    added += found.dryRun ? 0 : outcome.created;
    // By itself Postgres looks once a minute. Plans for the few films there were would make each batch slower than the last.
    if (added < planned) continue;
    await analyzeFilms(deps.db).catch((error: unknown) => deps.log.warn({ err: error }, 'films were not analyzed'));
    [planned, added] = [planned + added, 0];
  }
  await end(deps, found, { state: 'done' });
}

async function* inBatches(rows: AsyncIterable<ImportRow>): AsyncGenerator<ImportRow[]> {
  let batch: ImportRow[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function* counted(bytes: AsyncIterable<Uint8Array>, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    count(chunk.length);
    yield chunk;
  }
}
