import { AdminJob, JobInput, JobListInput, JobPage, RunJob, StartedJob } from '@online-cinema/contract/admin-jobs';
import { Nothing } from '@online-cinema/contract/common';
import { actorOf } from '../audit.ts';
import { adminProcedure, rest, router } from '../trpc.ts';
import { discardJob, listJobs, retryJob, runJob } from './job-queue.ts';

export const jobsRouter = router({
  list: adminProcedure
    .meta(rest('GET', '/admin/jobs', 'The queues and their jobs, newest first', { noStore: true }))
    .input(JobListInput)
    .output(JobPage)
    .query(({ ctx, input }) => listJobs(ctx.deps, input)),

  retry: adminProcedure
    .meta(
      rest('POST', '/admin/jobs/{jobId}/retry', 'Have a job tried again now', {
        description:
          'One that waits for another try is tried now. One that failed for good becomes a new job, which the answer ' +
          'shows; its dead letter is gone then, so that this happens once.',
      }),
    )
    .input(JobInput)
    .output(AdminJob)
    .mutation(({ ctx, input }) => retryJob(ctx.deps, actorOf(ctx), input.jobId)),

  discard: adminProcedure
    .meta(rest('POST', '/admin/jobs/{jobId}/discard', 'Throw away a job that waits or failed', { status: 204 }))
    .input(JobInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => discardJob(ctx.deps, actorOf(ctx), input.jobId)),

  run: adminProcedure
    .meta(
      rest('POST', '/admin/jobs/run', 'Run a clean-up now', {
        status: 202,
        description:
          'Any job that is done by itself from time to time, or `community.recount`, which counts anew what viewers do and ' +
          'say. One that waits already is the one that runs.',
      }),
    )
    .input(RunJob)
    .output(StartedJob)
    .mutation(async ({ ctx, input }) => ({ jobId: await runJob(ctx.deps, actorOf(ctx), input.name) })),
});
