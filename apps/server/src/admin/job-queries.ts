import type { AdminJob, JobState } from '@online-cinema/contract/admin-jobs';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { countCapped, isAfter, orderBy, type Position, type Sort } from '../lib/paging.ts';
import { CAUSE, deadLettersOf, type JobRef, queueOfDeadLetters } from '../lib/queue.ts';

/** The jobs of some queues, or of their dead letters only, or in one state only. */
export type JobFilter = { queues: string[]; state: JobState | undefined };

// By the clock: `now()` is when the transaction began, and it may have waited for one that changed the moment.
const IS_LATER = sql<boolean>`start_after > clock_timestamp()`.as('isLater');

/** Newest first. */
export const JOB_SORT: Sort = {
  by: sql.ref('job.created_on'),
  type: 'timestamptz',
  order: 'desc',
  id: sql.ref('job.id'),
};

export async function selectJobPage(
  db: Db,
  { position, limit, filter }: { position: Position | null; limit: number; filter: JobFilter },
): Promise<(JobRow & { cursorId: string; cursorKey: string })[]> {
  return await filterJobs(db, filter)
    .$if(position !== null, (query) => query.where(isAfter(JOB_SORT, position!)))
    .select(JOB_COLUMNS)
    .select(['job.id as cursorId', sql<string>`job.created_on::text`.as('cursorKey')])
    .orderBy(orderBy(JOB_SORT))
    .limit(limit)
    .execute();
}

export async function countJobs(db: Db, filter: JobFilter): Promise<number> {
  return await countCapped(db, filterJobs(db, filter).select('job.id'));
}

export async function selectJob(db: Db, job: JobRef): Promise<JobRow | undefined> {
  return await fromJobs(db)
    .where('job.name', '=', job.queue)
    .where('job.id', '=', job.id)
    .select(JOB_COLUMNS)
    .executeTakeFirst();
}

/** Finds a job of any queue. No worker takes it, and no other admin, until the transaction ends. */
export async function lockJob(trx: Db, jobId: string) {
  return await fromJobs(trx)
    // The key of the table begins with the queue: without the names this would read all of it.
    .innerJoin('boss.queue as queue', 'queue.name', 'job.name')
    .where('job.id', '=', jobId)
    .where('job.name', 'not like', String.raw`\_\_pgboss%`)
    .select(JOB_COLUMNS)
    .select(['job.source_id as sourceId', 'job.source_root_id as rootId', IS_LATER])
    .forUpdate('job')
    .executeTakeFirst();
}

/** What is left of a job that failed for good. */
export async function selectDeadLetter(db: Db, job: JobRef & { rootId: string | null }): Promise<JobRef | undefined> {
  return await fromJobs(db)
    // The first of a chain of repeated jobs is what its dead letters are found by: that has an index.
    .where('job.source_root_id', '=', job.rootId ?? job.id)
    .where('job.source_id', '=', job.id)
    .where('job.name', '=', deadLettersOf(job.queue))
    .select(['job.name as queue', 'job.id'])
    .executeTakeFirst();
}

/** The job that was just made of a dead letter. */
export async function selectRedriven(db: Db, { queue, rootId }: { queue: string; rootId: string }): Promise<string> {
  const { id } = await fromJobs(db)
    .where('job.source_root_id', '=', rootId)
    .where('job.name', '=', queue)
    // All others of its chain have failed.
    .where('job.state', '=', 'created')
    .select('job.id')
    .executeTakeFirstOrThrow();
  return id;
}

/** The job of a queue that begins next, and whether that is later than now. */
export async function selectWaiting(db: Db, queue: string): Promise<{ id: string; isLater: boolean } | undefined> {
  return await fromJobs(db)
    .where('job.name', '=', queue)
    .where('job.state', 'in', ['created', 'retry'])
    .select(['job.id', IS_LATER])
    .orderBy('job.start_after')
    .orderBy('job.id')
    .limit(1)
    .executeTakeFirst();
}

/** Lets one admin at a time ask for a run of a job, until the transaction ends. */
export async function lockRuns(trx: Db, queue: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext(${`online-cinema.run.${queue}`}))`.execute(trx);
}

/** Tells whether one of the staff has repeated or discarded a job: pg-boss forgets what it had. */
export async function wasDealtWith(db: Db, jobId: string): Promise<boolean> {
  const entry = await db
    .selectFrom('auditEntries')
    .where('targetId', '=', jobId)
    .where('action', 'in', ['jobs.retry', 'jobs.discard'])
    .select('id')
    .limit(1)
    .executeTakeFirst();
  return entry !== undefined;
}

export function toAdminJob({ name, bossState, payload, ...job }: JobRow): AdminJob {
  const home = queueOfDeadLetters(name);
  return { ...job, queue: home ?? name, state: home === null ? STATES[bossState] : 'dead', payload };
}

type BossState = 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';

const STATES = {
  created: 'waiting',
  retry: 'retrying',
  active: 'active',
  completed: 'completed',
  cancelled: 'canceled',
  failed: 'failed',
} as const satisfies Record<BossState, JobState>;

/** The little we read of pg-boss's tables, which are not among ours. */
type BossTables = {
  'boss.job': {
    id: string;
    name: string;
    state: BossState;
    start_after: Date;
    created_on: Date;
    started_on: Date | null;
    completed_on: Date | null;
    source_id: string | null;
    source_root_id: string | null;
  };
  'boss.queue': { name: string };
};

/** A job as {@link toAdminJob} takes it. */
export type JobRow = Omit<AdminJob, 'queue' | 'state'> & { name: string; bossState: BossState };

const JOB_COLUMNS = [
  'job.id',
  'job.name',
  'job.state as bossState',
  sql<string | null>`(job.data - ${sql.lit(CAUSE)})::text`.as('payload'),
  // Both are of the run before, in a dead letter. The count is of repetitions, and a job that never began had none.
  sql<number>`case
    when job.source_id is not null and job.name like '%.dead' then job.source_retry_count + 1
    when job.started_on is null then 0
    else job.retry_count + 1
  end`.as('tries'),
  'job.created_on as createdAt',
  'job.start_after as startsAt',
  'job.started_on as startedAt',
  'job.completed_on as completedAt',
  // A worker's, or pg-boss's own, about a job that took too long.
  sql<string | null>`left(coalesce(
    coalesce(job.source_output, job.output) ->> 'message',
    coalesce(job.source_output, job.output) #>> '{value,message}',
    coalesce(job.source_output, job.output)::text
  ), 2000)`.as('error'),
] as const;

function filterJobs(db: Db, { queues, state }: JobFilter) {
  const letters = queues.map(deadLettersOf);
  const names = state === 'dead' ? letters : state === undefined ? [...queues, ...letters] : queues;
  const bossState = BOSS_STATES.find((each) => STATES[each] === state);
  return fromJobs(db)
    .where(sql<boolean>`job.name = any(${names})`)
    .$if(bossState !== undefined, (query) => query.where('job.state', '=', bossState!));
}

const BOSS_STATES = ['created', 'retry', 'active', 'completed', 'cancelled', 'failed'] as const;

// The plugin that renames columns would rename those of pg-boss too.
function fromJobs(db: Db) {
  return db.withoutPlugins().$extendTables<BossTables>().selectFrom('boss.job as job');
}
