import type { AdminJob, JobListInput, JobPage, RecurringJob } from '@online-cinema/contract/admin-jobs';
import { inTransaction } from '@online-cinema/db/transaction';
import { z } from 'zod';
import { assertStillAdmin } from '../accounts/standing.ts';
import { audit, type CallingActor } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { readPage } from '../lib/paging.ts';
import type { JobRef } from '../lib/queue.ts';
import {
  countJobs,
  JOB_SORT,
  type JobRow,
  lockJob,
  lockRuns,
  selectDeadLetter,
  selectJob,
  selectJobPage,
  selectRedriven,
  selectWaiting,
  toAdminJob,
  wasDealtWith,
} from './job-queries.ts';

type JobDeps = Pick<Deps, 'db' | 'queue'>;
type ActDeps = Pick<Deps, 'db' | 'queue' | 'clock'>;

/** The queues, and their jobs, newest first. */
export async function listJobs(
  { db, queue }: JobDeps,
  { queue: name, state, ...page }: JobListInput,
): Promise<JobPage> {
  const queues = await queue.count();
  const names = queues.map((each) => each.name).filter((each) => name === undefined || each === name);
  const filter = { queues: names, state };
  const jobs = await readPage<JobRow, AdminJob>(page, {
    query: { list: 'jobs', queue: name, state },
    sort: JOB_SORT,
    select: (position, limit) => selectJobPage(db, { position, limit, filter }),
    count: () => countJobs(db, filter),
    toItem: toAdminJob,
  });
  return { ...jobs, queues };
}

/**
 * Has a job done again: one that waits for another try, now; one that failed for good, as a new job made of its dead
 * letter, which is gone then. However many ask at once, it is done again once.
 *
 * @returns the job that will be done: the same, or the new one.
 * @throws AppError `not_found`, `job_not_retryable`.
 */
export async function retryJob({ db, queue, clock }: ActDeps, actor: CallingActor, jobId: string): Promise<AdminJob> {
  return await inTransaction(db, async (trx) => {
    const job = await lockJob(trx, jobId);
    await assertStillAdmin({ clock }, trx, actor);
    if (!job) throw new AppError((await wasDealtWith(trx, jobId)) ? 'job_not_retryable' : 'not_found');
    const { queue: home, state } = toAdminJob(job);
    const here = { queue: job.name, id: job.id };

    let next: JobRef;
    if (state === 'retrying' && job.isLater) {
      await queue.hasten(trx, here);
      next = here;
    } else {
      const letter = state === 'dead' ? here : state === 'failed' && (await selectDeadLetter(trx, { ...here, ...job }));
      if (!letter || !(await queue.redrive(trx, letter))) throw new AppError('job_not_retryable');
      const failedId = state === 'dead' ? job.sourceId : job.id;
      const rootId = job.rootId ?? failedId;
      if (rootId === null) throw new Error(`dead letter ${job.id} came from nowhere`);
      next = { queue: home, id: await selectRedriven(trx, { queue: home, rootId }) };
    }
    await audit(trx, { actor, action: 'jobs.retry', target: targetOf(job), details: { queue: home, as: next.id } });
    const row = await selectJob(trx, next);
    if (!row) throw new AppError('job_not_retryable');
    return toAdminJob(row);
  });
}

/**
 * Throws a job away that waits or failed, with what is left of it in the dead letters.
 *
 * @throws AppError `not_found`, `job_not_discardable`.
 */
export async function discardJob({ db, queue, clock }: ActDeps, actor: CallingActor, jobId: string): Promise<void> {
  await inTransaction(db, async (trx) => {
    const job = await lockJob(trx, jobId);
    await assertStillAdmin({ clock }, trx, actor);
    if (!job) throw new AppError((await wasDealtWith(trx, jobId)) ? 'job_not_discardable' : 'not_found');
    const { queue: home, state } = toAdminJob(job);
    if (!DISCARDABLE.includes(state)) throw new AppError('job_not_discardable');
    const letter = state === 'failed' && (await selectDeadLetter(trx, { queue: job.name, ...job }));
    if (letter) await queue.remove(trx, letter.queue, [letter.id]);
    await queue.remove(trx, job.name, [job.id]);
    await audit(trx, { actor, action: 'jobs.discard', target: targetOf(job), details: { queue: home, state } });
  });
}

/**
 * Has a job that is done by itself done now. When one waits already, that one is.
 *
 * @returns its id.
 */
export async function runJob({ db, queue, clock }: ActDeps, actor: CallingActor, name: RecurringJob): Promise<string> {
  return await inTransaction(db, async (trx) => {
    await lockRuns(trx, name);
    await assertStillAdmin({ clock }, trx, actor);
    const waiting = await selectWaiting(trx, name);
    if (waiting && !waiting.isLater) return waiting.id;
    if (waiting) await queue.hasten(trx, { queue: name, id: waiting.id });
    const jobId = waiting?.id ?? (await queue.enqueue(trx, { name, data: NO_DATA }, {}));
    await audit(trx, { actor, action: 'jobs.run', target: targetOf({ id: jobId }), details: { queue: name } });
    return jobId;
  });
}

const NO_DATA = z.strictObject({});
const DISCARDABLE: readonly AdminJob['state'][] = ['waiting', 'retrying', 'failed', 'dead'];

function targetOf({ id }: { id: string }) {
  return { kind: 'job', id };
}
