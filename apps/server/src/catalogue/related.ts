import type { Page } from '@online-cinema/contract/common';
import type { Related, RelatedKind, RelatedListInput } from '@online-cinema/contract/related';
import { inTransaction } from '@online-cinema/db/transaction';
import pg from 'pg';
import { type Actor, audit } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { readPage } from '../lib/paging.ts';
import { personRenamedJob } from './jobs.ts';
import { SINGULAR } from './movie-writes.ts';
import {
  countRelated,
  deleteRelatedRow,
  insertRelated,
  lockRelatedForUpdate,
  type Person,
  refreshPersonBatch,
  RELATED_SORT,
  selectRelated,
  selectRelatedPage,
  updateRelatedName,
} from './related-queries.ts';

type Staff = NonNullable<Actor>;

/** The names of a kind, sorted; those that hold the query, when there is one. @throws AppError `invalid_cursor`. */
export async function listRelated(
  { db }: Pick<Deps, 'db'>,
  kind: RelatedKind,
  { query: asked, ...page }: RelatedListInput,
): Promise<Page<Related>> {
  const query = asked === undefined || asked === '' ? null : asked;
  return await readPage(page, {
    query: { list: kind, query },
    sort: RELATED_SORT,
    select: (position, limit) => selectRelatedPage(db, { kind, query, position, limit }),
    count: () => countRelated(db, kind, query),
    toItem: (row) => row,
  });
}

/** One of a kind. @throws AppError `not_found`. */
export async function getRelated({ db }: Pick<Deps, 'db'>, kind: RelatedKind, id: string): Promise<Related> {
  const row = await selectRelated(db, kind, id);
  if (!row) throw new AppError('not_found');
  return row;
}

/** Makes a name. @throws AppError `name_taken`, whatever its case. */
export async function createRelated(
  { db }: Pick<Deps, 'db'>,
  actor: Staff,
  { kind, name }: { kind: RelatedKind; name: string },
): Promise<Related> {
  return await inTransaction(db, async (trx) => {
    const row = await insertRelated(trx, kind, name);
    if (!row) throw new AppError('name_taken');
    await audit(trx, { actor, action: `${kind}.create`, target: { kind: SINGULAR[kind], id: row.id } });
    return row;
  });
}

/**
 * Gives one of a kind another name; only its case may change too. The films of a person are found by the new name: the
 * first of them at once, the others when a job has come to them.
 *
 * @throws AppError `not_found`, `name_taken`.
 */
export async function renameRelated(
  { db, queue }: Pick<Deps, 'db' | 'queue'>,
  actor: Staff,
  { kind, id, name }: { kind: RelatedKind; id: string; name: string },
): Promise<Related> {
  const person: Person | null = kind === 'stars' || kind === 'directors' ? { kind, id } : null;
  const row = await inTransaction(db, async (trx) => {
    const before = await lockRelatedForUpdate(trx, kind, id);
    if (!before) throw new AppError('not_found');
    if (before.name === name) return before;
    await updateRelatedName(trx, kind, { id, name });
    // Never in this transaction: whoever writes a film locks it before the counters of its names.
    if (person) await queue.enqueue(trx, personRenamedJob, person);
    const details = { fields: 'name' };
    await audit(trx, { actor, action: `${kind}.rename`, target: { kind: SINGULAR[kind], id }, details });
    return { ...before, name };
  }).catch((error: unknown) => {
    throw isRefused(error, '23505') ? new AppError('name_taken') : error;
  });
  if (person) await refreshPersonBatch(db, person, null);
  return row;
}

/** Deletes one of a kind that no film has. @throws AppError `not_found`, `in_use`, by a withdrawn film too. */
export async function deleteRelated(
  { db }: Pick<Deps, 'db'>,
  actor: Staff,
  { kind, id }: { kind: RelatedKind; id: string },
): Promise<void> {
  await inTransaction(db, async (trx) => {
    if (!(await deleteRelatedRow(trx, kind, id))) throw new AppError('not_found');
    await audit(trx, { actor, action: `${kind}.delete`, target: { kind: SINGULAR[kind], id } });
  }).catch((error: unknown) => {
    throw isRefused(error, '23503') ? new AppError('in_use') : error;
  });
}

function isRefused(error: unknown, sqlState: string): boolean {
  return error instanceof pg.DatabaseError && error.code === sqlState;
}
