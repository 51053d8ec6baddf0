import { z } from 'zod';
import { Id, Moment, PageInput, pageOf } from './common.ts';

/** Where a job stands. */
export const JobState = z.enum(['waiting', 'retrying', 'active', 'completed', 'canceled', 'failed', 'dead']).meta({
  description:
    '`retrying`: it failed and waits for another try. `failed`: it failed for good; that is kept for a week. ' +
    '`dead`: what is left of such a job, until somebody retries or discards it, for two weeks.',
});
export type JobState = z.infer<typeof JobState>;

/** A job of the queue. */
export const AdminJob = z
  .object({
    id: Id,
    queue: z.string().meta({ examples: ['accounts.activation-mail'] }),
    state: JobState,
    payload: z
      .string()
      .nullable()
      .meta({ description: 'What the job was given, as JSON text: ids only.', examples: ['{"tokenId":"…"}'] }),
    tries: z.int().meta({ description: 'How often it was begun.' }),
    createdAt: Moment.meta({ description: 'Of a dead one: when it failed for good.' }),
    startsAt: Moment.meta({ description: 'When it may begin: in the future while it waits for another try.' }),
    startedAt: Moment.nullable(),
    completedAt: Moment.nullable().meta({ description: 'When it was done, or failed for good.' }),
    error: z.string().nullable().meta({ description: 'Why it failed the last time.' }),
  })
  .meta({ id: 'AdminJob' });
export type AdminJob = z.infer<typeof AdminJob>;

/** A queue and its jobs, as they were counted some seconds ago. */
const JobQueue = z
  .object({
    name: z.string(),
    waiting: z.int().meta({ description: 'With those that wait for another try.' }),
    active: z.int(),
    failed: z.int(),
    dead: z.int(),
  })
  .meta({ id: 'JobQueue' });

export const JobListInput = PageInput.extend({
  queue: z.string().min(1).max(200).optional(),
  state: JobState.optional(),
});
export type JobListInput = z.infer<typeof JobListInput>;

export const JobPage = pageOf(AdminJob)
  .extend({
    queues: z.array(JobQueue).meta({ description: 'Every queue, whatever the filter, by name; counted lately.' }),
  })
  .meta({ id: 'JobPage' });
export type JobPage = z.infer<typeof JobPage>;

export const JobInput = z.strictObject({ jobId: Id });

/**
 * The jobs that are done again and again by themselves, and by an admin who does not want to wait; `community.recount`
 * by an admin only.
 */
export const RecurringJob = z.enum([
  'accounts.clean-up',
  'accounts.sweep-avatars',
  'catalogue.sweep-imports',
  'catalogue.sweep-posters',
  'community.recount',
  'limits.delete-expired',
  'media.clean-up',
  'media.sweep',
  'notifications.clean-up',
  'notifications.digest',
  'orders.expire',
  'payments.reconcile',
  'payments.sweep',
  'playback.clean-up',
  'privacy.clean-up',
  'privacy.delete-due-accounts',
  'recommendations.for-me',
  'recommendations.trending',
]);
export type RecurringJob = z.infer<typeof RecurringJob>;

export const RunJob = z.strictObject({ name: RecurringJob });

export const StartedJob = z.object({ jobId: Id }).meta({ id: 'StartedJob' });
