import { activatedMail, activationMail } from './accounts/jobs.ts';
import type { Job } from './job.ts';
import { stripeEventJob } from './payments/events.ts';
import { orderPaidMail } from './payments/jobs.ts';

/** Every kind of job: a queue is made for each, and the worker works on each. */
export const JOBS = [activationMail, activatedMail, stripeEventJob, orderPaidMail] as Job[];
